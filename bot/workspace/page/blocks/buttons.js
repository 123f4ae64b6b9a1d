// Elements that are pressed: button and overflow menu.
import { h, icon, iconButton } from "../core/dom.js";
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
    if (!(await confirmed(element.confirm, surface))) return;
    if (option.url && /^https?:\/\//i.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
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

const DRAWN = new Set(["trash"]); // the icons that Slack offers; another one is shown as its text

export function pressIcon(element, { surface, block }) {
  const label = element.accessibility_label ?? plainText(element.text);
  const press = async () => {
    if (!(await confirmed(element.confirm, surface))) return;
    await attempt(node, () => surface.act(block, element, element.value === undefined ? {} : { value: element.value }));
  };
  const data = { dataset: { actionId: element.action_id ?? "" } };
  const node = DRAWN.has(element.icon)
    ? iconButton(element.icon, label, press, data)
    : h(
        "button",
        { type: "button", class: "link-button", "aria-label": label, on: { click: press }, ...data },
        plainText(element.text),
      );
  return node;
}

/** Thumbs up and down; what is sent is the value of the one that was pressed. */
export function feedback(element, { surface, block }) {
  const thumb = (button, name) => {
    const node = iconButton(name, button?.accessibility_label ?? plainText(button?.text), () =>
      attempt(node, async () => {
        await surface.act(block, element, { value: button.value });
        for (const one of group.children) one.setAttribute("aria-pressed", String(one === node));
      }),
    );
    node.setAttribute("aria-pressed", "false");
    return node;
  };
  const group = h(
    "div",
    { class: "row", role: "group", "aria-label": "Feedback", dataset: { actionId: element.action_id ?? "" } },
    thumb(element.positive_button, "thumbsup"),
    thumb(element.negative_button, "thumbsdown"),
  );
  return group;
}
