// A side panel that somebody else fills (title, files to drop, switches). The page knows only its shape.
import { append, fill, h, icon, iconButton, uid } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { attempt } from "../core/toast.js";
import { dragsSample } from "./drops.js";

export class Panel {
  #content = null;

  /** @param {object} options - {world, place: () => {channel, thread}, toggle} */
  constructor(options) {
    this.options = options;
    this.title = h("h2", {}, "Demo");
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
      this.body,
    );
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  /** The files on offer, for file inputs in dialogs. */
  samples() {
    return (this.#content?.sections ?? []).flatMap((section) => section.files ?? []);
  }

  async refresh() {
    try {
      const content = await this.options.world.api.get("panel");
      if (JSON.stringify(content) === JSON.stringify(this.#content)) return;
      this.#content = content;
      this.#draw(content);
    } catch (error) {
      fill(
        this.body,
        h(
          "p",
          { class: "empty" },
          explain(error),
          " ",
          h("button", { type: "button", class: "button", on: { click: () => this.refresh() } }, "Try again"),
        ),
      );
    }
  }

  /** Show whether a thread is open: then a file can be dropped into it. */
  follow() {
    const { channel, thread } = this.options.place();
    for (const button of this.body.querySelectorAll("[data-into=channel]")) button.disabled = !channel;
    for (const button of this.body.querySelectorAll("[data-into=thread]")) button.hidden = !thread;
  }

  #draw(content) {
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
            if (!worked) this.#content = null;
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
