// One message: who, when, what it says, its files, its thread, its menu.
import { append, h, hidden, icon } from "../core/dom.js";
import { format, tsMillis } from "../core/dates.js";
import { renderBlocks } from "../blocks/render.js";
import { Surface } from "../blocks/surface.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { attachments, files, threadLink } from "./parts.js";
import { authorOf, avatar, byline } from "./people.js";
import { reactions } from "./reactions.js";
import { toolbar } from "./toolbar.js";

const QUIET = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name"]);

/**
 * @param {object} message - as the server gives it
 * @param {object} pane - {world, channel, compact, openThread?, threadReads?, dismiss}
 */
export function messageNode(message, pane) {
  const { directory, zone } = pane.world;
  const author = authorOf(message, directory);
  const millis = tsMillis(message.ts);
  const name = message.username || directory.name(author);
  const time = h(
    "time",
    {
      datetime: new Date(millis).toISOString(),
      title: `${format("date_long", millis, zone)}, ${format("time_secs", millis, zone)} (${zone})`,
    },
    format("time", millis, zone),
  );
  if (QUIET.has(message.subtype)) {
    return h(
      "article",
      { class: "message message-quiet", dataset: { ts: message.ts } },
      h("div", { class: "message-side" }),
      h("div", { class: "message-body" }, mrkdwn(message.text, pane.world)),
    );
  }
  const node = h("article", {
    class: ["message", pane.compact && "message-compact", message.is_ephemeral && "message-ephemeral"]
      .filter(Boolean)
      .join(" "),
    "aria-label": `${name}, ${format("time", millis, zone)}`,
    dataset: { ts: message.ts, user: author },
  });
  const body = h(
    "div",
    { class: "message-body" },
    message.is_ephemeral &&
      h(
        "p",
        { class: "only-you" },
        icon("eye"),
        "Only visible to you",
        h(
          "button",
          {
            type: "button",
            class: "link-button",
            on: { click: (event) => pane.dismiss(message, event.currentTarget) },
          },
          "Dismiss",
        ),
      ),
    pane.compact ? hidden(`${name}: `) : h("div", { class: "message-head" }, byline(author, directory, name), time),
    content(message, pane),
    attachments(message, pane),
    files(message, pane),
    reactions(message, pane),
    threadLink(message, pane),
  );
  return append(node, [
    h("div", { class: "message-side" }, pane.compact ? time : avatar(author, directory)),
    body,
    toolbar(message, pane, author),
  ]);
}

function content(message, pane) {
  const edited = message.edited && !directoryIsApp(message, pane) && h("small", { class: "edited" }, "(edited)");
  if (message.blocks?.length) {
    const surface = new Surface(pane.world, { channel: pane.channel, message_ts: message.ts });
    return h("div", { class: "message-content" }, renderBlocks(message.blocks, surface), edited);
  }
  if (!message.text) return null;
  return h("div", { class: "message-content" }, mrkdwn(message.text, pane.world), edited);
}

function directoryIsApp(message, pane) {
  return pane.world.directory.isApp(authorOf(message, pane.world.directory));
}
