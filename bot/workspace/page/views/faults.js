// The fault switches, drawn from what the server says of them: {name, label, kind, range, value, default}.
import { fill, h, uid } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { attempt } from "../core/toast.js";

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Faults {
  #switches = [];

  /** @param {(count: number) => void} counted - told how many switches are not as they were at the start */
  constructor(world, counted) {
    this.world = world;
    this.counted = counted;
    this.list = h("div", { class: "faults" });
    this.node = h(
      "div",
      { class: "faults" },
      h(
        "p",
        { class: "hint" },
        "What goes wrong on the real Slack now and then. Nothing here survives a restart of the workspace.",
      ),
      h(
        "div",
        { class: "row" },
        this.#button("All off", () => this.#set(Object.fromEntries(this.#on().map((one) => [one.name, one.default])))),
        this.#button("Cut the app's sockets now", () => this.#set({ disconnect: "drop" })),
        this.#button("Ask the app to reconnect", () => this.#set({ disconnect: "refresh_requested" })),
      ),
      this.list,
    );
  }

  async refresh() {
    try {
      this.#draw((await this.world.api.get("faults")).faults);
    } catch (error) {
      fill(this.list, h("p", { class: "empty" }, explain(error)));
    }
  }

  #on() {
    return this.#switches.filter((one) => !same(one.value, one.default));
  }

  async #set(wanted) {
    const { faults } = await this.world.api.post("faults", wanted);
    this.#draw(faults);
  }

  #button(label, action) {
    const node = h(
      "button",
      { type: "button", class: "button button-small", on: { click: () => attempt(node, action) } },
      label,
    );
    return node;
  }

  #draw(switches) {
    const focused = this.list.querySelector(":focus")?.dataset.fault;
    this.#switches = switches;
    this.counted(this.#on().length);
    fill(
      this.list,
      switches.map((one) => this.#row(one)),
    );
    if (focused) this.list.querySelector(`[data-fault="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(one) {
    const id = uid("fault");
    const changed = !same(one.value, one.default);
    const control = this.#control(one, id);
    const label = h("label", { for: id }, one.label);
    return h(
      "div",
      { class: changed ? "fault fault-on" : "fault" },
      one.kind === "flag" ? [control, label] : [label, control],
    );
  }

  #control(one, id) {
    const send = (value) =>
      attempt(control, () => this.#set({ [one.name]: value })).then((worked) => worked || this.#draw(this.#switches));
    const shared = { id, dataset: { fault: one.name } };
    const control = controlOf(one, shared, send);
    return control;
  }
}

function controlOf({ kind, range, value }, shared, send) {
  if (kind === "flag") {
    const box = h("input", {
      ...shared,
      type: "checkbox",
      role: "switch",
      props: { checked: value },
      on: { change: () => send(box.checked) },
    });
    return box;
  }
  if (kind === "delays") {
    const read = () =>
      text.value
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map(Number);
    const text = h("input", {
      ...shared,
      class: "input",
      type: "text",
      inputmode: "decimal",
      value: value.join(", "),
      on: { change: () => send(read()) },
    });
    return text;
  }
  // A share is shown in per cent: "0.05" is easily taken for five.
  const scale = kind === "share" ? 100 : 1;
  const [least, most] = range ?? [0, 1];
  const number = h("input", {
    ...shared,
    class: "input",
    type: "number",
    min: least * scale,
    max: most * scale,
    step: kind === "count" ? 1 : "any",
    value: Math.round(value * scale * 1000) / 1000,
    on: { change: () => number.value !== "" && send(Number(number.value) / scale) },
  });
  return kind === "share" ? withUnit(number, "%") : number;
}

function withUnit(number, unit) {
  return h("span", { class: "with-unit" }, number, h("small", { "aria-hidden": "true" }, unit));
}
