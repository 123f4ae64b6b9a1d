// One table turns the server's error words into sentences for people.

const SENTENCES = {
  operation_timeout: "The app did not answer within 3 seconds. Try again in a moment.",
  http_client_error: "The app refused that (HTTP 4xx). Is the request URL right, and the signing secret?",
  http_service_error: "The app failed while it handled that (HTTP 5xx). Try again in a moment.",
  dispatch_failed: "The app is not connected to this workspace, so nobody received that. Is the bot running?",
  not_allowed: "People of another organisation cannot use this app's commands in a shared channel.",
  action_not_found: "This message has changed in the meantime. Look at its latest state and try again.",
  message_not_found: "This message no longer exists.",
  not_found: "That is no longer there.",
  channel_not_found: "You cannot see this channel.",
  not_in_channel: "You are not a member of this channel.",
  thread_not_found: "This thread no longer exists.",
  empty_file: "This file is empty, and a workspace takes no empty files.",
  file_upload_size_restricted: "The file is too large for this workspace.",
  panel_unavailable: "The demo panel does not answer.",
  file_not_found: "The file could not be stored. Attach it again.",
  no_text: "There is nothing to send.",
  msg_too_long: "The message is too long.",
  user_not_in_channel: "This person is not in the channel.",
  already_in_channel: "They are in this channel already.",
  cant_kick_self: "You cannot remove yourself.",
  cant_kick_from_general: "Nobody can be removed from this channel.",
  restricted_action: "This workspace does not allow that.",
  is_archived: "This channel is archived: nothing can be posted there.",
  already_reacted: "You have reacted with that already.",
  no_reaction: "That reaction is already gone.",
  too_many_reactions: "This message has all the reactions it can take.",
  too_many_emoji: "This message has all the reactions it can take.",
  invalid_name: "There is no emoji of that name.",
  edit_window_closed: "It is too late to change this message.",
  invalid_arguments: "The workspace did not accept that value.",
  invalid_values: "Something that was entered does not fit its field. Check the form.",
  invalid_response: "The app's answer is not valid, so nothing was changed. Its log says more.",
  invalid_command: "There is no such command here.",
  invalid_shortcut: "The app no longer offers this shortcut.",
  cannot_reply_to_message: "The message that you reply to is gone.",
  app_error: "The app answered with an error. Try again in a moment.",
  internal_error: "The workspace could not store that. Is its disk full?",
  request_too_large: "That is too much for one request.",
  not_allowed_token_type: "Only people can do that.",
  missing_scope: "The app was not granted what this needs.",
  token_revoked: "The app's access was revoked. Turn the fault off, or install it again.",
  account_inactive: "This account is switched off.",
  invalid_auth: "The session has ended. Reload the page.",
  missing_required: "Fill in the fields marked below.",
  ratelimited: "Too many requests. Wait a moment and try again.",
  rate_limited: "Too many requests. Wait a moment and try again.",
  cant_update_message: "You can change only your own messages.",
  cant_delete_message: "You can delete only your own messages.",
  network: "The workspace does not answer. Is it still running?",
};

/** An answer with `ok: false`, or none at all (code `network`). `body` is the whole answer. */
export class ApiError extends Error {
  constructor(code, body = {}) {
    super(sentence(code));
    this.code = code;
    this.body = body;
  }
}

function sentence(code) {
  return SENTENCES[code] ?? `That did not work (${String(code).replaceAll("_", " ")}).`;
}

/** What to tell the person about any failure. */
export function explain(error) {
  if (error instanceof ApiError) return error.message;
  console.error(error);
  return "Something went wrong in this page. Reload it and try again.";
}
