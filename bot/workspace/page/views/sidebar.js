// Left: the workspace, who acts, the channels with their shared and unread marks.
import { fill, h, hidden, icon } from "../core/dom.js";
import { actAs, go, goHome, place } from "../core/route.js";

export class Sidebar {
  #unread = new Map(); // channel -> number of messages since last seen

  /** @param {object} world */
  constructor(world, close) {
    this.world = world;
    this.list = h("ul", { class: "channels" });
    this.node = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Channels" },
      h(
        "div",
        { class: "workspace-name" },
        h("span", { class: "workspace-mark", "aria-hidden": "true" }, world.directory.team.name[0]),
        h("h1", {}, world.directory.team.name),
      ),
      this.#switcher(),
      h("h2", { class: "side-heading" }, "Channels"),
      this.list,
      world.directory.app && this.#apps(),
    );
    this.list.addEventListener("click", (event) => event.target.closest("a") && close());
  }

  #switcher() {
    const { directory } = this.world;
    const teams = Map.groupBy(
      directory.people(),
      (user) => user.team_name ?? directory.teams.get(user.team_id)?.name ?? user.team_id ?? "",
    );
    const select = h(
      "select",
      { class: "input select", id: "acting-as", on: { change: () => actAs(select.value) } },
      [...teams].map(([team, users]) =>
        h(
          "optgroup",
          { label: team },
          users.map((user) => h("option", { value: user.id }, directory.name(user.id))),
        ),
      ),
    );
    select.value = directory.viewer.id;
    const { title, team_name: team } = directory.viewer;
    return h(
      "div",
      { class: "acting" },
      h("label", { for: "acting-as" }, "Acting as"),
      select,
      h("p", { class: "acting-note" }, [title, team].filter(Boolean).join(", ")),
    );
  }

  #apps() {
    const { directory } = this.world;
    this.home = h(
      "a",
      { class: "channel", href: "#home" },
      icon("home"),
      h("span", { class: "channel-name" }, directory.app.name),
    );
    this.home.addEventListener("click", (event) => {
      event.preventDefault();
      goHome();
    });
    return [h("h2", { class: "side-heading" }, "Apps"), h("ul", { class: "channels" }, h("li", {}, this.home))];
  }

  /** Another message in a channel that is not in view. */
  count(channel) {
    this.#unread.set(channel, (this.#unread.get(channel) ?? 0) + 1);
    this.draw();
  }

  seen(channel) {
    this.#unread.delete(channel);
    this.draw();
  }

  draw() {
    const { directory } = this.world;
    const here = place();
    fill(
      this.list,
      [...directory.channels.values()].map((channel) => {
        const shared = directory.sharedWith(channel);
        const unread = this.#unread.get(channel.id) ?? 0;
        const link = h(
          "a",
          {
            class: unread ? "channel channel-unread" : "channel",
            href: `#${channel.id}`,
            "aria-current": channel.id === here.channel ? "page" : null,
          },
          icon(channel.is_private ? "lock" : "hash"),
          h("span", { class: "channel-name" }, channel.is_im ? directory.name(channel.user) : channel.name),
          shared.length > 0 &&
            h(
              "span",
              { class: "badge badge-shared", title: `Shared with ${shared.join(", ")}` },
              hidden(`shared with ${shared.join(", ")}`),
              h("span", { "aria-hidden": "true" }, "shared"),
            ),
          unread > 0 && h("span", { class: "unread" }, String(unread), hidden(" unread")),
        );
        link.addEventListener("click", (event) => {
          event.preventDefault();
          go(channel.id);
        });
        return h("li", {}, link);
      }),
    );
    this.home?.toggleAttribute("aria-current", here.home);
  }
}
