// The frame: sidebar, channel or home, thread, side panel; it follows the address and the live events.
import { fill, h, iconButton } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { go, place } from "../core/route.js";
import { toast } from "../core/toast.js";
import { channelView, threadView } from "./channel.js";
import { Home } from "./home.js";
import { Modals } from "./modal.js";
import { Panel } from "./panel.js";
import { Sidebar } from "./sidebar.js";

const PANEL_KEY = "panel-open";
const WIDE = "(min-width: 1001px)"; // as in shell.css: below, the panel lies on top of what it is used for

export class Shell {
  #channel = null; // {id, node, pane, composer}
  #thread = null; // {ts, node, pane, composer}
  #home = null;
  #stream = null;
  #last = 0; // number of the last event seen

  constructor(root, world, hasPanel) {
    this.root = root;
    this.world = world;
    this.sidebar = new Sidebar(world, () => this.#toggleSidebar(false));
    this.modals = new Modals(world);
    this.panel = hasPanel
      ? new Panel({
          world,
          place,
          toggle: () => this.#togglePanel(),
          shown: () => matchMedia(WIDE).matches || this.#togglePanel(false),
        })
      : null;
    if (this.panel) world.samples = () => this.panel.samples();
    this.main = h("div", { class: "main-slot" });
    this.side = h("div", { class: "side-slot" });
    this.shade = h("div", { class: "shade", on: { click: () => this.#toggleSidebar(false) } });
    this.lost = h("p", { class: "lost", role: "status", hidden: true }, "The workspace does not answer. Trying again…");
    fill(root, this.lost, this.sidebar.node, this.shade, this.main, this.side, this.panel?.node);
  }

  async start() {
    window.addEventListener("hashchange", () => this.#follow());
    window.addEventListener("keydown", (event) => event.key === "Escape" && this.#toggleSidebar(false));
    if (this.panel) {
      const open = sessionStorage.getItem(PANEL_KEY) ?? (matchMedia(WIDE).matches ? "yes" : "no");
      this.#togglePanel(open === "yes");
      this.panel.refresh();
    }
    this.#last = await this.#newest();
    this.#listen();
    await Promise.all([this.#follow(), this.modals.refresh().catch((error) => toast(explain(error), "error"))]);
  }

  /** The events' number now: anything later comes by the stream, anything earlier with the channel. */
  async #newest() {
    const first = this.world.directory.channels.keys().next().value;
    if (!first) return 0;
    const { last_event: last } = await this.world.api.get("channel", { channel: first });
    return last ?? 0;
  }

  async #follow() {
    const { home, channel, thread } = place();
    if (home && this.world.directory.app) return this.#showHome();
    const { channels } = this.world.directory;
    if (!channels.has(channel)) {
      const first = channels.keys().next().value;
      if (first) go(first);
      else fill(this.main, h("p", { class: "empty" }, "You are in no channel."));
      return undefined;
    }
    try {
      if (this.#channel?.id !== channel) await this.#showChannel(channel);
      await this.#showThread(thread);
    } catch (error) {
      toast(explain(error), "error");
    }
    this.sidebar.seen(channel);
    this.panel?.follow();
    if (this.panel && !matchMedia(WIDE).matches) this.#togglePanel(false);
    return undefined;
  }

  #tools() {
    const menu = iconButton("menu", "Channels", () => this.#toggleSidebar(true), {
      class: "icon-button only-narrow",
      "aria-controls": "sidebar",
    });
    const panel =
      this.panel && iconButton("panel", "Demo panel", () => this.#togglePanel(), { "aria-controls": "panel" });
    return [menu, panel];
  }

  async #showHome() {
    this.#closePanes();
    this.#home = new Home(this.world, this.#tools());
    fill(this.main, this.#home.node);
    this.sidebar.draw();
    this.panel?.follow();
    await this.#home.open();
  }

  #closePanes() {
    this.#channel = null;
    this.#thread = null;
    this.#home = null;
    fill(this.side);
    this.root.classList.remove("with-thread");
  }

  async #showChannel(id) {
    const channel = this.world.directory.channels.get(id);
    this.#closePanes();
    const view = channelView({ world: this.world, channel, openThread: (ts) => go(id, ts), tools: this.#tools() });
    this.#channel = { id, ...view };
    fill(this.main, view.node);
    const { messages } = await this.world.api.get("channel", { channel: id });
    if (this.#channel?.pane !== view.pane) return;
    view.pane.load(messages);
    if (matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]")) view.composer.focus();
  }

  async #showThread(ts) {
    if (this.#thread?.ts === ts) return;
    this.#thread = null;
    fill(this.side);
    this.root.classList.toggle("with-thread", Boolean(ts));
    if (!ts || !this.#channel) return;
    const { id } = this.#channel;
    const view = threadView({
      world: this.world,
      channel: this.world.directory.channels.get(id),
      ts,
      close: () => this.#closeThread(),
    });
    this.#thread = view;
    fill(this.side, view.node);
    const { messages } = await this.world.api.get("thread", { channel: id, ts });
    if (this.#thread !== view) return;
    // A link may name a reply: its thread opens, and the reply is shown.
    const parent = messages[0]?.thread_ts ?? messages[0]?.ts;
    if (parent && parent !== ts) {
      go(id, parent);
      return;
    }
    view.pane.load(messages);
    view.composer.focus();
  }

  #closeThread() {
    const ts = this.#thread?.ts;
    go(this.#channel.id);
    this.#channel.pane.list.querySelector(`[data-ts="${CSS.escape(ts ?? "")}"] .thread-link`)?.focus();
  }

  #toggleSidebar(open) {
    this.root.classList.toggle("with-sidebar", open);
    if (open) this.sidebar.node.querySelector("a, select")?.focus();
  }

  #togglePanel(open = !this.root.classList.contains("with-panel")) {
    this.root.classList.toggle("with-panel", open);
    sessionStorage.setItem(PANEL_KEY, open ? "yes" : "no");
    if (open) this.panel.refresh();
  }

  #listen() {
    this.#stream = this.world.api.stream(this.#last);
    this.#stream.onmessage = ({ data }) => this.#event(JSON.parse(data));
    this.#stream.onopen = () => {
      this.lost.hidden = true;
    };
    this.#stream.onerror = () => {
      this.lost.hidden = false;
      // A refused stream (the server started anew with other tokens) is not tried again by the browser.
      if (this.#stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2_000);
    };
  }

  #event(event) {
    this.#last = Math.max(this.#last, event.n ?? 0);
    if (event.type === "reload") location.reload();
    else if (event.type === "home") this.#home?.draw(event.view);
    else if (event.type.startsWith("view_")) this.modals.refresh().catch((error) => toast(explain(error), "error"));
    else if (event.type === "channel" && event.channel?.id) this.#channelEvent(event.channel);
    else if (event.message || event.ts) this.#messageEvent(event);
  }

  #channelEvent(channel) {
    const { channels } = this.world.directory;
    channels.set(channel.id, { ...channels.get(channel.id), ...channel });
    this.sidebar.draw();
  }

  #messageEvent({ type, channel, message, ts = message?.ts }) {
    if (channel !== this.#channel?.id) {
      if (type === "message" && message.user !== this.world.directory.viewer.id) this.sidebar.count(channel);
      return;
    }
    const threadTs = message?.thread_ts;
    const panes = [];
    if (!threadTs || threadTs === ts || message.subtype === "thread_broadcast" || this.#channel.pane.has(ts))
      panes.push(this.#channel.pane);
    if (this.#thread && (threadTs ?? ts) === this.#thread.ts) panes.push(this.#thread.pane);
    for (const pane of panes) {
      if (type === "message_deleted") pane.remove(ts);
      else pane.put(message);
    }
  }
}
