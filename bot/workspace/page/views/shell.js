// The frame: sidebar, channel or home, thread, side panels; it follows the address. Live events are in live.js.
import { fill, h, iconButton } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { go, place } from "../core/route.js";
import { toast } from "../core/toast.js";
import { channelView, threadView } from "./channel.js";
import { Home } from "./home.js";
import { Inspector } from "./inspector.js";
import { openJump } from "./jump.js";
import { Live } from "./live.js";
import { Modals } from "./modal.js";
import { Panel } from "./panel.js";
import { Sidebar } from "./sidebar.js";

const PANEL_KEY = "panel-open";
const WIDE = matchMedia("(min-width: 1001px)"); // as in shell.css: below, a panel lies on top of what it is used for

export class Shell {
  channel = null; // {id, node, pane, composer, threadReads, drawHead}
  thread = null; // {ts, node, pane, composer}
  home = null;

  constructor(root, world, hasPanel) {
    this.root = root;
    this.world = world;
    world.refresh = () => this.#refresh();
    world.inspect = (message) => this.#toggleInspector(true, message);
    this.sidebar = new Sidebar(world, { close: () => this.#toggleSidebar(false), jump: () => openJump(world) });
    this.modals = new Modals(world);
    this.inspector = new Inspector({ world, close: () => this.#toggleInspector(false) });
    this.panel = hasPanel
      ? new Panel({
          world,
          place,
          toggle: () => this.#togglePanel(),
          shown: () => WIDE.matches || this.#togglePanel(false),
        })
      : null;
    if (this.panel) world.samples = () => this.panel.samples();
    this.main = h("div", { class: "main-slot" });
    this.side = h("div", { class: "side-slot" });
    this.shade = h("div", { class: "shade", on: { click: () => this.#toggleSidebar(false) } });
    this.lost = h("p", { class: "lost", role: "status", hidden: true }, "The workspace does not answer. Trying again…");
    fill(root, this.lost, this.sidebar.node, this.shade, this.main, this.side, this.panel?.node, this.inspector.node);
    this.live = new Live(this);
  }

  /** @param {number} last - the number of the last event before what was read so far */
  async start(last) {
    window.addEventListener("hashchange", () => this.#follow());
    window.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => {
      this.channel?.pane.reading();
      this.thread?.pane.reading();
    });
    if (this.panel) {
      WIDE.addEventListener("change", () => this.#foldPanel());
      const open = sessionStorage.getItem(PANEL_KEY) ?? (WIDE.matches ? "yes" : "no");
      this.#togglePanel(open === "yes");
      this.panel.refresh();
    }
    this.live.start(last);
    await Promise.all([this.#follow(), this.modals.refresh().catch((error) => toast(explain(error), "error"))]);
  }

  #key(event) {
    if (event.key === "Escape") this.#toggleSidebar(false);
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      openJump(this.world);
    }
  }

  /** Read the viewer's conversations anew: somebody came or went, or a direct message began. */
  async #refresh() {
    const { conversations } = await this.world.api.get("sidebar");
    this.world.directory.replaceChannels(conversations);
    this.sidebar.draw();
    if (this.channel && this.world.directory.channels.has(this.channel.id)) this.channel.drawHead();
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
      if (this.channel?.id !== channel) await this.#showChannel(channel);
      await this.#showThread(thread);
    } catch (error) {
      toast(explain(error), "error");
    }
    this.sidebar.draw();
    this.#settlePanels();
    return undefined;
  }

  #settlePanels() {
    this.panel?.follow();
    if (WIDE.matches) return;
    if (this.panel) this.#togglePanel(false);
  }

  #tools() {
    const menu = iconButton("menu", "Channels", () => this.#toggleSidebar(true), {
      class: "icon-button only-narrow",
      "aria-controls": "sidebar",
    });
    const inspector = iconButton("code", "Inspector", () => this.#toggleInspector(), { "aria-controls": "inspector" });
    const panel =
      this.panel && iconButton("panel", "Demo panel", () => this.#togglePanel(), { "aria-controls": "panel" });
    return [menu, inspector, panel];
  }

  async #showHome() {
    this.#closePanes();
    this.home = new Home(this.world, this.#tools());
    fill(this.main, this.home.node);
    this.sidebar.draw();
    this.#settlePanels();
    await this.home.open();
  }

  #closePanes() {
    this.channel = null;
    this.thread = null;
    this.home = null;
    fill(this.side);
    this.root.classList.remove("with-thread");
  }

  async #showChannel(id) {
    this.#closePanes();
    const threadReads = new Map();
    const view = channelView({
      world: this.world,
      id,
      openThread: (ts) => go(id, ts),
      threadReads,
      seen: (ts) => this.#seen(id, ts),
      tools: this.#tools(),
    });
    this.channel = { id, threadReads, ...view };
    fill(this.main, view.node);
    const answer = await this.world.api.get("channel", { channel: id });
    if (this.channel?.pane !== view.pane) return;
    for (const [ts, read] of Object.entries(answer.thread_reads ?? {})) threadReads.set(ts, read);
    view.pane.load(answer.messages, answer.last_read);
    if (matchMedia("(hover: hover)").matches && !document.querySelector("dialog[open]")) view.composer.focus();
  }

  async #showThread(ts) {
    if (this.thread?.ts === ts) return;
    this.thread = null;
    fill(this.side);
    this.root.classList.toggle("with-thread", Boolean(ts));
    if (!ts || !this.channel) return;
    const { id } = this.channel;
    const view = threadView({
      world: this.world,
      channel: this.world.directory.channels.get(id),
      ts,
      close: () => this.#closeThread(),
      seen: (read) => this.#seen(id, read, ts),
    });
    this.thread = view;
    fill(this.side, view.node);
    const { messages, last_read: lastRead } = await this.world.api.get("thread", { channel: id, ts });
    if (this.thread !== view) return;
    // A link may name a reply: its thread opens, and the reply is shown.
    const parent = messages[0]?.thread_ts ?? messages[0]?.ts;
    if (parent && parent !== ts) {
      go(id, parent);
      return;
    }
    view.pane.load(messages, lastRead);
    view.composer.focus();
  }

  /** The viewer has read up to `ts`; told to the server, which keeps it. */
  #seen(channel, ts, threadTs) {
    const known = this.world.directory.channels.get(channel);
    const before = threadTs ? this.channel.threadReads.get(threadTs) : known?.last_read;
    if (!known || Number(before ?? 0) >= Number(ts)) return;
    if (threadTs) {
      this.channel.threadReads.set(threadTs, ts);
      this.channel.pane.redraw(threadTs);
    } else {
      Object.assign(known, { last_read: ts, unread: 0, mentions: 0 });
      this.sidebar.draw();
    }
    this.world.api.post("mark", { channel, ts, ...(threadTs ? { thread_ts: threadTs } : {}) }).catch(() => {});
  }

  #closeThread() {
    const ts = this.thread?.ts;
    go(this.channel.id);
    this.channel.pane.list.querySelector(`[data-ts="${CSS.escape(ts ?? "")}"] .thread-link`)?.focus();
  }

  #toggleSidebar(open) {
    const was = this.root.classList.contains("with-sidebar");
    this.root.classList.toggle("with-sidebar", open);
    if (open) this.sidebar.node.querySelector("a, select")?.focus();
    else if (was) this.main.querySelector(".only-narrow")?.focus();
  }

  #togglePanel(open = !this.root.classList.contains("with-panel")) {
    if (open) this.#toggleInspector(false);
    this.root.classList.toggle("with-panel", open);
    sessionStorage.setItem(PANEL_KEY, open ? "yes" : "no");
    if (open) this.panel.refresh();
  }

  /** In a window that became narrow the panel would lie on top; when there is room again, it is back. */
  #foldPanel() {
    const open = sessionStorage.getItem(PANEL_KEY) === "yes" && !this.root.classList.contains("with-inspector");
    if (!WIDE.matches) this.root.classList.remove("with-panel");
    else if (open) this.#togglePanel(true);
  }

  #toggleInspector(open = !this.root.classList.contains("with-inspector"), message = null) {
    const was = this.root.classList.contains("with-inspector");
    this.root.classList.toggle("with-inspector", open);
    if (open) {
      this.root.classList.remove("with-panel");
      this.inspector.open(message);
      this.inspector.focus();
    } else if (was) {
      this.inspector.close();
      this.main.querySelector('[aria-controls="inspector"]')?.focus();
    }
  }
}
