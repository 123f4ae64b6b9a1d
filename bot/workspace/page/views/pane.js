// A list of messages that stays in step with the server: the channel's or one thread's.
import { fill, h, icon } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { dayHeading, format, tsMillis } from "../core/dates.js";
import { messageNode } from "./message.js";
import { authorOf } from "./people.js";

const CLOSE_IN_TIME = 5 * 60_000; // milliseconds; messages of one author within it share a heading
const NEAR_END = 80; // pixels; who reads near the end follows new messages

export class MessagePane {
  #messages = new Map();
  #gone = new Set(); // taken out while the server's answer was on its way: it may still hold them
  #drawn = new Map();
  #days = new Map();
  #following = true;
  #top = 0;
  #sizes = new ResizeObserver(() => this.#following && this.toEnd());
  #newFrom = null; // the first message that the person has not read; a line stands above it
  #newLine = h("div", { class: "new-line", role: "separator" }, h("span", {}));

  /** @param {object} options - {world, channel, label, empty, openThread?, threadReads?, seen: (ts) => void} */
  constructor(options) {
    this.options = options;
    this.list = h("div", { class: "message-list", role: "log", "aria-label": options.label, tabindex: "0" });
    // At the end, the pane stays there, whatever grows: a new message, an updated one, a picture, the window.
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.jump = h(
      "button",
      { type: "button", class: "button button-small jump", hidden: true, on: { click: () => this.#jump() } },
      icon("down"),
      h("span", {}),
    );
    this.#sizes.observe(this.list);
  }

  /** Fill with what the server gave, and show the last. What the live events brought meanwhile is newer, and stays. */
  load(messages, lastRead = "0") {
    const there = messages.filter((message) => !this.#gone.has(message.ts));
    this.#messages = new Map([...there.map((message) => [message.ts, message]), ...this.#messages]);
    this.#gone.clear();
    const first = this.#sorted().find((message) => this.#isNews(message, lastRead));
    this.#newFrom = Number(lastRead) ? (first?.ts ?? null) : null; // on the first visit everything is new
    this.#draw();
    this.list.dataset.loaded = "true";
    this.#following = true;
    this.toEnd();
    this.reading();
  }

  /** The person looks at the end of the list: everything in it is read. */
  reading() {
    const last = this.last();
    if (last && this.#following && !document.hidden && this.list.dataset.loaded) this.options.seen?.(last);
  }

  /** Draw one message anew although it is the same: what is known beside it has changed. */
  redraw(ts) {
    const known = this.#messages.get(ts);
    if (!known) return;
    this.#messages.set(ts, { ...known });
    this.#draw();
  }

  /** A new or changed message. */
  put(message) {
    const isNew = !this.#messages.has(message.ts);
    const own = authorOf(message, this.options.world.directory) === this.options.world.directory.viewer.id;
    this.#messages.set(message.ts, message);
    if (isNew && own) this.#newFrom = null;
    else if (isNew && (document.hidden || !this.#following)) this.#newFrom ??= message.ts;
    this.#draw();
    if (this.#following) this.toEnd();
    this.reading();
  }

  remove(ts) {
    if (!this.list.dataset.loaded) this.#gone.add(ts);
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
    const before = this.#following;
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.#following = true;
    else if (scrollTop < this.#top) this.#following = false;
    this.#top = scrollTop;
    if (this.#following) this.jump.hidden = true;
    if (this.#following && !before) this.reading();
  }

  #jump() {
    this.#following = true;
    this.jump.hidden = true;
    this.toEnd();
    this.list.focus();
    this.reading();
  }

  #isNews(message, since) {
    const { directory } = this.options.world;
    return Number(message.ts) > Number(since) && authorOf(message, directory) !== directory.viewer.id;
  }

  /** "1 new message": as a line above the first of them, and as a button while the person reads further up. */
  #countNews() {
    const from = this.#newFrom;
    const count = from ? this.#sorted().filter((one) => one.ts >= from && this.#isNews(one, "0")).length : 0;
    const words = count === 1 ? "1 new message" : `${count} new messages`;
    this.#newLine.firstChild.textContent = words;
    this.jump.lastChild.textContent = words;
    this.jump.hidden = this.#following || !count;
    return count;
  }

  #sorted() {
    return [...this.#messages.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  }

  #draw() {
    const { directory, zone } = this.options.world;
    const wanted = [];
    const news = this.#countNews();
    let day = null;
    let previous = null;
    for (const message of this.#sorted()) {
      const today = format("date_num", tsMillis(message.ts), zone);
      if (today !== day) wanted.push(this.#dayNode(today, message.ts));
      const first = news && message.ts === this.#newFrom;
      if (first) wanted.push(this.#newLine);
      const compact = !first && today === day && continues(previous, message, directory);
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
