// The list over a composer: commands after "/", people after "@". Arrows move, Tab or Enter takes, Esc closes.
import { fill, h, uid } from "../core/dom.js";
import { avatar } from "./people.js";

const MOST = 8;

export class Completion {
  #items = [];
  #active = 0;
  #shut = null; // the text at which the person closed the list

  constructor(box, directory, commands) {
    this.box = box;
    this.directory = directory;
    this.commands = commands;
    this.node = h("div", {
      id: uid("completion"),
      class: "completion",
      role: "listbox",
      "aria-label": "Suggestions",
      hidden: true,
    });
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", this.node.id);
  }

  update() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    this.#items =
      before === this.#shut ? [] : [...this.#commandsFor(before), ...this.#peopleFor(before)].slice(0, MOST);
    this.#active = 0;
    this.#draw();
  }

  close() {
    this.#items = [];
    this.#draw();
  }

  /** @returns whether the key was meant for the list */
  key(event) {
    if (!this.#items.length) return false;
    const item = this.#items[this.#active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : -1) + this.#items.length) % this.#items.length;
      this.#draw();
    } else if (event.key === "Escape") {
      this.#shut = this.box.value.slice(0, this.box.selectionStart);
      this.close();
      event.stopPropagation();
    } else if ((event.key === "Tab" || event.key === "Enter") && !event.shiftKey && !item.complete) this.#take(item);
    else return false;
    event.preventDefault();
    return true;
  }

  #commandsFor(before) {
    if (!this.commands || !before.startsWith("/")) return [];
    const word = before.split(/\s/, 1)[0];
    const typed = /\s/.test(before); // arguments have begun: the hint stays in view, there is nothing left to take
    return this.directory
      .commands()
      .filter((one) => (typed ? one.command === word : one.command.startsWith(word)))
      .map((one) => ({
        from: 0,
        text: `${one.command} `,
        complete: typed || one.command === before,
        content: [
          h("b", {}, one.command),
          h("span", { class: "command-hint" }, one.hint ?? one.usage_hint ?? ""),
          h("small", {}, one.description ?? ""),
        ],
      }));
  }

  #peopleFor(before) {
    const match = /(?:^|[\s(])@([\w.-]*)$/.exec(before);
    if (!match) return [];
    const query = match[1].toLowerCase();
    const { app } = this.directory;
    const known = new Map([...this.directory.users.values()].map((user) => [user.id, user.name]));
    if (app) known.set(app.bot_user, app.handle ?? app.name.toLowerCase());
    return [...known]
      .filter(([id, handle]) =>
        `${handle} ${this.directory.name(id)}`
          .toLowerCase()
          .split(/\s+/)
          .some((word) => word.startsWith(query)),
      )
      .map(([id, handle]) => ({
        from: before.length - match[1].length - 1,
        text: `@${handle} `,
        complete: false,
        content: [
          avatar(id, this.directory),
          h("b", {}, this.directory.name(id)),
          h("small", {}, [`@${handle}`, this.directory.foreignTeam(id)].filter(Boolean).join(" · ")),
        ],
      }));
  }

  #take(item) {
    const end = this.box.selectionStart;
    this.box.setRangeText(item.text, item.from, end, "end");
    this.box.dispatchEvent(new Event("input"));
  }

  #draw() {
    fill(
      this.node,
      this.#items.map((item, index) =>
        h(
          "div",
          {
            id: `${this.node.id}-${index}`,
            class: "menu-item",
            role: "option",
            "aria-selected": String(index === this.#active && !item.complete),
            on: {
              pointerdown: (event) => {
                event.preventDefault();
                this.#take(item);
              },
            },
          },
          item.content,
        ),
      ),
    );
    this.node.hidden = !this.#items.length;
    if (this.#items.length) this.box.setAttribute("aria-activedescendant", `${this.node.id}-${this.#active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }
}
