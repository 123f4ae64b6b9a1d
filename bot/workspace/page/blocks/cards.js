// Blocks that frame other content: card, carousel, container, alert, plan, task card, video.
import { append, h, hidden, icon } from "../core/dom.js";
import { link } from "../text/references.js";
import { plainText, textObject } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { picture } from "./picture.js";

const ALERTS = { info: "Information", warning: "Warning", error: "Error", success: "Success" };
const TASKS = {
  pending: ["○", "Pending"],
  in_progress: ["◐", "In progress"],
  complete: ["✓", "Complete"],
  error: ["✕", "Failed"],
};

/** @param {object} draw - {element(spec, spot), blocks(list)}: how what is inside is drawn */
export function card(block, surface, draw) {
  const actions = block.actions ?? [];
  return h(
    "div",
    { class: "block card-block" },
    block.hero_image && picture(block.hero_image, surface, "full-image"),
    h(
      "div",
      { class: "card-head" },
      block.icon && picture(block.icon, surface, "context-image"),
      h(
        "div",
        {},
        block.title && h("p", { class: "card-title" }, textObject(block.title, surface)),
        block.subtitle && h("p", { class: "card-subtitle" }, textObject(block.subtitle, surface)),
      ),
    ),
    block.body && textObject(block.body, surface, { block: true }),
    actions.length > 0 &&
      h(
        "div",
        { class: "actions" },
        actions.map((spec) => draw.element(spec, { surface, block, sends: true })),
      ),
  );
}

export function carousel(block, surface, draw) {
  return h(
    "div",
    { class: "block carousel-block", role: "group", "aria-label": "Cards", tabindex: "0" },
    (block.elements ?? []).map((one) => card(one, surface, draw)),
  );
}

export function container(block, surface, draw) {
  const title = block.rich_text_title ? richText(block.rich_text_title, surface) : plainText(block.title);
  const head = [
    block.icon && picture(block.icon, surface, "context-image"),
    title,
    block.subtitle && h("div", { class: "card-subtitle" }, textObject(block.subtitle, surface)),
  ];
  const children = draw.blocks(block.child_blocks ?? []);
  if (block.is_collapsible) {
    const node = h("details", { class: "block container-block" }, h("summary", {}, head), children);
    node.open = !block.default_collapsed;
    return node;
  }
  return h(
    "section",
    { class: "block container-block", "aria-label": plainText(block.title) || "Group" },
    h("div", { class: "card-title" }, head),
    block.has_header_divider && h("hr", { class: "divider" }),
    children,
  );
}

export function alert(block, surface) {
  const name = ALERTS[block.level];
  return h(
    "div",
    { class: `block alert-block alert-${name ? block.level : "default"}`, role: "note" },
    icon("info"),
    h("div", {}, name && hidden(`${name}: `), textObject(block.text, surface, { block: true })),
  );
}

export function task(block, surface) {
  const [mark, name] = TASKS[block.status] ?? TASKS.pending;
  return h(
    "div",
    { class: "block task-card", dataset: { status: block.status ?? "" } },
    h(
      "div",
      { class: "task-head" },
      h("span", { "aria-hidden": "true" }, mark),
      h("span", {}, plainText(block.title)),
      h("span", { class: "badge" }, name),
    ),
    block.details && richText(block.details, surface),
    block.output && richText(block.output, surface),
    block.sources?.length > 0 &&
      h(
        "ul",
        { class: "row" },
        block.sources.map((source) => h("li", {}, link(source.url ?? "", source.text ?? source.url))),
      ),
  );
}

export function plan(block, surface) {
  return h(
    "div",
    { class: "block plan-block" },
    h("p", { class: "card-title" }, plainText(block.title)),
    h(
      "ol",
      {},
      (block.tasks ?? []).map((one) => h("li", {}, task(one, surface))),
    ),
  );
}

/** The player is on another host, which the page's policy keeps out: what it is called, and a link to it. */
export function video(block) {
  const title = plainText(block.title);
  const by = [block.provider_name, block.author_name].filter(Boolean).join(" · ");
  return append(h("div", { class: "block video-block" }), [
    by && h("small", {}, by),
    h("b", {}, link(block.title_url ?? block.video_url ?? "", title || "Video")),
    block.description && h("p", {}, plainText(block.description)),
    h("small", {}, `Video: ${block.alt_text ?? title}`),
  ]);
}
