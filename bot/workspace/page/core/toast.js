// Short notes to the person. They sit in the topmost open dialog, since all outside of a modal dialog is inert.
import { h, iconButton } from "./dom.js";
import { explain } from "./errors.js";

const STAY = 8_000; // milliseconds; long enough to read two sentences

function region() {
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  let shelf = [...host.children].find((child) => child.classList.contains("toasts"));
  if (!shelf) {
    shelf = h("div", { class: "toasts", role: "alert" });
    host.append(shelf);
  }
  return shelf;
}

export function toast(text, kind = "note") {
  const note = h(
    "div",
    { class: `toast toast-${kind}` },
    h("p", {}, text),
    iconButton("close", "Dismiss", () => note.remove()),
  );
  region().append(note);
  setTimeout(() => note.remove(), STAY);
}

/** Run an action of the person's: the control shows that it is pending, a failure becomes a toast. @returns whether it worked */
export async function attempt(control, action) {
  if (control?.getAttribute("aria-busy") === "true") return false;
  control?.setAttribute("aria-busy", "true");
  try {
    await action();
    return true;
  } catch (error) {
    toast(explain(error), "error");
    return false;
  } finally {
    control?.removeAttribute("aria-busy");
  }
}
