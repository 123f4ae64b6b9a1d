// Changing one's own message where it stands: Enter saves, Esc leaves it as it was.
import { h } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { fromTyped, toTyped } from "../text/references.js";

/** @param {HTMLElement} node - the message's article */
export function editInPlace(node, message, pane) {
  const { api, directory } = pane.world;
  const content = node.querySelector(".message-content");
  const box = h("textarea", { class: "input", rows: "3", "aria-label": "Edit message" });
  box.value = toTyped(message.text, directory);
  const close = () => {
    form.replaceWith(content);
    node.querySelector(".message-tools button:last-child")?.focus();
  };
  const save = async () => {
    const text = fromTyped(box.value.trim(), directory);
    if (!text || text === message.text) close();
    else if (await attempt(box, () => api.web("chat.update", { channel: pane.channel, ts: message.ts, text }))) close();
  };
  const form = h(
    "form",
    {
      class: "message-edit",
      on: {
        submit: (event) => {
          event.preventDefault();
          save();
        },
        keydown: (event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            close();
          } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === box) {
            event.preventDefault();
            save();
          }
        },
      },
    },
    box,
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", class: "button button-small", on: { click: close } }, "Cancel"),
      h("button", { type: "submit", class: "button button-small button-primary" }, "Save"),
    ),
  );
  content.replaceWith(form);
  box.focus();
}
