// The modal stack of this user. The server keeps it; the page shows its top and sends what was filled in.
import { fill, h, iconButton, uid } from "../core/dom.js";
import { ApiError, explain } from "../core/errors.js";
import { attempt, toast } from "../core/toast.js";
import { renderBlocks } from "../blocks/render.js";
import { Surface } from "../blocks/surface.js";
import { plainText } from "../text/mrkdwn.js";

const CONTROLS = "input, textarea, select, summary, button";

/** A group of boxes takes the focus at its first. */
function focusable(control) {
  return control?.matches(CONTROLS) ? control : control?.querySelector(CONTROLS);
}

export class Modals {
  #surfaces = new Map();
  #stack = [];
  #shown = null; // the view object now drawn
  #round = 0;

  constructor(world) {
    this.world = world;
    this.dialog = h("dialog", { class: "dialog modal" });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (event.target === this.dialog) this.#close(this.#stack.at(-1));
    });
    document.body.append(this.dialog);
  }

  /** Read the stack anew and draw it. */
  async refresh() {
    const round = ++this.#round;
    const { views } = await this.world.api.get("views");
    if (round !== this.#round) return;
    this.#stack = views.filter((view) => view.type !== "home");
    const ids = new Set(this.#stack.map((view) => view.id));
    for (const id of this.#surfaces.keys()) if (!ids.has(id)) this.#surfaces.delete(id);
    this.#draw();
  }

  #draw() {
    const view = this.#stack.at(-1);
    if (!view) {
      this.#shown = null;
      if (this.dialog.open) this.dialog.close();
      return;
    }
    if (this.#shown && this.#shown.id === view.id && this.#shown.hash === view.hash && this.dialog.open) return;
    const focused = this.#shown?.id === view.id ? (document.activeElement?.dataset ?? {}) : {};
    this.#shown = view;
    if (!this.#surfaces.has(view.id)) this.#surfaces.set(view.id, new Surface(this.world, { view_id: view.id }));
    fill(this.dialog, this.#form(view, this.#surfaces.get(view.id)));
    if (!this.dialog.open) this.dialog.showModal();
    this.#focus(focused);
  }

  #focus({ blockId, actionId }) {
    const same =
      blockId &&
      focusable(
        this.dialog.querySelector(`[data-block-id="${CSS.escape(blockId)}"][data-action-id="${CSS.escape(actionId)}"]`),
      );
    const first =
      same ||
      this.dialog.querySelector("[autofocus]") ||
      this.dialog.querySelector(".dialog-body :is(input, textarea, select, summary, button)") ||
      this.dialog.querySelector("button[type=submit]");
    first?.focus();
  }

  #form(view, surface) {
    const title = uid("modal");
    this.dialog.setAttribute("aria-labelledby", title);
    const body = h("div", { class: "dialog-body", tabindex: "-1" }, renderBlocks(view.blocks ?? [], surface));
    const hasInput = (view.blocks ?? []).some((block) => block.type === "input");
    const submit =
      (view.submit || hasInput) &&
      h("button", { type: "submit", class: "button button-primary" }, plainText(view.submit) || "Submit");
    const form = h(
      "form",
      {
        novalidate: true,
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#submit(view, surface, form, submit);
          },
        },
      },
      h(
        "header",
        { class: "dialog-head" },
        this.#stack.length > 1 && iconButton("back", "Back", () => this.#close(view)),
        h("h2", { id: title }, plainText(view.title)),
        iconButton("close", "Close dialog", () => this.#close(view, true)),
      ),
      body,
      h(
        "footer",
        { class: "dialog-footer" },
        h(
          "button",
          { type: "button", class: "button", on: { click: () => this.#close(view) } },
          plainText(view.close) || (submit ? "Cancel" : "Close"),
        ),
        submit,
      ),
    );
    return form;
  }

  async #submit(view, surface, form, submit) {
    if (!submit) return;
    this.#showErrors(form, {});
    await attempt(submit, async () => {
      await surface.settled();
      let answer;
      try {
        answer = await this.world.api.post("view/submit", {
          view_id: view.id,
          values: surface.values(view.blocks ?? []),
        });
      } catch (error) {
        if (!(error instanceof ApiError) || !error.body.errors) throw error;
        this.#showErrors(form, error.body.errors);
        return;
      }
      if (answer.response_action === "errors") this.#showErrors(form, answer.errors ?? {});
      else await this.refresh();
    });
  }

  #showErrors(form, errors) {
    let first = null;
    for (const block of form.querySelectorAll(".input-block")) {
      const error = errors[block.dataset.blockId];
      const control = block.querySelector("[data-action-id]");
      block.querySelector(".field-error").textContent = error ?? "";
      block.classList.toggle("has-error", Boolean(error));
      if (error) control?.setAttribute("aria-invalid", "true");
      else control?.removeAttribute("aria-invalid");
      if (error && !first) first = focusable(control);
    }
    first?.focus();
    const known = new Set([...form.querySelectorAll(".input-block")].map((block) => block.dataset.blockId));
    for (const [block, error] of Object.entries(errors)) if (!known.has(block)) toast(String(error), "error");
  }

  async #close(view, all = false) {
    if (!view) return;
    try {
      await this.world.api.post("view/close", { view_id: view.id, clear: all });
    } catch (error) {
      if (error.code !== "not_found") toast(explain(error), "error");
    }
    await this.refresh().catch((error) => toast(explain(error), "error"));
  }
}
