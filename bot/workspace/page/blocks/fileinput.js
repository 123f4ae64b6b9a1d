// file_input (modals only): the file goes up at once, the submission names it by id.
import { h, icon, iconButton } from "../core/dom.js";
import { explain } from "../core/errors.js";
import { openMenu } from "../core/menu.js";
import { toast } from "../core/toast.js";
import { acceptDrops, size } from "../views/drops.js";
import { field } from "./field.js";

const MAX_BYTES = 10 * 1024 * 1024; // docs.slack.dev, file input element: 10 MB a file
const DEFAULT_MAX_FILES = 10;

export function fileInput(element, spot) {
  const { surface } = spot;
  const kept = field(element, spot, []);
  const limit = element.max_files ?? DEFAULT_MAX_FILES;
  surface.uploadedNames ??= new Map();
  const ids = [...(kept.current ?? [])];
  const list = h("ul", { class: "upload-list" });

  const row = (name, note) => {
    const state = h("small", {}, note);
    const item = h("li", {}, icon("file"), h("span", { class: "file-name" }, name), state);
    list.append(item);
    return [item, state];
  };
  const settle = ([item, state], id) => {
    item.append(
      iconButton("close", `Remove ${surface.uploadedNames.get(id).name}`, () => {
        ids.splice(ids.indexOf(id), 1);
        kept.note([...ids]);
        item.remove();
      }),
    );
    state.textContent = size(surface.uploadedNames.get(id).size);
  };
  const add = async (files) => {
    for (const file of files) {
      if (list.children.length >= limit)
        return toast(`This field takes ${limit === 1 ? "one file" : `${limit} files`} at most.`, "error");
      if (file.size > MAX_BYTES) toast(`${file.name} is larger than 10 MB.`, "error");
      else await upload(file);
    }
    return undefined;
  };
  const upload = async (file) => {
    const shown = row(file.name, "Uploading…");
    try {
      const stored = await surface.track(surface.api.uploadPrivately(file));
      surface.uploadedNames.set(stored.id, { name: file.name, size: file.size });
      ids.push(stored.id);
      kept.note([...ids]);
      settle(shown, stored.id);
    } catch (error) {
      shown[0].remove();
      toast(explain(error), "error");
    }
  };

  for (const id of ids) settle(row(surface.uploadedNames.get(id).name, ""), id);
  const accept = element.filetypes?.map((type) => `.${type}`).join(",") ?? null;
  const { "aria-required": _required, ...attributes } = kept.attributes; // not an attribute of a file button
  const picker = h("input", {
    ...attributes,
    type: "file",
    class: "file-picker",
    accept,
    multiple: limit > 1,
    on: {
      change: () => {
        add([...picker.files]);
        picker.value = "";
      },
    },
  });
  const zone = h(
    "div",
    { class: "drop-field" },
    h("p", {}, "Drop a file here, or choose one."),
    h("div", { class: "row" }, picker, samplesButton(surface, add)),
    list,
  );
  acceptDrops(zone, surface, add);
  return zone;
}

/** The side panel's files, at hand in a dialog too (the panel itself cannot be reached while a dialog is open). */
function samplesButton(surface, add) {
  const samples = surface.samples?.() ?? [];
  if (!samples.length) return null;
  const items = samples.map((sample) => ({
    label: sample.label ?? sample.name,
    note: sample.label ? sample.name : "",
    run: () =>
      surface.api.panelFile(sample.url, sample.name).then(
        (file) => add([file]),
        (error) => toast(explain(error), "error"),
      ),
  }));
  const node = h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      on: { click: () => openMenu(node, items, "Sample files") },
    },
    "Use a sample file",
  );
  return node;
}
