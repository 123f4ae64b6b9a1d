// Slack's mrkdwn as DOM nodes. Grammar: docs.slack.dev, "Formatting message text".
import { append, h } from "../core/dom.js";
import { emoji } from "./emoji.js";
import { reference, unescape } from "./references.js";

const FENCE = /```\n?([^]*?)\n?```/;
// A mark opens at a word's start and closes at a word's end, so that snake_case and 2*3*4 stay as they are.
const INLINE = new RegExp(
  [
    "<([^<>\\n]+)>",
    "`([^`\\n]+)`",
    "(?<![\\p{L}\\p{N}*])\\*(?=[^\\s*])([^*\\n]*[^\\s*])\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?=[^\\s_])([^\\n]*?[^\\s_])_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?=[^\\s~])([^~\\n]*[^\\s~])~(?![\\p{L}\\p{N}~])",
    ":([a-z0-9_+-]{1,40}):",
  ].join("|"),
  "gu",
);
const MAX_DEPTH = 4; // bold, italic and strike within one another, and no deeper

/** Inline nodes of one line. */
export function inline(text, context, depth = 0) {
  const nodes = [];
  let last = 0;
  const plain = (end) => {
    if (end > last) nodes.push(unescape(text.slice(last, end)));
  };
  for (const match of text.matchAll(INLINE)) {
    const [whole, ref, code, bold, italic, strike, shortcode] = match;
    const node = inlineNode({ ref, code, bold, italic, strike, shortcode }, context, depth);
    if (node === null) continue;
    plain(match.index);
    nodes.push(node);
    last = match.index + whole.length;
  }
  plain(text.length);
  return nodes;
}

function inlineNode({ ref, code, bold, italic, strike, shortcode }, context, depth) {
  if (ref !== undefined) return reference(ref, context.directory, context.zone);
  if (code !== undefined) return h("code", {}, codeText(code));
  if (shortcode !== undefined) return emoji(shortcode);
  if (depth >= MAX_DEPTH) return null;
  if (bold !== undefined) return h("strong", {}, inline(bold, context, depth + 1));
  if (italic !== undefined) return h("em", {}, inline(italic, context, depth + 1));
  return h("s", {}, inline(strike, context, depth + 1));
}

/** Code keeps its marks; Slack still shows an auto-linked address within it as plain text. */
function codeText(text) {
  return unescape(text.replace(/<(https?:[^<>|]+)(?:\|([^<>]*))?>/g, (_, url, label) => label ?? url));
}

/** Block-level nodes: fenced code, quotes, bullet and numbered lines, lines of text. */
export function mrkdwn(text, context) {
  const root = h("div", { class: "mrkdwn" });
  let rest = String(text ?? "");
  for (let match = FENCE.exec(rest); match; match = FENCE.exec(rest)) {
    lines(root, rest.slice(0, match.index).replace(/\n$/, ""), context);
    root.append(h("pre", { tabindex: "0" }, codeText(match[1])));
    rest = rest.slice(match.index + match[0].length).replace(/^\n/, "");
  }
  lines(root, rest, context);
  return root;
}

function lines(root, text, context) {
  if (!text) return;
  let block = null;
  let kind = null;
  for (const line of text.split("\n")) {
    const [lineKind, content] = classify(line);
    if (lineKind !== kind) {
      block = openBlock(lineKind);
      root.append(block);
      kind = lineKind;
    } else if (lineKind !== "bullet") {
      block.append("\n"); // paragraphs are pre-wrap, so that runs of spaces and empty lines stay as written
    }
    if (lineKind === "bullet") block.append(h("li", {}, inline(content, context)));
    else append(block, inline(content, context));
  }
}

function classify(line) {
  const quote = /^(?:>|&gt;)(?!(?:>|&gt;)) ?(.*)$/.exec(line);
  if (quote) return ["quote", quote[1]];
  const bullet = /^\s*[•◦‣-] (.*)$/.exec(line);
  return bullet ? ["bullet", bullet[1]] : ["text", line];
}

function openBlock(kind) {
  if (kind === "quote") return h("blockquote");
  return kind === "bullet" ? h("ul") : h("p");
}

/** A Block Kit text object; plain_text gets its emoji only. */
export function textObject(object, context, { block = false } = {}) {
  if (!object) return document.createTextNode("");
  if (typeof object === "string") return h("span", {}, object);
  if (object.type === "mrkdwn")
    return block ? mrkdwn(object.text, context) : h("span", { class: "mrkdwn" }, inline(object.text ?? "", context));
  return h("span", { class: "plain" }, plainText(object));
}

/** The characters of a plain_text object, for labels and names. */
export function plainText(object) {
  const text = typeof object === "string" ? object : String(object?.text ?? "");
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) =>
    object?.emoji === false ? whole : (emoji(name) ?? whole),
  );
}
