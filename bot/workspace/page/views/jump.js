// Ctrl K: go to a conversation, a person or the app by typing a part of its name (ARIA practices, "Combobox").
import { fill, h, uid } from "../core/dom.js";
import { go, goHome } from "../core/route.js";
import { attempt } from "../core/toast.js";
import { openDirect } from "./sidebar.js";

const MOST = 9;

function targets(world) {
  const { directory } = world;
  const conversations = [...directory.channels.values()];
  const direct = new Set(conversations.filter((one) => one.is_im).map((one) => one.user));
  return [
    ...conversations.map((one) => ({
      name: one.is_im ? directory.titleOf(one) : `#${one.name}`,
      note: one.is_im ? "Direct message" : directory.sharedWith(one).join(", "),
      unread: one.unread ?? 0,
      run: () => go(one.id),
    })),
    directory.app && { name: `${directory.app.name} – Home`, note: "App", unread: 0, run: goHome },
    ...directory
      .people()
      .filter((user) => !direct.has(user.id))
      .map((user) => ({
        name: directory.name(user.id),
        note: directory.foreignTeam(user.id) ?? "New direct message",
        unread: 0,
        run: () => attempt(null, () => openDirect(world, user.id)),
      })),
  ].filter(Boolean);
}

export function openJump(world) {
  if (document.querySelector("dialog[open]")) return;
  const all = targets(world).sort((a, b) => b.unread - a.unread);
  const listId = uid("jump");
  let shown = [];
  let active = 0;
  const list = h("div", { id: listId, class: "jump-list", role: "listbox", "aria-label": "Places" });
  const input = h("input", {
    class: "input",
    type: "text",
    role: "combobox",
    "aria-label": "Jump to",
    "aria-expanded": "true",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: "Channel, person or app",
  });
  const dialog = h("dialog", { class: "dialog jump-dialog", "aria-label": "Jump to" }, input, list);
  const take = (index) => {
    dialog.close();
    shown[index]?.run();
  };
  const draw = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = all.filter((one) => words.every((word) => one.name.toLowerCase().includes(word))).slice(0, MOST);
    active = Math.max(0, Math.min(active, shown.length - 1));
    fill(
      list,
      shown.map((one, index) =>
        h(
          "div",
          {
            id: `${listId}-${index}`,
            class: "menu-item",
            role: "option",
            "aria-selected": String(index === active),
            on: { click: () => take(index) },
          },
          h("span", {}, one.name),
          h("small", {}, [one.unread ? `${one.unread} unread` : "", one.note].filter(Boolean).join(" · ")),
        ),
      ),
    );
    if (!shown.length)
      fill(list, h("div", { class: "hint", role: "option", "aria-disabled": "true" }, "Nothing of that name"));
    input.setAttribute("aria-activedescendant", `${listId}-${active}`);
  };
  input.addEventListener("input", () => {
    active = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") take(active);
    else if (event.key === "ArrowDown") active = (active + 1) % Math.max(1, shown.length);
    else if (event.key === "ArrowUp") active = (active - 1 + shown.length) % Math.max(1, shown.length);
    else return;
    event.preventDefault();
    draw();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  draw();
  dialog.showModal();
}
