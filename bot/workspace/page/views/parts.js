// Parts of a message below its text: attachments, files, the link to its thread.
import { h, hidden, icon } from "../core/dom.js";
import { shortMoment, tsMillis } from "../core/dates.js";
import { attempt } from "../core/toast.js";
import { storedPicture } from "../blocks/picture.js";
import { renderBlocks } from "../blocks/render.js";
import { Surface } from "../blocks/surface.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { size } from "./drops.js";
import { avatar } from "./people.js";

export function attachments(message, pane) {
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

export function files(message, pane) {
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

export function threadLink(message, pane) {
  if (!pane.openThread || !message.reply_count) return null;
  const { directory, zone } = pane.world;
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const latest =
    message.latest_reply && h("small", {}, `Last reply ${shortMoment(tsMillis(message.latest_reply), zone)}`);
  const news = threadHasNews(message, pane);
  return h(
    "button",
    {
      type: "button",
      class: news ? "thread-link thread-unread" : "thread-link",
      on: { click: () => pane.openThread(message.ts) },
    },
    h(
      "span",
      { class: "faces" },
      (message.reply_users ?? []).slice(0, 4).map((id) => avatar(id, directory)),
    ),
    h("b", {}, count),
    news && h("span", { class: "badge badge-new" }, "New"),
    latest,
  );
}

/** A thread that one began, wrote in or opened has news when its last reply is later than what one has read. */
function threadHasNews(message, { world, threadReads }) {
  const me = world.directory.viewer.id;
  const read = threadReads?.get(message.ts);
  const follows = read !== undefined || message.user === me || message.reply_users?.includes(me);
  return follows && Number(message.latest_reply ?? 0) > Number(read ?? 0);
}
