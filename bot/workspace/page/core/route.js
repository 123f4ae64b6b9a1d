// Where the person is, in the address: ?as=USER #CHANNEL, #CHANNEL/THREAD or #home. Reload and links come back to it.

const PLACE = /^#([CGD][A-Z0-9]+)(?:\/(\d+\.\d+))?$/;
const USER = /^[UW][A-Z0-9]+$/;

/** @returns {{home: boolean, channel: string|null, thread: string|null}} */
export function place() {
  if (location.hash === "#home") return { home: true, channel: null, thread: null };
  const [, channel = null, thread = null] = PLACE.exec(location.hash) ?? [];
  return { home: false, channel, thread };
}

/** Go somewhere; listeners of `hashchange` draw it. */
export function go(channel, thread = null) {
  location.hash = thread ? `${channel}/${thread}` : channel;
}

/** The address of a place, for links: as the same user. */
export function addressOf(hash) {
  return `${location.pathname}${location.search}#${hash}`;
}

export function goHome() {
  location.hash = "home";
}

/** The user named by ?as=, or null. */
export function actingAs() {
  const id = new URLSearchParams(location.search).get("as");
  return id && USER.test(id) ? id : null;
}

/** Become another user. The page starts anew, so that nothing of the former user's view stays. */
export function actAs(id) {
  const address = new URL(location.href);
  address.searchParams.set("as", id);
  location.assign(address);
}

export function permalink(channel, ts) {
  const address = new URL(location.href);
  address.searchParams.delete("as");
  address.hash = `${channel}/${ts}`;
  return address.href;
}
