// Middle: one channel, its messages and its composer. Right: one thread of it. Both are a pane with a composer below.
import { h, hidden, icon, iconButton } from "../core/dom.js";
import { Composer } from "./composer.js";
import { channelDetails } from "./details.js";
import { acceptDrops } from "./drops.js";
import { appTabs } from "./home.js";
import { MessagePane } from "./pane.js";
import { avatar } from "./people.js";

/** Above the messages: what the channel is, who is in it. For the app's direct message: its two tabs. */
function channelHead({ world, channel, tools }) {
  const { directory } = world;
  const shared = directory.sharedWith(channel);
  const topic = typeof channel.topic === "object" ? channel.topic?.value : channel.topic;
  const user = directory.users.get(channel.user);
  const about = channel.is_im ? [user?.title, directory.foreignTeam(channel.user)].filter(Boolean).join(", ") : topic;
  const members = channel.members?.length ?? 0;
  const details = h(
    "button",
    {
      type: "button",
      class: "button button-small members-button",
      title: "About this channel",
      on: { click: () => channelDetails(world, channel.id) },
    },
    icon("people"),
    String(members),
    hidden(members === 1 ? " member" : " members"),
  );
  return h(
    "header",
    { class: "pane-head" },
    tools[0],
    h(
      "div",
      { class: "pane-title" },
      h(
        "h2",
        {},
        channel.is_im ? avatar(channel.user, directory) : icon(channel.is_private ? "lock" : "hash"),
        directory.titleOf(channel),
        channel.is_im && directory.isApp(channel.user) && h("span", { class: "badge" }, "APP"),
        shared.length > 0 && h("span", { class: "badge badge-team" }, `Shared with ${shared.join(", ")}`),
      ),
      about && h("p", { class: "topic" }, about),
    ),
    channel.is_im ? directory.isApp(channel.user) && appTabs(world, "messages") : details,
    tools.slice(1),
  );
}

/** @param {object} options - {world, id, openThread, threadReads, seen, tools: Node[]} */
export function channelView({ world, id, openThread, threadReads, seen, tools }) {
  const { directory } = world;
  const channel = directory.channels.get(id);
  let head = channelHead({ world, channel, tools });
  const name = channel.is_im ? directory.titleOf(channel) : `#${channel.name}`;
  const pane = new MessagePane({
    world,
    channel: channel.id,
    label: `Messages in ${name}`,
    empty: "Nothing here yet. Say something, or drop a file.",
    openThread,
    threadReads,
    seen,
  });
  const composer = new Composer({ world, label: `Message ${name}`, channel: channel.id, commands: true });
  const node = h(
    "main",
    { class: "channel-view", "aria-label": `Channel ${name}` },
    head,
    pane.list,
    pane.jump,
    composer.node,
    h("p", { class: "drop-note", "aria-hidden": "true" }, `Drop to attach it in ${name}`),
  );
  acceptDrops(node, world, (files) => composer.attach(files));
  /** After somebody came or went. */
  const drawHead = () => {
    // Asked first: the tools are the same in both heads, so the old one loses them when the newer one is made.
    const focused = [...head.querySelectorAll("button")].indexOf(document.activeElement);
    const newer = channelHead({ world, channel: directory.channels.get(id), tools });
    head.replaceWith(newer);
    head = newer;
    if (focused >= 0) head.querySelectorAll("button")[focused]?.focus(); // it was drawn under somebody's hand
  };
  return { node, pane, composer, drawHead };
}

/** @param {object} options - {world, channel, ts, close, seen} */
export function threadView({ world, channel, ts, close, seen }) {
  const pane = new MessagePane({
    world,
    channel: channel.id,
    label: "Messages in this thread",
    empty: "This message is gone.",
    seen,
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
        h("p", { class: "topic" }, channel.is_im ? world.directory.titleOf(channel) : `#${channel.name}`),
      ),
      iconButton("close", "Close thread", close),
    ),
    pane.list,
    pane.jump,
    composer.node,
    h("p", { class: "drop-note", "aria-hidden": "true" }, "Drop to attach it in this thread"),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  acceptDrops(node, world, (files) => composer.attach(files));
  return { node, pane, composer, ts };
}
