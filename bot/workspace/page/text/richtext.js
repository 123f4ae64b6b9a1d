// The rich_text block, which Slack's own composer produces.
import { append, h } from "../core/dom.js";
import { emoji } from "./emoji.js";
import { link, mention, moment } from "./references.js";

const LEAVES = {
  text: (leaf) => document.createTextNode(leaf.text ?? ""),
  link: (leaf) => link(leaf.url ?? "", leaf.text),
  user: (leaf, { directory }) => mention(`@${directory.name(leaf.user_id)}`, leaf.user_id === directory.viewer.id),
  channel: (leaf, { directory }) => mention(`#${directory.channelName(leaf.channel_id)}`),
  usergroup: () => mention("@group"),
  broadcast: (leaf) => mention(`@${leaf.range}`, true),
  emoji: (leaf) => document.createTextNode(emoji(leaf.name) ?? `:${leaf.name}:`),
  date: (leaf, { zone }) => moment(leaf.timestamp, leaf.format ?? "{date_num} {time}", leaf.fallback, zone),
  color: (leaf) => h("code", {}, leaf.value),
};

const STYLES = [
  ["code", "code"],
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["underline", "u"],
];

function leafNode(leaf, context) {
  let node = LEAVES[leaf.type]?.(leaf, context) ?? document.createTextNode(leaf.text ?? "");
  for (const [style, tag] of STYLES) if (leaf.style?.[style]) node = h(tag, {}, node);
  return node;
}

function section(part, context, tag) {
  return append(
    h(tag),
    (part.elements ?? []).map((leaf) => leafNode(leaf, context)),
  );
}

const PARTS = {
  rich_text_section: (part, context) => section(part, context, "p"),
  rich_text_quote: (part, context) => section(part, context, "blockquote"),
  rich_text_preformatted: (part, context) => section(part, context, "pre"),
  rich_text_list: (part, context) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      { class: `indent-${Math.min(part.indent ?? 0, 4)}`, start: part.offset ? part.offset + 1 : null },
      (part.elements ?? []).map((item) => section(item, context, "li")),
    ),
};

export function richText(block, context) {
  return h(
    "div",
    { class: "mrkdwn" },
    (block.elements ?? []).map((part) => PARTS[part.type]?.(part, context)),
  );
}
