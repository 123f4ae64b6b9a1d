// Dragging files: from the desktop, or one of the side panel's (its own media type carries address and name).
import { toast } from "../core/toast.js";
import { explain } from "../core/errors.js";

const SAMPLE_TYPE = "application/x-workspace-sample";

/** Let a node of the panel be dragged onto a channel or thread. */
export function dragsSample(node, sample) {
  node.draggable = true;
  node.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData(SAMPLE_TYPE, JSON.stringify({ url: sample.url, name: sample.name }));
    event.dataTransfer.effectAllowed = "copy";
  });
}

function carriesFiles(event) {
  const types = [...(event.dataTransfer?.types ?? [])];
  return types.includes("Files") || types.includes(SAMPLE_TYPE);
}

async function filesOf(transfer, api) {
  const sample = transfer.getData(SAMPLE_TYPE);
  if (!sample) return [...transfer.files];
  const { url, name } = JSON.parse(sample);
  return [await api.panelFile(url, name)];
}

/** Call `take` with the files dropped on `node`; while they hover, the node has the class `dropping`. */
export function acceptDrops(node, { api }, take) {
  let depth = 0; // dragenter and dragleave also come for every child
  const hover = (change) => {
    depth = Math.max(0, depth + change);
    node.classList.toggle("dropping", depth > 0);
  };
  node.addEventListener("dragenter", (event) => carriesFiles(event) && hover(1));
  node.addEventListener("dragleave", (event) => carriesFiles(event) && hover(-1));
  node.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  node.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    hover(-depth);
    filesOf(event.dataTransfer, api)
      .then(take)
      .catch((error) => toast(explain(error), "error"));
  });
}

/** A file dropped beside every target must not replace the page. */
export function ignoreStrayDrops() {
  for (const kind of ["dragover", "drop"])
    window.addEventListener(kind, (event) => carriesFiles(event) && event.preventDefault());
}

/** Bytes for people. */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
