// Left: the workspace, who acts, the conversations with their shared and unread marks, the app.
import { fill, h, hidden, icon, iconButton } from "../core/dom.js";
import { openMenu } from "../core/menu.js";
import { actAs, addressOf, go, goHome, place } from "../core/route.js";
import { attempt } from "../core/toast.js";
import { avatar } from "./people.js";

export class Sidebar {
  /** @param {object} world @param {object} options - {close, jump} */
  constructor(world, { close, jump }) {
    this.world = world;
    this.channels = h("ul", { class: "channels" });
    this.directs = h("ul", { class: "channels" });
    this.apps = h("ul", { class: "channels" });
    const { directory } = world;
    this.node = h(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Channels" },
      h(
        "div",
        { class: "workspace-name" },
        h("span", { class: "workspace-mark", "aria-hidden": "true" }, directory.team.name[0]),
        h("h1", {}, directory.team.name),
      ),
      this.#switcher(),
      h(
        "button",
        {
          type: "button",
          class: "button button-small jump-to",
          "aria-keyshortcuts": "Control+K Meta+K",
          on: { click: jump },
        },
        icon("search"),
        h("span", {}, "Jump to…"),
        h("kbd", { "aria-hidden": "true" }, "Ctrl K"),
      ),
      h("h2", { class: "side-heading" }, "Channels"),
      this.channels,
      this.#directsHeading(),
      this.directs,
      directory.app && [h("h2", { class: "side-heading" }, "Apps"), this.apps],
    );
    this.node.addEventListener("click", (event) => event.target.closest("a") && close());
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

  #directsHeading() {
    const { directory } = this.world;
    const items = () =>
      directory.people().map((user) => ({
        label: user.id === directory.viewer.id ? `${directory.name(user.id)} (you)` : directory.name(user.id),
        note: directory.foreignTeam(user.id) ?? "",
        run: () => attempt(more, () => openDirect(this.world, user.id)),
      }));
    const more = iconButton("plus", "New direct message", () => openMenu(more, items(), "New direct message"), {
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    });
    return h("div", { class: "side-row" }, h("h2", { class: "side-heading" }, "Direct messages"), more);
  }

  #link({ href, mark, name, current, channel = {}, follow }) {
    const { unread = 0, mentions = 0 } = channel;
    const shared = channel.id ? this.world.directory.sharedWith(channel) : [];
    const link = h(
      "a",
      {
        class: unread ? "channel channel-unread" : "channel",
        href,
        "aria-current": current ? "page" : null,
        on: {
          click: (event) => {
            event.preventDefault();
            follow();
          },
        },
      },
      mark,
      h("span", { class: "channel-name" }, name),
      shared.length > 0 &&
        h(
          "span",
          { class: "channel-shared", title: `Shared with ${shared.join(", ")}` },
          icon("link"),
          hidden(`shared with ${shared.join(", ")}`),
        ),
      unread > 0 &&
        h("span", { class: mentions ? "unread unread-mention" : "unread" }, String(unread), hidden(" unread")),
    );
    return h("li", {}, link);
  }

  draw() {
    const { directory } = this.world;
    const here = place();
    const row = (channel, mark) =>
      this.#link({
        href: addressOf(channel.id),
        mark,
        name: directory.titleOf(channel),
        current: channel.id === here.channel,
        channel,
        follow: () => go(channel.id),
      });
    const all = [...directory.channels.values()];
    const directs = all.filter((channel) => channel.is_im && !directory.isApp(channel.user));
    fill(
      this.channels,
      all.filter((channel) => !channel.is_im).map((one) => row(one, icon(one.is_private ? "lock" : "hash"))),
    );
    fill(
      this.directs,
      directs.map((one) => row(one, avatar(one.user, directory))),
    );
    if (!directory.app) return;
    const direct = directory.directWith(directory.app.bot_user);
    fill(
      this.apps,
      this.#link({
        href: addressOf("home"),
        mark: avatar(directory.app.bot_user, directory),
        name: directory.app.name,
        current: here.home || (direct && here.channel === direct.id),
        channel: direct,
        follow: () => (direct?.unread ? go(direct.id) : goHome()),
      }),
    );
  }
}

/** Go to the direct message with somebody; it is made when there is none yet. */
export async function openDirect(world, userId) {
  const { channel } = await world.api.web("conversations.open", { users: userId });
  await world.refresh();
  go(channel.id);
}
