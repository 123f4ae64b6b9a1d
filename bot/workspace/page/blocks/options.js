// What a select offers, whatever it selects from: [{label, note, state}] in groups; `state` is what Slack would send.
import { plainText } from "../text/mrkdwn.js";

function ofOption(option) {
  return {
    label: plainText(option.text),
    note: option.description ? plainText(option.description) : "",
    state: option,
    key: option.value,
  };
}

function people(directory) {
  return directory.people().map((user) => {
    const team = directory.foreignTeam(user.id);
    return { label: directory.name(user.id), note: team ?? "", state: user.id, key: user.id };
  });
}

function channels(directory) {
  return [...directory.channels.values()].map((channel) => ({
    label: `#${channel.name}`,
    note: "",
    state: channel.id,
    key: channel.id,
  }));
}

/** @returns {{label: string, options: object[]}[]} */
export function groups(element, { directory }) {
  if (element.type.includes("users")) return [{ label: "", options: people(directory) }];
  if (element.type.includes("conversations") || element.type.includes("channels"))
    return [{ label: "", options: channels(directory) }];
  if (element.option_groups)
    return element.option_groups.map((group) => ({
      label: plainText(group.label),
      options: group.options.map(ofOption),
    }));
  return [{ label: "", options: (element.options ?? []).map(ofOption) }];
}

export { ofOption };

/** The state that the app asks for at first. */
export function initialOf(element, { target }) {
  const one = element.initial_option ?? element.initial_user ?? element.initial_conversation ?? element.initial_channel;
  if (one !== undefined) return one;
  return element.default_to_current_conversation ? target.channel : undefined;
}

export function initialsOf(element) {
  return (
    element.initial_options ?? element.initial_users ?? element.initial_conversations ?? element.initial_channels ?? []
  );
}

/** Two states are the same choice. */
export function keyOf(state) {
  return state && typeof state === "object" ? state.value : state;
}
