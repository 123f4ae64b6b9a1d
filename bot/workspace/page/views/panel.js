// A side panel that somebody else fills (title, notice, files to drop, switches, readings). The page knows only its shape.
import { append, fill, h, icon, iconButton, uid } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { attempt } from "../core/toast.js";
import { dragsSample } from "./drops.js";

/** The content but for what changes by itself, notice and readings: redrawing the rest would take the focus away. */
function lasting({ sections = [], notice, ...rest }) {
  return JSON.stringify([rest, sections.map(({ readings, ...section }) => [section, readings?.title, readings?.note])]);
}

export class Panel {
  #content = null;
  #lasting = null;
  #rows = []; // the lists of readings, in the order of their sections
  #seconds = 0; // between two looks; 0: when it is opened, and after a switch
  #due = null;
  #looks = 0;

  /** @param {object} options - {world, place: () => {channel, thread}, toggle} */
  constructor(options) {
    this.options = options;
    this.title = h("h2", {}, "Demo");
    this.notice = h("p", { class: "panel-notice", role: "status" });
    this.body = h("div", { class: "panel-body" });
    this.node = h(
      "aside",
      { class: "panel", id: "panel", "aria-label": "Demo" },
      h(
        "header",
        { class: "pane-head" },
        h("div", { class: "pane-title" }, this.title),
        iconButton("close", "Close panel", options.toggle),
      ),
      this.notice,
      this.body,
    );
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** The files on offer, for file inputs in dialogs. */
  samples() {
    return (this.#content?.sections ?? []).flatMap((section) => section.files ?? []);
  }

  async refresh() {
    this.#looks += 1;
    const look = this.#looks;
    try {
      const content = await this.options.world.api.get("panel");
      if (look !== this.#looks) return; // a later look tells what is true after a switch
      this.#seconds = content.refresh_seconds ?? 0;
      this.#show(content);
    } catch (error) {
      if (look !== this.#looks) return;
      this.#lament(error);
    }
    this.#again();
  }

  /** What happened by itself; the same words again are not told again to whoever listens. */
  #tell(notice) {
    this.notice.dataset.state = notice?.state ?? "idle";
    if (this.notice.textContent !== (notice?.text ?? "")) this.notice.textContent = notice?.text ?? "";
  }

  #lament(error) {
    this.#content = this.#lasting = null;
    this.#tell(null);
    if (this.body.querySelector(".empty")) return; // it says so already, and its button may have the focus
    const again = h("button", { type: "button", class: "button", on: { click: () => this.refresh() } }, "Try again");
    fill(this.body, h("p", { class: "empty" }, explain(error), " ", again));
  }

  #show(content) {
    if (JSON.stringify(content) === JSON.stringify(this.#content)) return;
    this.#content = content;
    this.#tell(content.notice);
    if (lasting(content) === this.#lasting) {
      this.#readings().forEach((readings, index) => this.#fillRows(this.#rows[index], readings));
      return;
    }
    this.#lasting = lasting(content);
    this.#draw(content);
  }

  /** Look again in a while, if somebody can see it then. */
  #again() {
    clearTimeout(this.#due);
    if (!this.#seconds) return;
    const look = () => {
      const seen = !document.hidden && this.node.getClientRects().length > 0;
      return seen ? this.refresh() : this.#again();
    };
    this.#due = setTimeout(look, this.#seconds * 1000);
  }

  #readings() {
    return (this.#content?.sections ?? []).flatMap((section) => section.readings ?? []);
  }

  /** Show whether a thread is open: then a file can be dropped into it. */
  follow() {
    const { channel, thread } = this.options.place();
    for (const button of this.body.querySelectorAll("[data-into=channel]")) button.disabled = !channel;
    for (const button of this.body.querySelectorAll("[data-into=thread]")) button.hidden = !thread;
  }

  #draw(content) {
    this.#rows = [];
    this.title.textContent = content.title ?? "Demo";
    this.node.setAttribute("aria-label", content.title ?? "Demo");
    fill(
      this.body,
      content.text && h("p", { class: "panel-text" }, content.text),
      (content.sections ?? []).map((section) =>
        append(
          h(
            "section",
            { class: "panel-section" },
            h("h3", {}, section.title),
            section.text && h("p", { class: "panel-text" }, section.text),
          ),
          [
            (section.switches ?? []).map((one) => this.#switch(one)),
            section.readings && this.#reading(section.readings),
            section.files?.length
              ? h(
                  "ul",
                  { class: "samples" },
                  section.files.map((file) => this.#file(file)),
                )
              : null,
          ],
        ),
      ),
    );
    this.follow();
  }

  #reading(readings) {
    const titleId = uid("title");
    const rows = h("ul", { class: "readings", "aria-labelledby": titleId });
    this.#rows.push(rows);
    this.#fillRows(rows, readings);
    return h(
      "div",
      { class: "switch" },
      h("p", { class: "switch-label", id: titleId }, readings.title),
      rows,
      readings.note && h("small", {}, readings.note),
    );
  }

  #fillRows(rows, readings) {
    fill(
      rows,
      (readings.rows ?? []).map((row) =>
        h(
          "li",
          { dataset: { state: row.state ?? "idle" } },
          h("b", {}, row.label),
          h("span", {}, row.value),
          row.note && h("small", {}, row.note),
        ),
      ),
    );
  }

  #file(file) {
    const label = file.label ?? file.name;
    const row = h(
      "li",
      { class: "sample", title: "Drag it onto a channel or thread" },
      h("span", { class: "file-icon" }, icon("file")),
      h(
        "div",
        { class: "file-text" },
        h("b", {}, label),
        label !== file.name && h("code", {}, file.name),
        file.note && h("small", {}, file.note),
        h("div", { class: "row" }, this.#drop(file, "channel"), this.#drop(file, "thread")),
      ),
    );
    dragsSample(row, file);
    return row;
  }

  #drop(file, into) {
    const node = h(
      "button",
      {
        type: "button",
        class: "button button-small",
        "aria-label": `Drop into ${into}: ${file.name}`,
        dataset: { into },
        on: {
          click: () =>
            attempt(node, async () => {
              const { world, place, shown } = this.options;
              const { channel, thread } = place();
              const blob = await world.api.panelFile(file.url, file.name);
              await world.api.share([blob], { channel, threadTs: into === "thread" ? thread : undefined });
              shown();
            }),
        },
      },
      `Drop into ${into}`,
    );
    return node;
  }

  #switch(one) {
    const name = uid("switch");
    const titleId = uid("title");
    const group = h("div", {
      class: "segments",
      role: "radiogroup",
      "aria-labelledby": titleId,
      dataset: { switch: one.id },
    });
    for (const option of one.options ?? []) {
      const radio = h("input", {
        type: "radio",
        name,
        value: option.value,
        props: { checked: option.value === one.value },
        on: {
          change: async () => {
            const worked = await attempt(group, () =>
              this.options.world.api.post("panel/switch", { id: one.id, value: option.value }),
            );
            if (!worked) this.#content = this.#lasting = null;
            await this.refresh();
            this.body.querySelector(`[data-switch="${CSS.escape(one.id)}"] input:checked`)?.focus();
          },
        },
      });
      group.append(h("label", { class: "segment" }, radio, h("span", {}, option.label)));
    }
    return h(
      "div",
      { class: "switch" },
      h("p", { class: "switch-label", id: titleId }, one.label),
      group,
      one.note && h("small", {}, one.note),
    );
  }
}
