// Emoji reactions: chips below a message, pressed ones are one's own; a small menu adds another.
import { h } from "../core/dom.js";
import { openMenu } from "../core/menu.js";
import { attempt } from "../core/toast.js";
import { emoji } from "../text/emoji.js";

const OFFERED = [
  "white_check_mark",
  "eyes",
  "+1",
  "-1",
  "tada",
  "pray",
  "raised_hand",
  "warning",
  "x",
  "question",
  "rocket",
  "heart",
];

function call(method, name, message, { world, channel }) {
  return world.api.web(`reactions.${method}`, { channel, timestamp: message.ts, name });
}

export function reactions(message, pane) {
  const list = (message.reactions ?? []).filter((one) => one.count);
  if (!list.length) return null;
  return h(
    "div",
    { class: "reactions", role: "group", "aria-label": "Reactions" },
    list.map((one) => chip(one, message, pane)),
  );
}

function chip({ name, users = [], count }, message, pane) {
  const { directory } = pane.world;
  const mine = users.includes(directory.viewer.id);
  const who = users.map((id) => (id === directory.viewer.id ? "you" : directory.name(id))).join(", ");
  const node = h(
    "button",
    {
      type: "button",
      class: "reaction",
      "aria-pressed": String(mine),
      "aria-label": `${name.replaceAll("_", " ")}: ${count}, ${who}`,
      title: `${who} reacted with :${name}:`,
      on: { click: () => attempt(node, () => call(mine ? "remove" : "add", name, message, pane)) },
    },
    h("span", { "aria-hidden": "true" }, emoji(name) ?? `:${name}:`),
    h("span", { class: "reaction-count" }, String(count)),
  );
  return node;
}

export function openReactions(anchor, message, pane) {
  const mine = new Set(
    (message.reactions ?? [])
      .filter((one) => one.users?.includes(pane.world.directory.viewer.id))
      .map((one) => one.name),
  );
  const items = OFFERED.map((name) => ({
    label: emoji(name) ?? name,
    name: name.replaceAll("_", " "),
    run: () => attempt(anchor, () => call(mine.has(name) ? "remove" : "add", name, message, pane)),
  }));
  openMenu(anchor, items, "Add reaction", "menu-grid");
}
