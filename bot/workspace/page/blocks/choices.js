// Elements that choose: selects, multi-selects, checkboxes and radio buttons. Native controls, so that keyboard,
// screen reader and touch work as everywhere.
import { h, uid } from "../core/dom.js";
import { plainText, textObject } from "../text/mrkdwn.js";
import { field } from "./field.js";
import { groups, initialOf, initialsOf, keyOf } from "./options.js";

function optionNodes(offered) {
  const flat = [];
  const nodes = offered.map(({ label, options }) => {
    const made = options.map((option) => {
      flat.push(option);
      return h(
        "option",
        { value: String(option.key) },
        option.note ? `${option.label} – ${option.note}` : option.label,
      );
    });
    return label ? h("optgroup", { label }, made) : made;
  });
  return [flat, nodes];
}

/** static_select, users_select, conversations_select, channels_select */
export function select(element, spot) {
  const kept = field(element, spot, initialOf(element, spot.surface));
  const [flat, nodes] = optionNodes(groups(element, spot.surface));
  const put = (state) => {
    node.value = String(keyOf(state) ?? "");
    if (node.selectedIndex < 0) node.value = "";
  };
  const node = h(
    "select",
    {
      ...kept.attributes,
      class: "input select",
      on: {
        change: () => kept.changed(node, flat.find((option) => String(option.key) === node.value)?.state ?? null, put),
        // A closed native select changes at each arrow key; where each change is an action, the list opens instead.
        keydown: (event) => {
          if (!spot.sends || !/^Arrow(Up|Down)$/.test(event.key) || !node.showPicker) return;
          event.preventDefault();
          node.showPicker();
        },
      },
    },
    h("option", { value: "", disabled: spot.required || spot.sends }, plainText(element.placeholder) || "Choose…"),
    nodes,
  );
  put(kept.current);
  return node;
}

/** checkboxes and radio_buttons */
export function ticks(element, spot) {
  const single = element.type === "radio_buttons";
  const kept = field(element, spot, single ? element.initial_option : (element.initial_options ?? []));
  const chosen = new Set((single ? [kept.current] : (kept.current ?? [])).filter(Boolean).map(keyOf));
  const name = uid("ticks");
  const options = element.options ?? [];
  const read = () => {
    const picked = options.filter((_, index) => boxes[index].checked);
    return single ? (picked[0] ?? null) : picked;
  };
  const put = (state) => {
    const keys = new Set((single ? [state] : (state ?? [])).filter(Boolean).map(keyOf));
    options.forEach((option, index) => {
      boxes[index].checked = keys.has(option.value);
    });
  };
  const boxes = options.map((option) =>
    h("input", {
      type: single ? "radio" : "checkbox",
      name,
      props: { checked: chosen.has(option.value) },
      on: { change: () => kept.changed(node, read(), put) },
    }),
  );
  const { autofocus, ...attributes } = kept.attributes;
  if (!single) delete attributes["aria-required"]; // not an attribute of a plain group
  const node = h(
    "div",
    { ...attributes, class: "ticks", role: single ? "radiogroup" : "group" },
    options.map((option, index) =>
      h(
        "label",
        { class: "tick" },
        boxes[index],
        h(
          "span",
          {},
          textObject(option.text, spot.surface),
          option.description && h("small", {}, textObject(option.description, spot.surface)),
        ),
      ),
    ),
  );
  if (autofocus && boxes[0]) boxes[0].autofocus = true;
  return node;
}

/** multi_static_select and its kin: a disclosure with check boxes and a filter. Sends once, when it closes. */
export function multiSelect(element, spot) {
  const kept = field(element, spot, initialsOf(element));
  const chosen = new Map((kept.current ?? []).map((state) => [keyOf(state), state]));
  const limit = element.max_selected_items ?? Infinity;
  const options = groups(element, spot.surface).flatMap((group) => group.options);
  let before = [...chosen.keys()].join();
  const summary = h("span", {});
  const describe = () => {
    const labels = options.filter((option) => chosen.has(option.key)).map((option) => option.label);
    summary.textContent = labels.join(", ") || plainText(element.placeholder) || "Choose…";
    for (const box of list.querySelectorAll("input")) box.disabled = !box.checked && chosen.size >= limit;
  };
  const list = h(
    "div",
    { class: "multi-options" },
    options.map((option) => {
      const box = h("input", {
        type: "checkbox",
        props: { checked: chosen.has(option.key) },
        on: {
          change: () => {
            if (box.checked) chosen.set(option.key, option.state);
            else chosen.delete(option.key);
            kept.note([...chosen.values()]);
            describe();
          },
        },
      });
      return h(
        "label",
        { class: "tick" },
        box,
        h("span", {}, option.label, option.note && h("small", {}, option.note)),
      );
    }),
  );
  const filter = h("input", {
    class: "input",
    type: "search",
    placeholder: "Filter",
    "aria-label": "Filter the options",
    on: {
      input: () => {
        for (const row of list.children)
          row.hidden = !row.textContent.toLowerCase().includes(filter.value.toLowerCase());
      },
    },
  });
  const { "aria-required": _required, ...attributes } = kept.attributes;
  const { "aria-labelledby": labelledBy, "aria-label": label } = attributes;
  if (labelledBy) attributes["aria-labelledby"] = `${labelledBy} ${(summary.id = uid("chosen"))}`;
  const node = h(
    "details",
    { class: "multi" },
    h("summary", { ...attributes, class: "input select" }, summary),
    h(
      "div",
      { class: "multi-panel", role: "group", "aria-labelledby": labelledBy, "aria-label": label },
      options.length > 8 && filter,
      list,
    ),
  );
  node.addEventListener("toggle", () => {
    const now = [...chosen.keys()].join();
    if (!node.open && now !== before) kept.changed(node, [...chosen.values()]);
    before = now;
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !node.open) return;
    event.preventDefault();
    event.stopPropagation();
    node.open = false;
    node.querySelector("summary").focus();
  });
  describe();
  return node;
}
