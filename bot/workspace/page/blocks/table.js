// The table block: first row is the heading; a cell is raw text or rich text.
import { h } from "../core/dom.js";
import { withEmoji } from "../text/emoji.js";
import { richText } from "../text/richtext.js";

export function cellContent(cell, surface) {
  if (cell?.type === "rich_text") return richText(cell, surface);
  if (cell?.type === "raw_number") return String(cell.text ?? cell.number ?? cell.value ?? "");
  return withEmoji(String(cell?.text ?? cell?.value ?? ""));
}

export function table(block, surface) {
  const settings = block.column_settings ?? [];
  const rows = (block.rows ?? []).map((row, index) =>
    h(
      "tr",
      {},
      row.map((cell, column) => {
        const align = ["left", "center", "right"].includes(settings[column]?.align)
          ? `align-${settings[column].align}`
          : "";
        const wrap = settings[column]?.is_wrapped ? "wrapped" : "";
        return h(
          index ? "td" : "th",
          { class: `${align} ${wrap}`.trim() || null, scope: index ? null : "col" },
          cellContent(cell, surface),
        );
      }),
    ),
  );
  return h(
    "div",
    { class: "block table-scroll", tabindex: "0", role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, rows.slice(0, 1)), h("tbody", {}, rows.slice(1))),
  );
}
