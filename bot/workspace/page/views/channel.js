// Middle: one channel, its messages and its composer. Right: one thread of it. Both are a pane with a composer below.
import { h, icon, iconButton } from "../core/dom.js";
import { Composer } from "./composer.js";
import { acceptDrops } from "./drops.js";
import { MessagePane } from "./pane.js";

/** @param {object} options - {world, channel, openThread, tools: Node[]} */
export function channelView({ world, channel, openThread, tools }) {
  const { directory } = world;
  const name = channel.is_im ? directory.name(channel.user) : `#${channel.name}`;
  const shared = directory.sharedWith(channel);
  const topic = typeof channel.topic === "object" ? channel.topic?.value : channel.topic;
  const pane = new MessagePane({
    world,
    channel: channel.id,
    label: `Messages in ${name}`,
    empty: "Nothing here yet. Say something, or drop a file.",
    openThread,
  });
  const composer = new Composer({ world, label: `Message ${name}`, channel: channel.id, commands: true });
  const node = h(
    "main",
    { class: "channel-view", "aria-label": `Channel ${name}` },
    h(
      "header",
      { class: "pane-head" },
      tools[0],
      h(
        "div",
        { class: "pane-title" },
        h(
          "h2",
          {},
          icon(channel.is_private ? "lock" : "hash"),
          channel.is_im ? name : channel.name,
          shared.length > 0 && h("span", { class: "badge badge-team" }, `Shared with ${shared.join(", ")}`),
        ),
        topic && h("p", { class: "topic" }, topic),
      ),
      tools.slice(1),
    ),
    pane.list,
    composer.node,
    h("p", { class: "drop-note", "aria-hidden": "true" }, `Drop to attach it in ${name}`),
  );
  acceptDrops(node, world, (files) => composer.attach(files));
  return { node, pane, composer };
}

/** @param {object} options - {world, channel, ts, close} */
export function threadView({ world, channel, ts, close }) {
  const pane = new MessagePane({
    world,
    channel: channel.id,
    label: "Messages in this thread",
    empty: "This message is gone.",
  });
  const composer = new Composer({
    world,
    label: "Reply in thread",
    channel: channel.id,
    threadTs: ts,
    commands: false,
  });
  const node = h(
    "aside",
    { class: "thread-view", "aria-label": "Thread" },
    h(
      "header",
      { class: "pane-head" },
      h(
        "div",
        { class: "pane-title" },
        h("h2", {}, "Thread"),
        h("p", { class: "topic" }, channel.is_im ? world.directory.name(channel.user) : `#${channel.name}`),
      ),
      iconButton("close", "Close thread", close),
    ),
    pane.list,
    composer.node,
    h("p", { class: "drop-note", "aria-hidden": "true" }, "Drop to attach it in this thread"),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  acceptDrops(node, world, (files) => composer.attach(files));
  return { node, pane, composer, ts };
}
