// What stands between < and > in mrkdwn: links, mentions, dates. Also the way back, from typed text to mrkdwn.
import { h } from "../core/dom.js";
import { format, slackDate } from "../core/dates.js";
import { withEmoji } from "./emoji.js";

const SAFE_LINK = /^(https?:\/\/|mailto:)/i;

/** Undo Slack's three entities, the only ones mrkdwn knows. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A link that leaves the page: http, https and mailto only; anything else stays text. */
export function link(url, label) {
  if (!SAFE_LINK.test(url)) return document.createTextNode(label ?? url);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label ?? url);
}

export function mention(text, me = false) {
  return h("span", { class: me ? "mention mention-me" : "mention" }, text);
}

/** A moment in the viewer's zone; the tooltip gives it in full. */
export function moment(seconds, pattern, fallback, zone) {
  const millis = seconds * 1000;
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) return document.createTextNode(fallback ?? "");
  const full = `${format("date_long", millis, zone)}, ${format("time_secs", millis, zone)} (${zone})`;
  return h("time", { datetime: new Date(millis).toISOString(), title: full }, slackDate(pattern, millis, zone));
}

/** The node for one `<...>`; `inner` is its content, still escaped. */
export function reference(inner, directory, zone) {
  const bar = inner.indexOf("|");
  const target = unescape(bar < 0 ? inner : inner.slice(0, bar));
  const label = bar < 0 ? null : withEmoji(unescape(inner.slice(bar + 1)));
  if (target.startsWith("@"))
    return mention(`@${label ?? directory.name(target.slice(1))}`, target.slice(1) === directory.viewer.id);
  if (target.startsWith("#")) return mention(`#${label ?? directory.channelName(target.slice(1))}`);
  if (target.startsWith("!date^")) return dateReference(target, label, zone);
  if (target.startsWith("!subteam^")) return mention(label ?? "@group");
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1)}`, /^!(here|channel|everyone)$/.test(target));
  if (SAFE_LINK.test(target)) return link(target, label);
  return document.createTextNode(unescape(`<${inner}>`));
}

function dateReference(target, label, zone) {
  const [, seconds, pattern = "", url] = target.split("^");
  const node = /^-?\d+$/.test(seconds ?? "")
    ? moment(Number(seconds), pattern, label, zone)
    : document.createTextNode(label ?? "");
  return url && SAFE_LINK.test(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

/** The other way round: stored text as its author would type it, to be changed. */
export function toTyped(text, directory) {
  const shown = text.replace(/<([^<>]+)>/g, (whole, inner) => {
    const [target, label] = inner.split("|");
    const user = target.startsWith("@") && directory.users.get(target.slice(1));
    if (user) return `@${user.name}`;
    if (target.startsWith("#")) return `#${label ?? directory.channelName(target.slice(1))}`;
    if (/^!(here|channel|everyone)$/.test(target)) return `@${target.slice(1)}`;
    return SAFE_LINK.test(target) ? target : whole;
  });
  return unescape(shown);
}

/**
 * What Slack's client stores for typed text: entities escaped, @handle and #channel turned into references, addresses
 * into links. Names that nobody has stay plain text.
 */
export function fromTyped(text, directory) {
  const users = new Map();
  for (const user of directory.users.values()) users.set(user.name?.toLowerCase(), user.id);
  if (directory.app) users.set(directory.app.handle?.toLowerCase(), directory.app.bot_user);
  const channels = new Map([...directory.channels.values()].map((channel) => [channel.name, channel.id]));
  return text
    .split(/(```[^]*?```|`[^`\n]+`|https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"])/)
    .map((part, index) => {
      if (index % 2) return part.startsWith("`") ? escape(part) : `<${escape(part)}>`;
      return escape(part)
        .replace(/(^|[\s(])@([\w.-]*\w)/g, (whole, before, name) => {
          if (/^(here|channel|everyone)$/.test(name)) return `${before}<!${name}>`;
          const id = users.get(name.toLowerCase());
          return id ? `${before}<@${id}>` : whole;
        })
        .replace(/(^|[\s(])#([\w-]+)/g, (whole, before, name) =>
          channels.has(name) ? `${before}<#${channels.get(name)}>` : whole,
        );
    })
    .join("");
}
