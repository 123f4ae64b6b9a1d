// The app's Home tab, as the app published it for this user.
import { fill, h } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { go, goHome } from "../core/route.js";
import { attempt } from "../core/toast.js";
import { renderBlocks } from "../blocks/render.js";
import { Surface } from "../blocks/surface.js";
import { avatar } from "./people.js";

/** The app's two tabs; Messages is the direct message with it. */
export function appTabs(world, current) {
  const tab = (name, label, run) =>
    h(
      "button",
      { type: "button", class: "tab", "aria-current": name === current ? "page" : null, on: { click: run } },
      label,
    );
  const open = async () => {
    const { channel } = await world.api.post("home", { tab: "messages" });
    await world.refresh();
    go(channel);
  };
  const messages = tab("messages", "Messages", () => attempt(messages, open));
  return h("nav", { class: "tabs", "aria-label": "App" }, tab("home", "Home", goHome), messages);
}

export class Home {
  constructor(world, tools) {
    const { directory } = world;
    this.world = world;
    this.content = h("div", { class: "home-content", tabindex: "0", role: "region", "aria-label": "Home" });
    this.node = h(
      "main",
      { class: "channel-view", "aria-label": `App ${directory.app.name}` },
      h(
        "header",
        { class: "pane-head" },
        tools[0],
        h(
          "div",
          { class: "pane-title" },
          h(
            "h2",
            {},
            avatar(directory.app.bot_user, directory),
            directory.app.name,
            h("span", { class: "badge" }, "APP"),
          ),
          h("p", { class: "topic" }, "Home"),
        ),
        appTabs(world, "home"),
        tools.slice(1),
      ),
      this.content,
    );
  }

  /** Opening it tells the app (app_home_opened). */
  async open() {
    try {
      const { view } = await this.world.api.post("home", { tab: "home" });
      if (!this.published) this.#draw(view); // else the app was faster than this answer
    } catch (error) {
      fill(this.content, h("p", { class: "empty" }, explain(error)));
    }
  }

  /** The app has published. */
  draw(view) {
    this.published = true;
    this.#draw(view);
  }

  #draw(view) {
    this.content.dataset.loaded = "true";
    if (!view)
      fill(
        this.content,
        h("p", { class: "empty" }, `${this.world.directory.app.name} has not published a home tab for you yet.`),
      );
    else fill(this.content, renderBlocks(view.blocks ?? [], new Surface(this.world, { view_id: view.id })));
  }
}
