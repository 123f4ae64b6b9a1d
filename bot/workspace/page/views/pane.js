// A list of messages that stays in step with the server: the channel's or one thread's.
import { fill, h } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { dayHeading, format, tsMillis } from "../core/dates.js";
import { authorOf, messageNode } from "./message.js";

const CLOSE_IN_TIME = 5 * 60_000; // milliseconds; messages of one author within it share a heading
const NEAR_END = 80; // pixels; who reads near the end follows new messages

export class MessagePane {
  #messages = new Map();
  #drawn = new Map();
  #days = new Map();
  #following = true;
  #top = 0;
  #sizes = new ResizeObserver(() => this.#following && this.toEnd());

  /** @param {object} options - {world, channel, label, empty, openThread?} */
  constructor(options) {
    this.options = options;
    this.list = h("div", { class: "message-list", role: "log", "aria-label": options.label, tabindex: "0" });
    // At the end, the pane stays there, whatever grows: a new message, an updated one, a picture, the window.
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#sizes.observe(this.list);
  }

  /** Fill with what the server gave, and show the last. What the live events brought meanwhile is newer, and stays. */
  load(messages) {
    this.#messages = new Map([...messages.map((message) => [message.ts, message]), ...this.#messages]);
    this.#draw();
    this.list.dataset.loaded = "true";
    this.#following = true;
    this.toEnd();
  }

  /** A new or changed message. */
  put(message) {
    this.#messages.set(message.ts, message);
    this.#draw();
    if (this.#following) this.toEnd();
  }

  remove(ts) {
    this.#messages.delete(ts);
    this.#draw();
  }

  has(ts) {
    return this.#messages.has(ts);
  }

  /** Newest time stamp, or null. */
  last() {
    return this.#sorted().at(-1)?.ts ?? null;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** Bring a message into view and mark it for a moment. */
  reveal(ts) {
    const node = this.#drawn.get(ts)?.node;
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("revealed");
  }

  /** Only a person scrolls up; a list that grows moves nothing by itself. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.#following = true;
    else if (scrollTop < this.#top) this.#following = false;
    this.#top = scrollTop;
  }

  #sorted() {
    return [...this.#messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  #draw() {
    const { directory, zone } = this.options.world;
    const wanted = [];
    let day = null;
    let previous = null;
    for (const message of this.#sorted()) {
      const today = format("date_num", tsMillis(message.ts), zone);
      if (today !== day) wanted.push(this.#dayNode(today, message.ts));
      const compact = today === day && continues(previous, message, directory);
      wanted.push(this.#node(message, compact));
      day = today;
      previous = message;
    }
    if (!wanted.length) fill(this.list, h("p", { class: "empty" }, this.options.empty));
    else reconcile(this.list, wanted);
    for (const [ts, { node }] of this.#drawn) {
      if (this.#messages.has(ts)) continue;
      this.#sizes.unobserve(node);
      this.#drawn.delete(ts);
    }
  }

  #dayNode(day, ts) {
    if (!this.#days.has(day))
      this.#days.set(day, h("div", { class: "day", role: "separator", dataset: { day } }, h("span", {})));
    const node = this.#days.get(day);
    node.firstChild.textContent = dayHeading(tsMillis(ts), this.options.world.zone);
    return node;
  }

  #node(message, compact) {
    const drawn = this.#drawn.get(message.ts);
    if (drawn?.message === message && drawn.compact === compact) return drawn.node;
    const node = messageNode(message, { ...this.options, compact, dismiss: (...one) => this.#dismiss(...one) });
    if (drawn) this.#sizes.unobserve(drawn.node);
    this.#sizes.observe(node);
    this.#drawn.set(message.ts, { message, compact, node });
    return node;
  }

  async #dismiss(message, control) {
    const { world, channel } = this.options;
    if (!(await attempt(control, () => world.api.post("dismiss", { channel, message_ts: message.ts })))) return;
    this.remove(message.ts);
    this.list.focus();
  }
}

function continues(previous, message, directory) {
  if (!previous || previous.subtype !== message.subtype || previous.is_ephemeral || message.is_ephemeral) return false;
  return (
    authorOf(previous, directory) === authorOf(message, directory) &&
    tsMillis(message.ts) - tsMillis(previous.ts) < CLOSE_IN_TIME
  );
}

/** Make `list` hold exactly `wanted`, moving no node that already stands right, so that focus and open menus stay. */
function reconcile(list, wanted) {
  const keep = new Set(wanted);
  for (const node of [...list.children]) if (!keep.has(node)) node.remove();
  let cursor = list.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else list.insertBefore(node, cursor);
  }
}
