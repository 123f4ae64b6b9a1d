// Block Kit as DOM. An unknown block or element is named, not hidden, so that an app builder sees the gap.
import { append, h, uid } from "../core/dom.js";
import { markdown } from "../text/markdown.js";
import { plainText, textObject } from "../text/mrkdwn.js";
import { richText } from "../text/richtext.js";
import { button, feedback, overflow, pressIcon } from "./buttons.js";
import { alert, card, carousel, container, plan, task, video } from "./cards.js";
import { chart, dataTable } from "./charts.js";
import { multiSelect, select, ticks } from "./choices.js";
import { externalSelect, multiExternalSelect } from "./external.js";
import { fileInput } from "./fileinput.js";
import { picture } from "./picture.js";
import { datepicker, datetimepicker, textInput, timepicker } from "./inputs.js";
import { richInput } from "./richinput.js";
import { table } from "./table.js";

const ELEMENTS = {
  button,
  overflow,
  datepicker,
  datetimepicker,
  timepicker,
  workflow_button: button,
  icon_button: pressIcon,
  feedback_buttons: feedback,
  file_input: fileInput,
  rich_text_input: richInput,
  external_select: externalSelect,
  multi_external_select: multiExternalSelect,
  static_select: select,
  users_select: select,
  conversations_select: select,
  channels_select: select,
  multi_static_select: multiSelect,
  multi_users_select: multiSelect,
  multi_conversations_select: multiSelect,
  multi_channels_select: multiSelect,
  checkboxes: ticks,
  radio_buttons: ticks,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: textInput,
  image: (element, { surface }) => picture(element, surface, "accessory-image"),
};

const GROUPS = new Set([
  "checkboxes",
  "radio_buttons",
  "multi_static_select",
  "multi_users_select",
  "multi_conversations_select",
  "multi_channels_select",
]);

function unknown(what, type) {
  return h("p", { class: "unsupported" }, `This workspace does not show ${what} of type “${type}”.`);
}

function element(spec, spot) {
  return ELEMENTS[spec.type]?.(spec, spot) ?? unknown("elements", spec.type);
}

function section(block, surface) {
  const textId = uid("section");
  const body = h("div", { class: "section-body", id: textId });
  if (block.text) body.append(textObject(block.text, surface, { block: true }));
  if (block.fields?.length) {
    body.append(
      h(
        "div",
        { class: "fields" },
        block.fields.map((one) => h("div", {}, textObject(one, surface, { block: true }))),
      ),
    );
  }
  const accessory =
    block.accessory &&
    h(
      "div",
      { class: `accessory accessory-${block.accessory.type}` },
      element(block.accessory, {
        surface,
        block,
        sends: true,
        name: plainText(block.accessory.placeholder) || plainText(block.text).slice(0, 150),
      }),
    );
  return h("div", { class: "block section" }, body, accessory);
}

function actions(block, surface) {
  return h(
    "div",
    { class: "block actions" },
    (block.elements ?? []).map((spec) => element(spec, { surface, block, sends: true })),
  );
}

function context(block, surface) {
  return h(
    "div",
    { class: "block context" },
    (block.elements ?? []).map((spec) =>
      spec.type === "image" ? picture(spec, surface, "context-image") : textObject(spec, surface),
    ),
  );
}

function input(block, surface) {
  const spec = block.element ?? {};
  const [labelId, controlId, hintId, errorId] = [uid("label"), uid("control"), uid("hint"), uid("error")];
  const required = !block.optional;
  const describedBy = [block.hint && hintId, errorId].filter(Boolean).join(" ");
  const control = element(spec, {
    surface,
    block,
    required,
    describedBy,
    sends: block.dispatch_action === true,
    controlId,
    labelId: GROUPS.has(spec.type) ? labelId : undefined,
  });
  const label = h(
    GROUPS.has(spec.type) ? "span" : "label",
    { class: "label", id: labelId, for: GROUPS.has(spec.type) ? null : controlId },
    plainText(block.label),
  );
  const row = h("div", { class: "label-row" }, label, block.optional && h("small", { class: "optional" }, "optional"));
  return h(
    "div",
    { class: "block input-block", dataset: { blockId: block.block_id ?? "" } },
    row,
    control,
    block.hint && h("p", { class: "hint", id: hintId }, plainText(block.hint)),
    h("p", { class: "field-error", id: errorId }),
  );
}

const BLOCKS = {
  section,
  actions,
  context,
  input,
  table,
  alert,
  card,
  carousel,
  container,
  plan,
  video,
  task_card: task,
  data_table: dataTable,
  data_visualization: chart,
  context_actions: actions,
  header: (block) =>
    h(
      "p",
      { class: "block block-header", role: "heading", "aria-level": String(Math.min(6, 2 + (block.level ?? 1))) },
      plainText(block.text),
    ),
  divider: () => h("hr", { class: "block divider" }),
  image: (block, surface) =>
    h(
      "figure",
      { class: "block image-block" },
      block.title && h("figcaption", {}, plainText(block.title)),
      picture(block, surface, "full-image"),
    ),
  rich_text: (block, surface) => append(h("div", { class: "block" }), [richText(block, surface)]),
  markdown: (block) => append(h("div", { class: "block" }), [markdown(block.text)]),
};

function list(blocks, surface) {
  const draw = { element, blocks: (children) => list(children, surface) };
  return h(
    "div",
    { class: "blocks" },
    blocks.map((block) => BLOCKS[block.type]?.(block, surface, draw) ?? unknown("blocks", block.type)),
  );
}

/** All blocks of a message, modal or home tab. */
export function renderBlocks(blocks, surface) {
  surface.blocks = blocks;
  return list(blocks, surface);
}
