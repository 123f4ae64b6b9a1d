// A confirmation dialog object: "are you sure?" before the action is sent.
import { h, uid } from "../core/dom.js";
import { plainText, textObject } from "../text/mrkdwn.js";

/** @returns {Promise<boolean>} true when the person confirmed; at once when there is nothing to confirm */
export function confirmed(object, surface) {
  if (!object) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = uid("confirm");
    const style = object.style === "danger" ? "button button-danger button-filled" : "button button-primary";
    const yes = h("button", { type: "submit", class: style, value: "yes" }, plainText(object.confirm ?? "Yes"));
    const no = h("button", { type: "submit", class: "button", value: "" }, plainText(object.deny ?? "No"));
    const dialog = h(
      "dialog",
      { class: "dialog confirm", "aria-labelledby": title },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: title }, plainText(object.title ?? "Are you sure?")),
        h("div", { class: "dialog-body" }, textObject(object.text, surface, { block: true })),
        h("footer", { class: "dialog-footer" }, no, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    (object.style === "danger" ? no : yes).focus();
  });
}
