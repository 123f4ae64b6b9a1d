// Start: who is there, who acts, then the shell.
import { Api, boot } from "./core/api.js";
import { knownZone } from "./core/dates.js";
import { Directory } from "./core/directory.js";
import { fill, h } from "./core/dom.js";
import { explain } from "./core/errors.js";
import { actingAs } from "./core/route.js";
import { ignoreStrayDrops } from "./views/drops.js";
import { Shell } from "./views/shell.js";

async function start() {
  const root = document.getElementById("app");
  try {
    const answer = await boot();
    const people = answer.users.filter((user) => user.token && !user.is_bot);
    const viewer = people.find((user) => user.id === actingAs()) ?? people[0];
    if (!viewer) throw new Error("the workspace has no user to act as");
    const api = new Api(viewer.token);
    const { conversations, last_event: last } = await api.get("sidebar");
    const directory = new Directory({ ...answer, channels: conversations }, viewer);
    document.title = `${directory.team.name} – ${directory.name(viewer.id)}`;
    const shell = new Shell(root, { api, directory, zone: knownZone(viewer.tz), samples: () => [] }, answer.panel);
    await shell.start(last);
  } catch (error) {
    fill(
      root,
      h(
        "p",
        { class: "loading", role: "alert" },
        explain(error),
        " ",
        h("button", { class: "button", type: "button", on: { click: () => location.reload() } }, "Reload"),
      ),
    );
  }
}

ignoreStrayDrops();
start();
