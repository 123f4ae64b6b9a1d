// Times as the viewer reads them: in the zone of the user's profile, which need not be the browser's.

const LOCALE = "en-GB";
const DAY = 86_400_000;

const OPTIONS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { day: "numeric", month: "long", year: "numeric" },
  date_short: { day: "numeric", month: "short", year: "numeric" },
  date_long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

const cache = new Map();

function formatter(name, zone) {
  const key = `${name}|${zone}`;
  if (!cache.has(key))
    cache.set(
      key,
      new Intl.DateTimeFormat(name === "date_num" ? "en-CA" : LOCALE, { ...OPTIONS[name], timeZone: zone }),
    );
  return cache.get(key);
}

/** An IANA zone that this browser knows; UTC else. */
export function knownZone(zone) {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone: zone || "UTC" });
    return zone || "UTC";
  } catch {
    return "UTC";
  }
}

/** Milliseconds since 1970 of a Slack `ts` ("1717000000.000100"). */
export function tsMillis(ts) {
  return Math.floor(Number.parseFloat(ts) * 1000);
}

export function format(name, millis, zone) {
  return formatter(name, zone).format(new Date(millis));
}

function dayNumber(millis, zone) {
  return Math.floor(Date.parse(format("date_num", millis, zone)) / DAY);
}

/** "Today", "Yesterday", "Tomorrow", or null. */
function relativeDay(millis, zone, now = Date.now()) {
  const distance = dayNumber(millis, zone) - dayNumber(now, zone);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[distance] ?? null;
}

/** Heading of one day in a message list. */
export function dayHeading(millis, zone) {
  const near = relativeDay(millis, zone);
  return near ? near[0].toUpperCase() + near.slice(1) : format("date_long", millis, zone);
}

/** "today at 14:05" or "3 Nov 2026 at 14:05". */
export function shortMoment(millis, zone) {
  return `${relativeDay(millis, zone) ?? format("date_short", millis, zone)} at ${format("time", millis, zone)}`;
}

/** "in 3 days", "2 hours ago". */
export function ago(millis, now = Date.now()) {
  const units = [
    ["year", 365 * DAY],
    ["month", 30 * DAY],
    ["day", DAY],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ];
  const distance = millis - now;
  const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  for (const [unit, size] of units)
    if (Math.abs(distance) >= size) return relative.format(Math.trunc(distance / size), unit);
  return "just now";
}

/**
 * Slack's date format string: {date_num}, {date}, {date_short}, {date_long}, their _pretty forms, {time}, {time_secs}
 * and {ago} (docs.slack.dev, "Date formatting"). Unknown tokens stay as they are.
 */
export function slackDate(pattern, millis, zone) {
  return pattern.replace(/\{([a-z_]+)\}/g, (whole, token) => {
    if (token === "ago") return ago(millis);
    if (token.endsWith("_pretty")) {
      const plain = token.slice(0, -"_pretty".length);
      return plain in OPTIONS ? (relativeDay(millis, zone) ?? format(plain, millis, zone)) : whole;
    }
    return token in OPTIONS ? format(token, millis, zone) : whole;
  });
}

/** The zone's offset from UTC at an instant, in milliseconds. */
function offset(millis, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(new Date(millis));
  const of = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  return Date.UTC(of.year, of.month - 1, of.day, of.hour, of.minute, of.second) - Math.floor(millis / 1000) * 1000;
}

/** Epoch seconds of a wall time "2026-11-24T14:05" in a zone; two rounds settle the hour around a clock change. */
export function wallToEpoch(wall, zone) {
  const asUtc = Date.parse(`${wall}Z`);
  let millis = asUtc - offset(asUtc, zone);
  millis = asUtc - offset(millis, zone);
  return Math.floor(millis / 1000);
}

/** Wall time for an <input type="datetime-local">. */
export function epochToWall(seconds, zone) {
  const millis = seconds * 1000;
  return new Date(millis + offset(millis, zone)).toISOString().slice(0, 16);
}
