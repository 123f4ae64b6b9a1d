// What one can do with a message: react, reply, and the menu behind the three dots.
import { h, iconButton } from "../core/dom.js";
import { openMenu } from "../core/menu.js";
import { permalink } from "../core/route.js";
import { attempt, toast } from "../core/toast.js";
import { plainText } from "../text/mrkdwn.js";
import { editInPlace } from "./edit.js";
import { openReactions } from "./reactions.js";

/** @param {object} pane - as messageNode has it */
export function toolbar(message, pane, author) {
  const opens = { "aria-haspopup": "menu", "aria-expanded": "false" };
  const items = () => (message.is_ephemeral ? [inspect(message, pane)] : actions(message, pane, author, more));
  const more = iconButton("more", "More actions", () => openMenu(more, items(), "Message actions"), { ...opens });
  if (message.is_ephemeral)
    return pane.world.inspect
      ? h("div", { class: "message-tools", role: "group", "aria-label": "Message tools" }, more)
      : null;
  const react = iconButton("smile", "Add reaction", () => openReactions(react, message, pane), { ...opens });
  return h(
    "div",
    { class: "message-tools", role: "group", "aria-label": "Message tools" },
    react,
    pane.openThread && iconButton("reply", "Reply in thread", () => pane.openThread(message.thread_ts ?? message.ts)),
    more,
  );
}

function actions(message, pane, author, more) {
  const { directory } = pane.world;
  return [
    ...shortcuts(message, pane, more),
    { label: "Copy link to message", run: () => copyLink(pane.channel, message.ts) },
    ...(pane.world.inspect ? [inspect(message, pane)] : []),
    ...(author === directory.viewer.id ? own(message, pane, more) : []),
  ];
}

function shortcuts(message, { world, channel }, more) {
  const { api, directory } = world;
  return directory
    .shortcuts()
    .filter((one) => (one.type ?? "message") === "message")
    .map((one) => ({
      label: plainText(one.name),
      note: directory.app.name,
      run: () =>
        attempt(more, () => api.post("shortcut", { callback_id: one.callback_id, channel, message_ts: message.ts })),
    }));
}

function own(message, pane, more) {
  const { api } = pane.world;
  const edit = { label: "Edit message", run: () => editInPlace(more.closest(".message"), message, pane) };
  const remove = {
    label: "Delete message",
    danger: true,
    run: () => attempt(more, () => api.web("chat.delete", { channel: pane.channel, ts: message.ts })),
  };
  return message.text && !message.blocks?.length ? [edit, remove] : [remove];
}

function inspect(message, { world }) {
  return { label: "Inspect", note: "Requests and payloads", run: () => world.inspect(message) };
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
