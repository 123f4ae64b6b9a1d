// For people who build apps: what the app asked for and what was delivered to it, as it went over the wire, and the
// fault switches. The one place of the page that shows raw JSON.
import { fill, h, icon, iconButton, uid } from "../core/dom.js";
import { format } from "../core/dates.js";
import { toast } from "../core/toast.js";
import { Faults } from "./faults.js";
import { authorOf } from "./people.js";

const MOST = 200; // entries in view; the server keeps more
const WAIT = 20; // seconds that the server holds a poll open
const PAUSE = 2_000; // milliseconds after a poll that failed
const GOOD = /^(2\d\d|acknowledged)$/;

export class Inspector {
  #shown = new Map(); // exchange id -> its node
  #after = 0;
  #about = null; // the message that is inspected; null: everything
  #polling = null; // AbortController of the poll under way

  /** @param {object} options - {world, close} */
  constructor({ world, close }) {
    this.world = world;
    this.faults = new Faults(world, (count) => this.#countFaults(count));
    this.list = h("div", { class: "exchanges" });
    this.scope = h("div", { class: "inspector-scope" });
    this.tabs = ["Traffic", "Faults"].map((label) =>
      h(
        "button",
        { type: "button", role: "tab", class: "tab", id: uid("tab"), on: { click: () => this.#choose(label) } },
        label,
      ),
    );
    this.panels = [
      h("div", { class: "panel-body" }, this.scope, this.list),
      h("div", { class: "panel-body" }, this.faults.node),
    ];
    this.panels.forEach((panel, index) => {
      panel.id = uid("tabpanel");
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("tabindex", "0");
      panel.setAttribute("aria-labelledby", this.tabs[index].id);
      this.tabs[index].setAttribute("aria-controls", panel.id);
    });
    const bar = h("div", { class: "tabs", role: "tablist", "aria-label": "Inspector" }, this.tabs);
    bar.addEventListener("keydown", (event) => this.#tabKey(event));
    this.node = h(
      "aside",
      { class: "panel", id: "inspector", "aria-label": "Inspector" },
      h(
        "header",
        { class: "pane-head" },
        h(
          "div",
          { class: "pane-title" },
          h("h2", {}, "Inspector"),
          h("p", { class: "topic" }, "For people who build apps"),
        ),
        iconButton("close", "Close inspector", close),
      ),
      bar,
      this.panels,
    );
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());
    document.addEventListener("visibilitychange", () => this.#follow());
    this.#choose("Traffic");
  }

  /** Show everything, or what belongs to one message. */
  open(message = null) {
    this.#about = message;
    this.#after = 0;
    this.#shown.clear();
    fill(this.list, h("p", { class: "empty" }, "Nothing yet."));
    this.#drawScope();
    this.#choose("Traffic");
    this.faults.refresh();
    this.opened = true;
    this.#follow();
  }

  close() {
    this.opened = false;
    this.#follow();
  }

  focus() {
    this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true").focus();
  }

  #drawScope() {
    const { directory, zone } = this.world;
    const about = this.#about;
    fill(
      this.scope,
      h(
        "p",
        { class: "hint" },
        about
          ? `Belongs to the message of ${directory.name(authorOf(about, directory))}, ${format("time_secs", about.ts * 1000, zone)}.`
          : "All requests of the app and all that was delivered to it, newest first. Tokens are masked.",
      ),
      about &&
        h("button", { type: "button", class: "button button-small", on: { click: () => this.open() } }, "Show all"),
    );
  }

  #choose(label) {
    this.tabs.forEach((tab, index) => {
      const chosen = tab.textContent.startsWith(label);
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      this.panels[index].hidden = !chosen;
    });
  }

  #tabKey(event) {
    if (!/^Arrow(Left|Right)$/.test(event.key)) return;
    event.preventDefault();
    const other = this.tabs.find((tab) => tab.getAttribute("aria-selected") === "false");
    other.click();
    other.focus();
  }

  #countFaults(count) {
    this.tabs[1].textContent = count ? `Faults (${count})` : "Faults";
  }

  /** One poll at a time, and only while somebody looks: a browser has few connections to one server. */
  #follow() {
    this.#polling?.abort();
    this.#polling = null;
    if (!this.opened || document.hidden) return;
    this.#polling = new AbortController();
    this.#poll(this.#polling.signal);
  }

  async #poll(signal) {
    const { ts, files = [] } = this.#about ?? {};
    const about = ts ? { ts, files: files.map((file) => file.id).join() } : {};
    while (!signal.aborted) {
      try {
        const query = { ...about, after: this.#after, wait: this.#after ? WAIT : 0 };
        const { exchanges, last } = await this.world.api.get("exchanges", query, signal);
        if (signal.aborted) return;
        this.#after = last || 1;
        this.#add(exchanges);
      } catch {
        if (!signal.aborted) await new Promise((done) => setTimeout(done, PAUSE));
      }
    }
  }

  #add(exchanges) {
    for (const exchange of exchanges) {
      const known = this.#shown.get(exchange.id);
      const node = exchangeNode(exchange, this.world.zone, known?.open);
      if (known) known.replaceWith(node);
      else {
        if (!this.#shown.size) fill(this.list);
        this.list.prepend(node);
      }
      this.#shown.set(exchange.id, node);
    }
    for (const id of [...this.#shown.keys()].slice(0, Math.max(0, this.#shown.size - MOST))) {
      this.#shown.get(id).remove();
      this.#shown.delete(id);
    }
  }
}

/** One line; unfolded, all that went over the wire. */
function exchangeNode(exchange, zone, open) {
  const { direction, title, at, details, sent, answer, outcome, ms } = exchange;
  const request = direction === "request";
  const state = outcome === "waiting" ? "" : GOOD.test(outcome) ? "outcome-good" : "outcome-bad";
  const node = h(
    "details",
    { class: "exchange", dataset: { direction } },
    h(
      "summary",
      {},
      h(
        "span",
        { class: `exchange-way exchange-${direction}`, title: request ? "From the app" : "To the app" },
        icon(request ? "up" : "down"),
      ),
      h("span", { class: "exchange-title" }, title),
      h("span", { class: `badge ${state}` }, outcome),
      h("small", {}, format("time_secs", at * 1000, zone)),
    ),
    h(
      "dl",
      { class: "facts" },
      [
        ["Direction", request ? "From the app to the workspace" : "From the workspace to the app"],
        ["Took", ms === null ? "no answer yet" : `${ms} ms`],
        ...Object.entries(details).filter(([, value]) => value !== "" && value !== null && value !== 0),
      ].map(([term, value]) => [h("dt", {}, String(term).replaceAll("_", " ")), h("dd", {}, String(value))]),
    ),
    raw(request ? "Arguments" : "Payload", sent),
    raw(request ? "Answer" : "Acknowledgement", answer),
  );
  node.open = Boolean(open);
  return node;
}

function raw(label, value) {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(`${label} copied.`);
    } catch {
      toast("This browser does not let the page copy. Select the text instead.");
    }
  };
  return h(
    "div",
    { class: "raw" },
    h(
      "div",
      { class: "raw-head" },
      h("h3", {}, label),
      h(
        "button",
        {
          type: "button",
          class: "button button-small",
          "aria-label": `Copy ${label.toLowerCase()}`,
          on: { click: copy },
        },
        "Copy",
      ),
    ),
    h("pre", { tabindex: "0", role: "group", "aria-label": label }, text),
  );
}
