// A person or app as messages, lists and menus show it: initials, name, and whose it is.
import { h } from "../core/dom.js";

/** The person or app that speaks. */
export function authorOf(message, directory) {
  return message.user ?? (message.bot_id ? directory.app?.bot_user : null) ?? message.bot_id ?? "";
}

export function avatar(id, directory) {
  const kind = directory.isApp(id) ? "avatar avatar-app" : `avatar ${directory.hue(id)}`;
  return h("span", { class: kind, "aria-hidden": "true" }, directory.initials(id));
}

/** Name, with the team of a foreign user and the mark of an app. */
export function byline(id, directory, name = directory.name(id)) {
  const team = directory.foreignTeam(id);
  return h(
    "span",
    { class: "byline" },
    h("b", {}, name),
    directory.isApp(id) && h("span", { class: "badge" }, "APP"),
    directory.isGuest(id) && h("span", { class: "badge" }, "GUEST"),
    team && h("span", { class: "badge badge-team" }, team),
  );
}
