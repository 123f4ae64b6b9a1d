// The `markdown` block: standard Markdown, as far as apps use it. Everything else stays text.
import { append, h } from "../core/dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./references.js";

const INLINE =
  /`([^`\n]+)`|\*\*(?=\S)(.+?\S?)\*\*|(?<![\w*])\*(?=\S)([^*\n]+?)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]+?)_(?!\w)|~~(.+?)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

function inline(text, depth = 0) {
  const nodes = [];
  let last = 0;
  for (const match of depth > 4 ? [] : text.matchAll(INLINE)) {
    const [whole, code, bold, star, under, strike, label, url] = match;
    nodes.push(withEmoji(text.slice(last, match.index)));
    if (code !== undefined) nodes.push(h("code", {}, code));
    else if (bold !== undefined) nodes.push(h("strong", {}, inline(bold, depth + 1)));
    else if (strike !== undefined) nodes.push(h("s", {}, inline(strike, depth + 1)));
    else if (label !== undefined) nodes.push(link(url, label));
    else nodes.push(h("em", {}, inline(star ?? under, depth + 1)));
    last = match.index + whole.length;
  }
  nodes.push(withEmoji(text.slice(last)));
  return nodes;
}

const RULES = [
  [/^(#{1,6})\s+(.*)$/, (match) => ["heading", match[2]]],
  [/^\s*(?:[-*_]\s*){3,}$/, () => ["rule", ""]],
  [/^\s*[-*+]\s+(.*)$/, (match) => ["ul", match[1]]],
  [/^\s*\d+[.)]\s+(.*)$/, (match) => ["ol", match[1]]],
  [/^>\s?(.*)$/, (match) => ["blockquote", match[1]]],
  [/^\s*\|(.*)\|\s*$/, (match) => ["table", match[1]]],
];

function classify(line) {
  for (const [pattern, make] of RULES) {
    const match = pattern.exec(line);
    if (match) return make(match);
  }
  return [line.trim() ? "p" : "blank", line];
}

function tableRow(table, content) {
  const cells = content.split("|").map((cell) => cell.trim());
  if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
  const tag = table.rows.length ? "td" : "th";
  table.append(
    h(
      "tr",
      {},
      cells.map((cell) => h(tag, {}, inline(cell))),
    ),
  );
}

function addLine(root, state, kind, content) {
  if (kind === "heading")
    root.append(h("p", { class: "block-header", role: "heading", "aria-level": "3" }, inline(content)));
  else if (kind === "rule") root.append(h("hr"));
  else if (kind !== "blank") {
    if (state.kind !== kind) {
      state.node = h(kind);
      root.append(kind === "table" ? h("div", { class: "table-scroll" }, state.node) : state.node);
    } else if (kind === "p" || kind === "blockquote") state.node.append("\n");
    if (kind === "table") tableRow(state.node, content);
    else append(state.node, kind === "ul" || kind === "ol" ? [h("li", {}, inline(content))] : inline(content));
  }
  state.kind = kind;
}

/** @returns {HTMLElement} */
export function markdown(text) {
  const root = h("div", { class: "mrkdwn" });
  const state = { kind: null, node: null };
  let fence = null;
  for (const line of String(text ?? "").split("\n")) {
    if (/^\s*```/.test(line)) {
      if (fence === null) fence = [];
      else {
        root.append(h("pre", { tabindex: "0" }, fence.join("\n")));
        fence = null;
      }
      state.kind = "fence";
    } else if (fence !== null) fence.push(line);
    else addLine(root, state, ...classify(line));
  }
  if (fence?.length) root.append(h("pre", { tabindex: "0" }, fence.join("\n")));
  return root;
}
