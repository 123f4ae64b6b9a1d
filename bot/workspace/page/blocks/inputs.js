// Elements that are typed into: text, numbers, dates and times.
import { h } from "../core/dom.js";
import { epochToWall, wallToEpoch } from "../core/dates.js";
import { plainText } from "../text/mrkdwn.js";
import { field } from "./field.js";

const TEXT_KIND = { email_text_input: "email", url_text_input: "url", number_input: "text", plain_text_input: "text" };

/** plain_text_input, email_text_input, url_text_input, number_input */
export function textInput(element, spot) {
  const kept = field(element, spot, element.initial_value);
  const multiline = element.multiline === true;
  const node = h(multiline ? "textarea" : "input", {
    ...kept.attributes,
    class: "input",
    type: multiline ? null : TEXT_KIND[element.type],
    rows: multiline ? 4 : null,
    inputmode: element.type === "number_input" ? "decimal" : null,
    autocomplete: "off",
    placeholder: element.placeholder ? plainText(element.placeholder) : null,
    maxlength: element.max_length ?? null,
    minlength: element.min_length ?? null,
    on: { input: () => kept.note(node.value === "" ? null : node.value) },
  });
  node.value = kept.current ?? "";
  const on = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (spot.sends && on.includes("on_character_entered"))
    node.addEventListener("input", () => kept.changed(node, node.value));
  if (!multiline) {
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !spot.sends) return;
      event.preventDefault();
      if (on.includes("on_enter_pressed")) kept.changed(node, node.value);
    });
  }
  return node;
}

function dated(element, spot, { type, initial, show = (value) => value, read = (value) => value }) {
  const kept = field(element, spot, initial);
  const put = (value) => {
    node.value = value === null || value === undefined ? "" : show(value);
  };
  const node = h("input", {
    ...kept.attributes,
    class: "input input-date",
    type,
    on: { change: () => kept.changed(node, node.value ? read(node.value) : null, put) },
  });
  put(kept.current);
  return node;
}

export function datepicker(element, spot) {
  return dated(element, spot, { type: "date", initial: element.initial_date });
}

export function timepicker(element, spot) {
  return dated(element, spot, { type: "time", initial: element.initial_time });
}

/** Epoch seconds outside, the viewer's wall time inside. */
export function datetimepicker(element, spot) {
  const { zone } = spot.surface;
  const control = dated(element, spot, {
    type: "datetime-local",
    initial: element.initial_date_time,
    show: (value) => epochToWall(value, zone),
    read: (value) => wallToEpoch(value, zone),
  });
  return h("div", { class: "with-unit" }, control, h("small", {}, zone));
}
