// A small menu that hangs on its button: arrow keys move, Esc or a click elsewhere closes.
import { h } from "./dom.js";

const GRID = 6; // columns of a grid of emoji, as in dialogs.css
let closeOpenMenu = null;

/** Open `items` ({label, name?, note?, danger?, run}) below `anchor`; a second call on the same anchor closes. */
export function openMenu(anchor, items, label, kind = "") {
  const wasOpen = anchor.getAttribute("aria-expanded") === "true";
  closeOpenMenu?.();
  if (wasOpen) return;
  const menu = h("div", { class: `menu ${kind}`.trim(), role: "menu", "aria-label": label });
  const close = (refocus = false) => {
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    window.removeEventListener("resize", close);
    closeOpenMenu = null;
    if (refocus) anchor.focus();
  };
  const outside = (event) => {
    if (!menu.contains(event.target) && !anchor.contains(event.target)) close();
  };
  for (const item of items) {
    const choose = () => {
      close(true);
      item.run();
    };
    menu.append(
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          "aria-label": item.name ?? null,
          title: item.name ?? null,
          class: item.danger ? "menu-item danger" : "menu-item",
          on: { click: choose },
        },
        h("span", {}, item.label),
        item.note && h("small", {}, item.note),
      ),
    );
  }
  menu.addEventListener("keydown", (event) => moveFocus(event, menu, close));
  (anchor.closest("dialog, main, aside, nav") ?? document.body).append(menu); // so that a landmark holds it
  position(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  window.addEventListener("resize", close);
  closeOpenMenu = close;
  menu.querySelector("[role=menuitem]")?.focus();
}

function moveFocus(event, menu, close) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const here = items.indexOf(document.activeElement);
  const row = menu.classList.contains("menu-grid")
    ? { ArrowDown: GRID, ArrowUp: -GRID }
    : { ArrowDown: 1, ArrowUp: -1 };
  const step = { ...row, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    items.at(event.key === "Home" ? 0 : -1).focus();
  } else if (step) {
    event.preventDefault();
    items.at((here + step) % items.length).focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  }
}

function position(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + 4 + height <= window.innerHeight;
  menu.style.top = `${Math.max(8, below ? box.bottom + 4 : box.top - height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(box.right - width, window.innerWidth - width - 8))}px`;
}
