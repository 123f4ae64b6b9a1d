// Numbers: data_table with its pages, data_visualization as a table with bars (readable by everybody).
import { fill, h, uid } from "../core/dom.js";
import { cellContent } from "./table.js";

const PAGE = 5; // docs.slack.dev, data table block: page_size, default 5

export function dataTable(block, surface) {
  const [head = [], ...rows] = block.rows ?? [];
  const size = block.page_size ?? PAGE;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const header = block.row_header_column_index;
  let page = 0;
  const body = h("tbody");
  const place = h("span", { role: "status" });
  const turn = (label, step) =>
    h("button", { type: "button", class: "button button-small", on: { click: () => draw(page + step) } }, label);
  const [before, after] = [turn("Previous", -1), turn("Next", 1)];
  const draw = (wanted) => {
    page = wanted;
    const shown = rows.slice(page * size, (page + 1) * size);
    fill(
      body,
      shown.map((row) =>
        h(
          "tr",
          {},
          row.map((cell, index) =>
            index === header
              ? h("th", { scope: "row" }, cellContent(cell, surface))
              : h("td", {}, cellContent(cell, surface)),
          ),
        ),
      ),
    );
    place.textContent = `Page ${page + 1} of ${pages}`;
    before.disabled = page === 0;
    after.disabled = page === pages - 1;
  };
  draw(0);
  return h(
    "div",
    { class: "block" },
    frame(
      block.caption || "Table",
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((cell) => h("th", { scope: "col" }, cellContent(cell, surface))),
        ),
      ),
      body,
    ),
    pages > 1 && h("div", { class: "pager" }, before, after, place),
  );
}

function frame(caption, ...parts) {
  const id = uid("caption");
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "group", "aria-labelledby": id },
    h("table", {}, h("caption", { id, class: "hint" }, caption), parts),
  );
}

export function chart(block) {
  const { chart: spec = {}, title = "Chart" } = block;
  const series = spec.type === "pie" ? [{ name: "", data: spec.segments ?? [] }] : (spec.series ?? []);
  const most = Math.max(1e-9, ...series.flatMap((one) => (one.data ?? []).map((point) => Math.abs(point.value))));
  const { x_label: x = "", y_label: y = "" } = spec.axis_config ?? {};
  const rows = series.flatMap((one) =>
    (one.data ?? []).map((point, index) =>
      h(
        "tr",
        {},
        series.length > 1 && (index === 0 ? h("th", { scope: "rowgroup", rowspan: one.data.length }, one.name) : null),
        h("th", { scope: "row" }, point.label),
        h("td", { class: "align-right" }, String(point.value)),
        h(
          "td",
          {},
          h("meter", {
            class: "chart-bar",
            min: 0,
            max: most,
            value: Math.abs(point.value),
            "aria-label": `${point.label}: ${point.value}`,
          }),
        ),
      ),
    ),
  );
  const heads = [series.length > 1 && "Series", x || "Label", y || "Value", "Share"].filter(Boolean);
  return h(
    "div",
    { class: "block" },
    frame(
      title,
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((one) => h("th", { scope: "col" }, one)),
        ),
      ),
      h("tbody", {}, rows),
    ),
  );
}
