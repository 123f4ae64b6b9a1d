// About a channel: its topic, whom it is shared with, who is in it. The app can be taken out and brought back here.
import { fill, h, iconButton, uid } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { avatar, byline } from "./people.js";

export function channelDetails(world, id) {
  const titleId = uid("about");
  const list = h("ul", { class: "members" });
  const heading = h("h3", {});
  const close = iconButton("close", "Close dialog", () => dialog.close());
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": titleId },
    h("header", { class: "dialog-head" }, h("h2", { id: titleId }, `About #${world.directory.channelName(id)}`), close),
    h(
      "div",
      { class: "dialog-body", tabindex: "0", role: "group", "aria-labelledby": titleId },
      facts(world, id),
      heading,
      list,
    ),
  );
  const draw = () => {
    const { members } = world.directory.channels.get(id);
    heading.textContent = members.length === 1 ? "1 member" : `${members.length} members`;
    fill(
      list,
      members.map((member) => memberRow(world, id, member, change)),
      appRow(world, id, members, change),
    );
  };
  /** Take the app out or bring it back; the list is drawn anew, and the focus stays in the dialog. */
  const change = async (control, method, args) => {
    const done = await attempt(control, async () => {
      await world.api.web(method, args);
      await world.refresh();
    });
    if (!done) return;
    draw();
    (list.querySelector("button") ?? close).focus();
  };
  dialog.addEventListener("close", () => {
    dialog.remove();
    document.querySelector(".members-button")?.focus(); // it may have been drawn anew meanwhile
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  close.focus();
}

function facts({ directory }, id) {
  const channel = directory.channels.get(id);
  const shared = directory.sharedWith(channel);
  const topic = typeof channel.topic === "object" ? channel.topic?.value : channel.topic;
  const rows = [
    topic && ["Topic", topic],
    shared.length && ["Shared with", shared.join(", ")],
    ["Kind", channel.is_private ? "Private channel" : "Public channel"],
  ].filter(Boolean);
  return h(
    "dl",
    { class: "facts" },
    rows.map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]),
  );
}

function memberRow({ directory }, channel, member, change) {
  const user = directory.users.get(member);
  const you = member === directory.viewer.id ? "you" : "";
  const remove =
    directory.isApp(member) &&
    h(
      "button",
      {
        type: "button",
        class: "button button-small",
        on: { click: (event) => change(event.currentTarget, "conversations.kick", { channel, user: member }) },
      },
      "Remove from channel",
    );
  return h(
    "li",
    { class: "member" },
    avatar(member, directory),
    h(
      "div",
      { class: "member-text" },
      byline(member, directory),
      h("small", {}, [user?.title, you].filter(Boolean).join(", ")),
    ),
    remove,
  );
}

/** The app, where it is not in the channel. */
function appRow({ directory }, channel, members, change) {
  const bot = directory.app?.bot_user;
  if (!bot || members.includes(bot)) return null;
  return h(
    "li",
    { class: "member" },
    avatar(bot, directory),
    h("div", { class: "member-text" }, byline(bot, directory), h("small", {}, "not in this channel")),
    h(
      "button",
      {
        type: "button",
        class: "button button-small button-primary",
        on: { click: (event) => change(event.currentTarget, "conversations.invite", { channel, users: bot }) },
      },
      "Add to channel",
    ),
  );
}
