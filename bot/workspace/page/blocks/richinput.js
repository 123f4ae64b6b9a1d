// rich_text_input: typed with Slack's own marks (*bold*, _italic_, ~strike~, `code`), sent as a rich_text block.
import { h, uid } from "../core/dom.js";
import { plainText } from "../text/mrkdwn.js";
import { field } from "./field.js";

const MARKS = { "*": "bold", _: "italic", "~": "strike", "`": "code" };
const PIECE =
  /(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])|(https?:\/\/[^\s<>]+[^\s<>.,;:!?)\]'"])|(?<!\S)@([\w.-]*\w)/gu;

function leaves(line, directory) {
  const found = [];
  let last = 0;
  const plain = (end) => end > last && found.push({ type: "text", text: line.slice(last, end) });
  for (const match of line.matchAll(PIECE)) {
    const [whole, mark, marked, url, handle] = match;
    const user =
      handle && [...directory.users.values()].find((one) => one.name?.toLowerCase() === handle.toLowerCase());
    if (handle && !user) continue;
    plain(match.index);
    if (mark) found.push({ type: "text", text: marked, style: { [MARKS[mark]]: true } });
    else if (url) found.push({ type: "link", url });
    else found.push({ type: "user", user_id: user.id });
    last = match.index + whole.length;
  }
  plain(line.length);
  return found;
}

/** Typed text as a rich_text block, or null for nothing. */
export function toRichText(text, directory) {
  if (!text.trim()) return null;
  const elements = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (index) elements.push({ type: "text", text: "\n" });
    elements.push(...leaves(line, directory));
  }
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

/** The way back, for an initial value: what its author would have typed. */
export function fromRichText(block, directory) {
  const sign = { bold: "*", italic: "_", strike: "~", code: "`" };
  const leaf = (one) => {
    if (one.type === "link") return one.url ?? "";
    if (one.type === "user") return `@${directory.users.get(one.user_id)?.name ?? one.user_id}`;
    const style = Object.keys(sign).find((name) => one.style?.[name]);
    return style ? `${sign[style]}${one.text}${sign[style]}` : (one.text ?? "");
  };
  const part = (one) => (one.elements ?? []).map((inner) => (inner.elements ? part(inner) : leaf(inner))).join("");
  return (block?.elements ?? []).map(part).join("\n");
}

export function richInput(element, spot) {
  const { directory } = spot.surface;
  const kept = field(element, spot, element.initial_value);
  const hintId = uid("marks");
  const node = h("textarea", {
    ...kept.attributes,
    class: "input",
    rows: "4",
    placeholder: element.placeholder ? plainText(element.placeholder) : null,
    on: {
      input: () => kept.note(toRichText(node.value, directory)),
      change: () => spot.sends && kept.changed(node, toRichText(node.value, directory)),
    },
  });
  node.setAttribute("aria-describedby", [node.getAttribute("aria-describedby"), hintId].filter(Boolean).join(" "));
  node.value = fromRichText(kept.current, directory);
  return h("div", { class: "rich-input" }, node, h("small", { id: hintId }, "*bold*  _italic_  ~strike~  `code`"));
}
