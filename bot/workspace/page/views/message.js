// One message: who, when, what it says, its files, its thread, its menu.
import { append, h, hidden, icon, iconButton } from "../core/dom.js";
import { format, shortMoment, tsMillis } from "../core/dates.js";
import { openMenu } from "../core/menu.js";
import { permalink } from "../core/route.js";
import { attempt, toast } from "../core/toast.js";
import { storedPicture } from "../blocks/picture.js";
import { renderBlocks } from "../blocks/render.js";
import { Surface } from "../blocks/surface.js";
import { mrkdwn, plainText } from "../text/mrkdwn.js";
import { size } from "./drops.js";

const QUIET = new Set(["channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name"]);

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
    team && h("span", { class: "badge badge-team" }, team),
  );
}

/**
 * @param {object} message - as the server gives it
 * @param {object} pane - {world, channel, compact, openThread?, dismiss}
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

function attachments(message, pane) {
  return (message.attachments ?? []).map((one) => {
    const surface = new Surface(pane.world, { channel: pane.channel, message_ts: message.ts });
    const node = h(
      "div",
      { class: "attachment" },
      one.blocks?.length
        ? renderBlocks(one.blocks, surface)
        : [one.title && h("b", {}, one.title), mrkdwn(one.text ?? one.fallback, pane.world)],
    );
    const colour = /^#?([0-9a-f]{6})$/i.exec(one.color ?? "");
    if (colour) node.style.borderLeftColor = `#${colour[1]}`;
    return node;
  });
}

function files(message, pane) {
  const list = (message.files ?? []).filter((file) => typeof file === "object");
  if (!list.length) return null;
  return h(
    "div",
    { class: "files" },
    list.map((file) => fileCard(file, pane)),
  );
}

function fileCard(file, pane) {
  const name = file.title || file.name || "File";
  if (file.mode === "tombstone") return h("div", { class: "file-card" }, icon("file"), "This file was deleted.");
  const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.mimetype ?? "") && file.url_private;
  const save = async () => {
    const blob = await pane.world.api.download(file.url_private_download ?? file.url_private);
    const address = URL.createObjectURL(blob);
    h("a", { href: address, download: file.name ?? "file" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  const card = h(
    "button",
    { type: "button", class: "file-card", title: `Download ${name}`, on: { click: () => attempt(card, save) } },
    h("span", { class: "file-icon" }, icon("file")),
    h(
      "span",
      { class: "file-text" },
      hidden("Download "),
      h("b", {}, name),
      h("small", {}, [file.pretty_type, size(file.size)].filter(Boolean).join(" · ")),
    ),
  );
  return picture
    ? h(
        "figure",
        { class: "file-picture" },
        storedPicture(file.url_private, file.alt_txt || name, pane.world, "full-image"),
        card,
      )
    : card;
}

function threadLink(message, pane) {
  if (!pane.openThread || !message.reply_count) return null;
  const { directory, zone } = pane.world;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const latest =
    message.latest_reply && h("small", {}, `Last reply ${shortMoment(tsMillis(message.latest_reply), zone)}`);
  return h(
    "button",
    { type: "button", class: "thread-link", on: { click: () => pane.openThread(message.ts) } },
    h(
      "span",
      { class: "faces" },
      (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, directory)),
    ),
    h("b", {}, count),
    latest,
  );
}

function toolbar(message, pane, author) {
  if (message.is_ephemeral) return null;
  const { directory, api } = pane.world;
  const more = iconButton("more", "More actions", () => openMenu(more, items(), "Message actions"), {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  const items = () => [
    ...directory
      .shortcuts()
      .filter((one) => one.type === "message")
      .map((one) => ({
        label: plainText(one.name),
        note: directory.app.name,
        run: () =>
          attempt(more, () =>
            api.post("shortcut", { callback_id: one.callback_id, channel: pane.channel, message_ts: message.ts }),
          ),
      })),
    { label: "Copy link to message", run: () => copyLink(pane.channel, message.ts) },
    ...(author === directory.viewer.id
      ? [
          {
            label: "Delete message",
            danger: true,
            run: () => attempt(more, () => api.web("chat.delete", { channel: pane.channel, ts: message.ts })),
          },
        ]
      : []),
  ];
  return h(
    "div",
    { class: "message-tools", role: "group", "aria-label": "Message tools" },
    pane.openThread && iconButton("reply", "Reply in thread", () => pane.openThread(message.thread_ts ?? message.ts)),
    more,
  );
}

async function copyLink(channel, ts) {
  const address = permalink(channel, ts);
  try {
    await navigator.clipboard.writeText(address);
    toast("Link copied.");
  } catch {
    toast(address);
  }
}
