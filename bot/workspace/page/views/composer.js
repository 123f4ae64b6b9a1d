// Where one writes: Enter sends, Shift+Enter starts a line, files are attached or dropped, "/" and "@" complete.
import { fill, h, icon, iconButton, uid } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { fromTyped } from "../text/references.js";
import { Completion } from "./completion.js";
import { size } from "./drops.js";

const MAX_ROWS_HEIGHT = 200; // pixels; then the box scrolls

export class Composer {
  #files = [];

  /** @param {object} options - {world, label, channel, threadTs?, commands: boolean} */
  constructor(options) {
    this.options = options;
    const boxId = uid("composer");
    const hintId = uid("hint");
    this.box = h("textarea", {
      id: boxId,
      class: "composer-text",
      rows: "1",
      placeholder: options.label,
      "aria-label": options.label,
      "aria-describedby": hintId,
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event), blur: () => this.completion.close() },
    });
    this.chips = h("ul", { class: "chips", "aria-label": "Attached files" });
    this.hint = h("p", { class: "hint composer-hint", id: hintId });
    const picker = h("input", {
      type: "file",
      multiple: true,
      class: "visually-hidden",
      tabindex: "-1",
      "aria-label": `Files for: ${options.label}`,
      on: {
        change: () => {
          this.attach([...picker.files]);
          picker.value = "";
        },
      },
    });
    this.send = h(
      "button",
      { type: "submit", class: "button button-primary send", "aria-label": "Send", title: "Send (Enter)" },
      icon("send"),
    );
    this.completion = new Completion(this.box, options.world.directory, options.commands);
    this.node = h(
      "form",
      {
        class: "composer",
        on: {
          submit: (event) => {
            event.preventDefault();
            this.#submit();
          },
        },
      },
      this.completion.node,
      this.chips,
      h(
        "div",
        { class: "composer-row" },
        iconButton("attach", "Attach files", () => picker.click()),
        picker,
        this.box,
        this.send,
      ),
      this.hint,
    );
    this.#changed();
  }

  /** Put files beside the text; they go out with it. */
  attach(files) {
    this.#files.push(...files);
    this.#drawChips();
    this.box.focus();
  }

  focus() {
    this.box.focus();
  }

  #drawChips() {
    fill(
      this.chips,
      this.#files.map((file, index) =>
        h(
          "li",
          { class: "chip" },
          icon("file"),
          h("span", { class: "file-name" }, file.name),
          h("small", {}, size(file.size)),
          iconButton("close", `Remove ${file.name}`, () => {
            this.#files.splice(index, 1);
            this.#drawChips();
            this.box.focus();
          }),
        ),
      ),
    );
    this.#changed();
  }

  #changed() {
    const text = this.box.value;
    this.send.disabled = !text.trim() && !this.#files.length;
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, MAX_ROWS_HEIGHT)}px`;
    this.completion.update();
    const slash = text.startsWith("/");
    if (slash && !this.options.commands)
      this.hint.textContent =
        "Commands do not work in threads. Mention the app instead, or type the command in the channel.";
    else if (slash && !this.options.world.directory.mayCallApp)
      this.hint.textContent = "The app's commands work only for people of its own organisation.";
    else if (slash)
      this.hint.textContent = this.#command(text) ? "Runs as a command; only you see what you typed." : "";
    else this.hint.textContent = this.#files.length ? "Enter sends the files." : "";
  }

  #command(text) {
    const word = text.trim().split(/\s/, 1)[0];
    return this.options.world.directory.commands().find((one) => one.command === word);
  }

  #key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    }
  }

  async #submit() {
    const typed = this.box.value;
    const text = typed.trim();
    const files = [...this.#files];
    if (!text && !files.length) return;
    const command = files.length ? null : this.#command(text);
    if (text.startsWith("/") && !files.length && !command && this.options.commands) {
      this.hint.textContent = `${text.split(/\s/, 1)[0]} is not a command that you can use here.`;
      return;
    }
    if (command && !this.options.commands) return;
    const sent = await attempt(this.send, () => (command ? this.#run(command, text) : this.#post(text, files)));
    if (!sent) return;
    // Who is quick has typed or attached more meanwhile: that is for the next message.
    if (this.box.value.startsWith(typed)) this.box.value = this.box.value.slice(typed.length);
    this.#files = this.#files.filter((file) => !files.includes(file));
    this.#drawChips();
  }

  #run(command, text) {
    return this.options.world.api.post("command", {
      channel: this.options.channel,
      command: command.command,
      text: text.slice(command.command.length).trim(),
    });
  }

  #post(text, files) {
    const { world, channel, threadTs } = this.options;
    const stored = fromTyped(text, world.directory);
    if (files.length) return world.api.share(files, { channel, threadTs, text: stored });
    return world.api.web("chat.postMessage", { channel, text: stored, thread_ts: threadTs });
  }
}
