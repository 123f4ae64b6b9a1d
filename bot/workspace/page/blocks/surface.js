// Where blocks are drawn: a message, a modal or the home tab. Elements record their state here and send their actions.

/** Slack's names for the state of an element: docs.slack.dev, "View submission payload", `state.values`. */
export const STATE_KEY = {
  plain_text_input: "value",
  number_input: "value",
  email_text_input: "value",
  url_text_input: "value",
  static_select: "selected_option",
  external_select: "selected_option",
  radio_buttons: "selected_option",
  overflow: "selected_option",
  users_select: "selected_user",
  conversations_select: "selected_conversation",
  channels_select: "selected_channel",
  multi_static_select: "selected_options",
  multi_external_select: "selected_options",
  checkboxes: "selected_options",
  multi_users_select: "selected_users",
  multi_conversations_select: "selected_conversations",
  multi_channels_select: "selected_channels",
  datepicker: "selected_date",
  timepicker: "selected_time",
  datetimepicker: "selected_date_time",
  rich_text_input: "rich_text_value",
  file_input: "file_ids",
};

export class Surface {
  #values = new Map();
  #uploads = new Set();

  /**
   * @param {object} world - {api, directory, zone, samples}
   * @param {object} target - what the client API names it by: {channel, message_ts} or {view_id}
   */
  constructor(world, target) {
    Object.assign(this, world);
    this.target = target;
  }

  /** Draw anew for the same element keeps what the person entered (as Slack does when both ids stay). */
  recall(block, element) {
    return this.#values.get(block.block_id)?.get(element.action_id)?.[STATE_KEY[element.type]];
  }

  record(block, element, value) {
    if (!(element.type in STATE_KEY)) return;
    if (!this.#values.has(block.block_id)) this.#values.set(block.block_id, new Map());
    this.#values.get(block.block_id).set(element.action_id, { type: element.type, [STATE_KEY[element.type]]: value });
  }

  /** `state.values` of the given blocks. */
  values(blocks) {
    const present = new Set(blocks.map((block) => block.block_id));
    const entries = [...this.#values].filter(([id]) => present.has(id));
    return Object.fromEntries(entries.map(([id, actions]) => [id, Object.fromEntries(actions)]));
  }

  /** Send `block_actions` for an element; `state` is the element's own part, such as {selected_option}. */
  act(block, element, state = {}) {
    const values = this.target.view_id ? { values: this.values(this.blocks ?? []) } : {};
    return this.api.post("action", {
      ...this.target,
      block_id: block.block_id,
      action_id: element.action_id,
      ...state,
      ...values,
    });
  }

  /** Options of an external select for what was typed. */
  async suggest(block, element, value) {
    const body = { ...this.target, block_id: block.block_id, action_id: element.action_id, value };
    const answer = await this.api.post("block_suggestion", body);
    return answer.options ?? (answer.option_groups ?? []).flatMap((group) => group.options);
  }

  /** Uploads under way; a submission waits for them. */
  track(promise) {
    this.#uploads.add(promise);
    promise.catch(() => {}).finally(() => this.#uploads.delete(promise));
    return promise;
  }

  settled() {
    return Promise.allSettled([...this.#uploads]);
  }
}
