// One table turns the server's error words into sentences for people.

const SENTENCES = {
  operation_timeout: "The app did not answer within 3 seconds. Try again in a moment.",
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
