// Elements that are pressed: button and overflow menu.
import { h, icon } from "../core/dom.js";
import { openMenu } from "../core/menu.js";
import { attempt } from "../core/toast.js";
import { plainText } from "../text/mrkdwn.js";
import { confirmed } from "./confirm.js";

const STYLE = { primary: "button button-primary", danger: "button button-danger" };

export function button(element, { surface, block }) {
  const node = h(
    "button",
    {
      type: "button",
      class: STYLE[element.style] ?? "button",
      "aria-label": element.accessibility_label ?? null,
      dataset: { actionId: element.action_id ?? "" },
      on: {
        click: async () => {
          if (!(await confirmed(element.confirm, surface))) return;
          if (element.url && /^https?:\/\//i.test(element.url))
            window.open(element.url, "_blank", "noopener,noreferrer");
          await attempt(node, () =>
            surface.act(block, element, element.value === undefined ? {} : { value: element.value }),
          );
        },
      },
    },
    plainText(element.text),
  );
  return node;
}

export function overflow(element, { surface, block }) {
  const choose = async (option) => {
    if (option.url && /^https?:\/\//i.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
    if (!(await confirmed(element.confirm, surface))) return;
    await attempt(node, () => surface.act(block, element, { selected_option: option }));
  };
  const items = (element.options ?? []).map((option) => ({
    label: plainText(option.text),
    note: option.description && plainText(option.description),
    run: () => choose(option),
  }));
  const node = h(
    "button",
    {
      type: "button",
      class: "button button-square",
      "aria-label": "More options",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      dataset: { actionId: element.action_id ?? "" },
      on: { click: () => openMenu(node, items, "More options") },
    },
    icon("more"),
  );
  return node;
}
