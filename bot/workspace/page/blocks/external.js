// External selects: a combobox whose options the app gives for what was typed (ARIA practices, "Combobox", list autocomplete).
import { fill, h, iconButton, uid } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { plainText } from "../text/mrkdwn.js";
import { field } from "./field.js";
import { ofOption } from "./options.js";

const PAUSE = 200; // milliseconds without a key before the app is asked
const DEFAULT_MIN_QUERY = 3; // docs.slack.dev, external select, min_query_length

class Combobox {
  constructor(element, spot) {
    this.several = element.type.startsWith("multi");
    this.kept = field(element, spot, element.initial_option);
    this.minimum = element.min_query_length ?? DEFAULT_MIN_QUERY;
    this.ask = (text) => spot.surface.suggest(spot.block, element, text);
    this.options = [];
    this.active = -1;
    this.round = 0;
    const listId = uid("listbox");
    this.list = h("div", { id: listId, class: "combobox-list", role: "listbox", hidden: true });
    this.input = h("input", {
      ...this.kept.attributes,
      class: "input select",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      "aria-controls": listId,
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      placeholder: plainText(element.placeholder) || "Type to search",
      props: { value: this.kept.current && !this.several ? plainText(this.kept.current.text) : "" },
      on: {
        input: () => this.later(),
        keydown: (event) => this.key(event),
        blur: () => this.close(),
        focus: () => this.minimum === 0 && this.later(0),
      },
    });
    this.node = h("div", { class: "combobox" }, this.input, this.list);
  }

  later(pause = PAUSE) {
    clearTimeout(this.timer);
    if (this.input.value === "" && !this.several) this.kept.note(null);
    if (this.input.value.length < this.minimum) this.close();
    else this.timer = setTimeout(() => this.load(), pause);
  }

  async load() {
    const round = ++this.round;
    this.show(h("p", { class: "hint" }, "Searching…"));
    try {
      const options = await this.ask(this.input.value);
      if (round !== this.round) return;
      this.options = options.map(ofOption);
      this.active = -1;
      this.show(this.options.length ? this.rows() : h("p", { class: "hint" }, "Nothing found"));
    } catch (error) {
      if (round === this.round) this.show(h("p", { class: "hint" }, explain(error)));
    }
  }

  rows() {
    return this.options.map((option, index) =>
      h(
        "div",
        {
          id: `${this.list.id}-${index}`,
          class: "menu-item",
          role: "option",
          "aria-selected": String(index === this.active),
          on: {
            pointerdown: (event) => {
              event.preventDefault();
              this.choose(index);
            },
          },
        },
        h("span", {}, option.label),
        option.note && h("small", {}, option.note),
      ),
    );
  }

  show(...children) {
    fill(this.list, ...children);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.round += 1;
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (/^Arrow(Up|Down)$/.test(event.key) && this.options.length && !this.list.hidden) {
      event.preventDefault();
      this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + this.options.length) % this.options.length;
      this.show(this.rows());
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
    }
  }

  choose(index) {
    const option = this.options[index];
    this.take(option);
  }

  /** One choice: it stands in the box. */
  take(option) {
    this.input.value = option.label;
    this.active = -1;
    this.close();
    this.kept.changed(this.input, option.state);
  }
}

/** Several choices: they stand above the box, each with a button that takes it out again. */
class MultiCombobox extends Combobox {
  constructor(element, spot) {
    super({ ...element, initial_option: undefined }, spot);
    this.limit = element.max_selected_items ?? Infinity;
    this.chosen = [...(spot.surface.recall(spot.block, element) ?? element.initial_options ?? [])];
    this.picked = h("ul", { class: "chosen", "aria-label": "Chosen" });
    this.node.prepend(this.picked);
    this.input.value = "";
    this.kept.note([...this.chosen]);
    this.draw();
  }

  take(option) {
    this.input.value = "";
    this.close();
    if (this.chosen.length >= this.limit || this.chosen.some((one) => one.value === option.key)) return;
    this.put([...this.chosen, option.state]);
  }

  put(chosen) {
    this.chosen = chosen;
    this.draw();
    this.kept.changed(this.input, [...chosen]);
  }

  draw() {
    this.input.disabled = this.chosen.length >= this.limit;
    fill(
      this.picked,
      this.chosen.map((option) =>
        h(
          "li",
          { class: "chip" },
          plainText(option.text),
          iconButton("close", `Remove ${plainText(option.text)}`, () => {
            this.put(this.chosen.filter((one) => one !== option));
            this.input.focus();
          }),
        ),
      ),
    );
  }
}

export function externalSelect(element, spot) {
  return new Combobox(element, spot).node;
}

export function multiExternalSelect(element, spot) {
  return new MultiCombobox(element, spot).node;
}
