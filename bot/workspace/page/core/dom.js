// The page builds every node itself: text from outside goes into text nodes only, never through an HTML parser.

/**
 * Make an element. `props` holds attributes; `class`, `dataset`, `on` (event name -> listener) and `props` (DOM
 * properties such as `value`) are treated apart. False, null and undefined attributes are left out; true is "".
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "on")
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "props") Object.assign(node, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

/** Append children, flattening lists; strings and numbers become text nodes. */
export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Replace all children. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** Text for screen readers only. */
export function hidden(text) {
  return h("span", { class: "visually-hidden" }, text);
}

let serial = 0;

/** An id that no other element of the page has: for label/for and aria-describedby. */
export function uid(prefix = "id") {
  serial += 1;
  return `${prefix}-${serial}`;
}

const ICONS = {
  attach:
    "M14.5 6.5 8.200 12.800a2 2 0 0 0 2.800 2.800l6.400-6.400a4 4 0 0 0-5.700-5.700L5.300 9.900a6 6 0 0 0 8.5 8.5l5-5",
  send: "M4 12 3.5 4.5 21 12 3.5 19.5 4 12Zm0 0h8",
  reply:
    "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H12l-4.5 4v-4h-1A2.5 2.5 0 0 1 4 13.5z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  close: "m6 6 12 12M18 6 6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  file: "M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Zm7 0v5h5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5 2.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  hash: "M9.5 4 8 20M16 4l-1.5 16M4.5 9h16M3.5 15h16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  link: "M10 14a4 4 0 0 0 6 .4l2.600-2.600a4 4 0 0 0-5.700-5.700L11.5 7.5M14 10a4 4 0 0 0-6-.4l-2.600 2.600a4 4 0 0 0 5.700 5.700L12.5 16.5",
  home: "m3.5 11 8.5-7 8.5 7M6 9.5V20h12V9.5",
  panel: "M4 5h16v14H4zM14.5 5v14",
  chevron: "m7 10 5 5 5-5",
  back: "m14 6-6 6 6 6",
  code: "m8.5 7-5 5 5 5M15.500 7l5 5-5 5M13.500 4.500l-3 15",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.500 4.500 0 0 0 7 0M9 9.500h.01M15 9.500h.01",
  plus: "M12 5v14M5 12h14",
  people:
    "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6.500 8a6.500 6.500 0 0 1 13 0M16 4.800a3.500 3.500 0 0 1 0 6.400M18 13.700a6.500 6.500 0 0 1 3.500 5.800",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Zm5-1.500 5 5",
  up: "M12 20V5M6 11l6-6 6 6",
  down: "M12 4v15M6 13l6 6 6-6",
  edit: "M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19 4 20Z",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  thumbsup:
    "M7 11v9H4v-9zM7 11l4-7.500a2 2 0 0 1 2.500 2.300L13 9.500h5.500a1.800 1.800 0 0 1 1.800 2.200l-1.400 6.600A2 2 0 0 1 17 20H7",
  thumbsdown:
    "M7 13V4H4v9zM7 13l4 7.500a2 2 0 0 0 2.500-2.300L13 14.500h5.500a1.800 1.800 0 0 0 1.800-2.200l-1.400-6.600A2 2 0 0 0 17 4H7",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5m0-8h.01",
};

const SVG = "http://www.w3.org/2000/svg";

/** A line icon; hidden from screen readers, its button carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and is named by `label`. */
export function iconButton(name, label, onClick, extra = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: onClick }, ...extra },
    icon(name),
  );
}
