// The two doors of the workspace server: the ordinary Slack Web API (with this user's token) and the client API.
import { ApiError } from "./errors.js";

async function answer(request) {
  let response;
  try {
    response = await request;
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    throw new ApiError("network");
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new ApiError(response.ok ? "invalid_answer" : `status_${response.status}`);
  }
  if (body.ok === false) throw new ApiError(body.error ?? "unknown_error", body);
  if (!response.ok) throw new ApiError(body.error ?? `status_${response.status}`, body);
  return body;
}

/** Who is there; needs no token. */
export function boot() {
  return answer(fetch("/client/boot"));
}

/** The server as one user sees it. Every method throws ApiError. */
export class Api {
  #token;

  constructor(token) {
    this.#token = token;
  }

  #headers(extra = {}) {
    return { Authorization: `Bearer ${this.#token}`, ...extra };
  }

  /** GET /client/NAME */
  get(name, query = {}, signal = undefined) {
    return answer(fetch(`/client/${name}?${new URLSearchParams(query)}`, { headers: this.#headers(), signal }));
  }

  /** POST /client/NAME with a JSON body. */
  post(name, body = {}) {
    const headers = this.#headers({ "Content-Type": "application/json" });
    return answer(fetch(`/client/${name}`, { method: "POST", headers, body: JSON.stringify(body) }));
  }

  /** Call a Web API method in the form encoding, which all of them take; lists and objects go as JSON. */
  web(method, args = {}) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(args)) {
      if (value !== undefined && value !== null)
        form.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
    return answer(fetch(`/api/${method}`, { method: "POST", headers: this.#headers(), body: form }));
  }

  /**
   * Send the bytes of one file by the external-upload flow, without completing it.
   * @returns {Promise<string>} the file id
   */
  async uploadBytes(file) {
    if (!file.size) throw new ApiError("empty_file");
    const ticket = await this.web("files.getUploadURLExternal", { filename: file.name, length: file.size });
    let response;
    try {
      response = await fetch(sameOrigin(ticket.upload_url), { method: "POST", body: file });
    } catch {
      throw new ApiError("network");
    }
    if (!response.ok) throw new ApiError("file_not_found");
    return ticket.file_id;
  }

  /** Upload files and share them as one message (subtype file_share). */
  async share(files, { channel, threadTs, text }) {
    const uploaded = [];
    for (const file of files) uploaded.push({ id: await this.uploadBytes(file), title: file.name });
    return this.web("files.completeUploadExternal", {
      files: uploaded,
      channel_id: channel,
      thread_ts: threadTs,
      initial_comment: text || undefined,
    });
  }

  /** Upload without sharing: what a modal's file input does. @returns the file object */
  async uploadPrivately(file) {
    const id = await this.uploadBytes(file);
    const done = await this.web("files.completeUploadExternal", { files: [{ id, title: file.name }] });
    return { name: file.name, size: file.size, ...done.files?.[0], id };
  }

  /** The bytes of a stored file (`url_private`): only its own server gets the token. */
  async download(url) {
    let response;
    try {
      response = await fetch(sameOrigin(url), { headers: this.#headers() });
    } catch {
      throw new ApiError("network");
    }
    if (!response.ok) throw new ApiError("file_not_found");
    return response.blob();
  }

  /** A sample of the side panel. */
  async panelFile(url, name) {
    const blob = await this.download(`/client/panel/file?url=${encodeURIComponent(url)}`);
    return new File([blob], name, { type: blob.type });
  }

  /** Live events; EventSource reconnects by itself and sends Last-Event-ID. */
  stream(after) {
    return new EventSource(`/client/stream?${new URLSearchParams({ token: this.#token, after: String(after) })}`);
  }
}

function sameOrigin(url) {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin) throw new ApiError("file_not_found");
  return target;
}
