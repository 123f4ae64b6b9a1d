// What all state-bearing elements share: name, id, first value, recording and sending.
import { uid } from "../core/dom.js";
import { attempt } from "../core/toast.js";
import { plainText } from "../text/mrkdwn.js";
import { confirmed } from "./confirm.js";
import { STATE_KEY } from "./surface.js";

/**
 * @param {object} element - the Block Kit element
 * @param {object} spot - {surface, block, labelId?, labelFor?, name?, sends}
 * @param {*} initial - the state that the app asks for
 */
export function field(element, spot, initial) {
  const { surface, block } = spot;
  const recalled = surface.recall(block, element);
  const current = recalled === undefined ? initial : recalled;
  surface.record(block, element, current ?? null);
  return {
    current,
    attributes: {
      id: spot.controlId ?? uid("control"),
      "aria-labelledby": spot.labelId ?? null,
      "aria-label":
        spot.labelId || spot.controlId ? null : (spot.name ?? (plainText(element.placeholder) || element.action_id)),
      "aria-describedby": spot.describedBy ?? null,
      "aria-required": spot.required ? "true" : null,
      autofocus: element.focus_on_load ? true : null,
      dataset: { actionId: element.action_id ?? "", blockId: block.block_id ?? "" },
    },
    /** Keep a new state and, where this element sends its changes, send it. `undo` puts the old state back in view. */
    async changed(control, value, undo = () => {}) {
      const before = surface.recall(block, element);
      surface.record(block, element, value);
      if (!spot.sends) return;
      if (!(await confirmed(element.confirm, surface))) {
        surface.record(block, element, before);
        undo(before);
        return;
      }
      await attempt(control, () => surface.act(block, element, { [STATE_KEY[element.type]]: value }));
    },
    /** Keep a new state without sending it yet. */
    note(value) {
      surface.record(block, element, value);
    },
  };
}
