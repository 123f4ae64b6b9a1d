// The live events of this user, and what each of them changes in view.
import { explain } from "../core/errors.js";
import { toast } from "../core/toast.js";

const RETRY = 2_000; // milliseconds until a page whose stream was refused starts anew

export class Live {
  #stream = null;

  /** @param {object} shell - {world, sidebar, modals, lost, channel, thread, home}: the parts now in view */
  constructor(shell) {
    this.shell = shell;
  }

  /** Everything later than event `last` comes by the stream, anything earlier came with what was read. */
  start(last) {
    const { lost, world } = this.shell;
    this.#stream = world.api.stream(last);
    this.#stream.onmessage = ({ data }) => this.#event(JSON.parse(data));
    this.#stream.onopen = () => {
      lost.hidden = true;
    };
    this.#stream.onerror = () => {
      lost.hidden = false;
      // A refused stream (the server started anew with other tokens) is not tried again by the browser.
      if (this.#stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), RETRY);
    };
  }

  #event(event) {
    const { home, modals, world } = this.shell;
    if (event.type === "reload") location.reload();
    else if (event.type === "home") home?.draw(event.view);
    else if (event.type.startsWith("view_")) modals.refresh().catch((error) => toast(explain(error), "error"));
    else if (event.type === "channel") world.refresh().catch((error) => toast(explain(error), "error"));
    else if (event.type === "read") this.#read(event);
    else if (event.message || event.ts) this.#message(event);
  }

  /** This user has read up to there, here or in another window. */
  #read({ channel, thread_ts: threadTs, ts }) {
    const { channel: view, sidebar, world } = this.shell;
    if (threadTs) {
      if (view?.id !== channel) return;
      view.threadReads.set(threadTs, ts);
      view.pane.redraw(threadTs);
      return;
    }
    const known = world.directory.channels.get(channel);
    if (!known || (known.latest && Number(known.latest) > Number(ts))) return;
    Object.assign(known, { unread: 0, mentions: 0, last_read: ts });
    sidebar.draw();
  }

  #message({ type, channel, message, ts = message?.ts }) {
    const { channel: view, thread } = this.shell;
    if (type === "message") this.#count(channel, message);
    if (channel !== view?.id) return;
    const threadTs = message?.thread_ts;
    const panes = [];
    if (!threadTs || threadTs === ts || message?.subtype === "thread_broadcast" || view.pane.has(ts))
      panes.push(view.pane);
    if (thread && (threadTs ?? ts) === thread.ts) panes.unshift(thread.pane);
    for (const pane of panes) {
      if (type === "message_deleted") pane.remove(ts);
      else pane.put(message);
    }
  }

  /** One more unread message, until it is seen; a first one in a new conversation brings that into the list. */
  #count(channel, message) {
    const { sidebar, world } = this.shell;
    const { viewer } = world.directory;
    const known = world.directory.channels.get(channel);
    if (!known) {
      world.refresh().catch((error) => toast(explain(error), "error"));
      return;
    }
    known.latest = message.ts;
    const inThread = message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
    if (inThread || message.user === viewer.id) return;
    known.unread = (known.unread ?? 0) + 1;
    const addressed =
      known.is_im || message.text.includes(`<@${viewer.id}>`) || /<!(channel|here|everyone)/.test(message.text);
    known.mentions = (known.mentions ?? 0) + (addressed ? 1 : 0);
    sidebar.draw();
  }
}
