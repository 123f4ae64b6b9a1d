"""Text from outside, made safe for Slack.

Names in certificates, file names, reasons and answers of partners' servers are written by strangers: they can hold
`<!channel>`, links, mrkdwn, line breaks, right-to-left controls or five thousand characters. Every such text passes
through `words`, `strong`, `code` or `plain`; none of them lets a mention, a link, emphasis or a control character
through.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from handlers.views.limits import DN_SHOWN, FIELD_TEXT, LINES_SHOWN, NAME_SHOWN, REASON_SHOWN, SECTION_TEXT

NOTHING = "–"
ELLIPSIS = "…"
ODD = "\N{REPLACEMENT CHARACTER}"  # stands for a character that nobody can see: its presence is worth knowing

# Controls, format characters (bidi, zero width, tags), surrogates, private use, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SEPARATORS = frozenset({"Zs", "Zl", "Zp"})
_MARKS_IN_A_ROW = 2  # more combining marks than any language stacks would paint over the neighbouring lines
# What Slack would read as emphasis, code, a quote, a list, an emoji or an address, wherever it stands.
_MARKUP = re.compile(r"[`*_~<>]|:[^\s:]+:|://|^[-•◦‣]")
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_SLACK_GROUP = re.compile(r"S[A-Z0-9]{2,30}")
_CALLED = 5  # who is called with many others leaves it to them
_SLACK_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}  # docs.slack.dev, "Escaping text"
_BAR_CELLS = 8  # stays in one line of a telephone, with the days behind it
_IN_YEARS = 3 * 365  # days; beyond it nobody plans by the day
# Slack's date command wants a positive Unix time; far dates such as 9999-12-31 (RFC 5280 4.1.2.5) mean "no end".
_LAST_DATE = datetime(2200, 1, 1, tzinfo=UTC)


def clean(text: str) -> str:
    """One line without characters that cannot be seen; each of those becomes a replacement mark."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        if category in _SEPARATORS or character in "\t\n\r":
            kept.append(" ")
        else:
            kept.append(ODD if category in _UNSEEN else character)
    return " ".join("".join(kept).split())


def plain(text: str, limit: int = NAME_SHOWN) -> str:
    """For plain_text objects and table cells, where Slack reads no markup: cleaned and cut, never empty."""
    line = clean(text[: 4 * limit])
    if not line:
        return NOTHING
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1].rstrip() + ELLIPSIS


def escape(text: str, limit: int = DN_SHOWN) -> str:
    """For mrkdwn: cleaned, `&`, `<` and `>` as entities, at most `limit` characters *after* escaping."""
    line = clean(text[: 4 * limit])
    pieces = [_ENTITIES.get(character, character) for character in line]
    if sum(map(len, pieces)) <= limit and len(text) <= 4 * limit:
        return "".join(pieces)
    kept: list[str] = []
    room = limit - len(ELLIPSIS)
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + ELLIPSIS


def code(text: str, limit: int = DN_SHOWN) -> str:
    """Outside text in mrkdwn: a code span, in which Slack reads neither emphasis nor emoji nor links."""
    # After the cleaning: NFC turns U+1FEF into a backtick.
    shown = escape(text, limit).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")
    return f"`{shown}`" if shown else NOTHING


def words(text: str, limit: int = NAME_SHOWN) -> str:
    """Outside text in mrkdwn as people read it: plain where it has no markup of its own, else as a code span.

    Every text object of ours is `verbatim`, so a bare `@channel` or `#general` stays what it is.
    """
    return code(text, limit) if _MARKUP.search(clean(text[: 4 * limit])) else escape(text, limit) or NOTHING


def strong(text: str, limit: int = NAME_SHOWN) -> str:
    """A name that people look for: `words` in bold."""
    shown = words(text, limit)
    return shown if shown.startswith("`") or shown == NOTHING else f"*{shown}*"


def quote(text: str, limit: int = REASON_SHOWN) -> str:
    """What a person wrote, as a quote; a line of its own."""
    return f"> {words(text, limit)}"


def who(user_id: str) -> str:
    """A person. In a first post this notifies them, so it is for those who must act and for records in updates."""
    if _SLACK_USER.fullmatch(user_id):
        return f"<@{user_id}>"
    return "Countersign" if user_id in {"", "system", "countersign"} else code(user_id, NAME_SHOWN)


def called_upon(names: Sequence[str], but: str = "") -> str:
    """Those who must act, by user or user group id, so that they are notified; nobody where they are too many.

    `but` is the one person who may not.
    """
    called = [one for one in names if one != but]
    if len(called) > _CALLED or any(
        not _SLACK_USER.fullmatch(one) and not _SLACK_GROUP.fullmatch(one) for one in called
    ):
        return ""
    return ", ".join(f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>" for one in called)


def channel_link(channel: str) -> str:
    """A channel by its id."""
    return f"<#{channel}>" if _SLACK_CHANNEL.fullmatch(channel) else code(channel, NAME_SHOWN)


def moment(at: datetime) -> str:
    """Date and time in the reader's own zone; UTC where Slack cannot show it. mrkdwn only, not inside code."""
    return _date(at, "{date_short_pretty} at {time}", at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"))


def day(at: datetime) -> str:
    """The date in the reader's own zone."""
    return _date(at, "{date_short}", utc_day(at))


def utc_day(at: datetime) -> str:
    """The date in UTC, for places where Slack renders no dates."""
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def is_shown_as_date(at: datetime) -> bool:
    """Whether Slack can show this moment in a reader's own zone; certificates may end in the year 9999."""
    return datetime(1971, 1, 1, tzinfo=UTC) < at < _LAST_DATE


def _date(at: datetime, pattern: str, fallback: str) -> str:
    if not is_shown_as_date(at):
        return fallback
    return f"<!date^{int(at.timestamp())}^{pattern}|{fallback}>"


def short_fingerprint(sha256: str) -> str:
    """The first eight bytes in pairs of bytes: "AB12 CD34 EF56 7890…". Enough to tell two apart, not to approve."""
    return f"{groups(sha256[:16])}{ELLIPSIS}"


def groups(digits: str, size: int = 4) -> str:
    """Hex digits in upper case and groups, as people compare them aloud."""
    only = "".join(one for one in digits[:256] if one in "0123456789abcdefABCDEF").upper()
    return " ".join(only[place : place + size] for place in range(0, len(only), size)) or NOTHING


def remaining(until: datetime, now: datetime) -> str:
    """How long something is still valid: "178 days left", "13 years left", "ends within a day", "expired today"."""
    if until < now:
        gone = (now - until).days
        return f"expired {_span(gone)} ago" if gone else "expired today"
    left = (until - now).days
    return f"{_span(left)} left" if left else "ends within a day"


def bar(begin: datetime, end: datetime, now: datetime) -> str:
    """How much of a validity has passed: "▓▓▓▓▓░░░ 62%"; empty where there is none."""
    if end <= begin:
        return ""
    passed = min(1.0, max(0.0, (now - begin) / (end - begin)))
    full = round(passed * _BAR_CELLS)
    return f"{'▓' * full}{'░' * (_BAR_CELLS - full)} {int(passed * 100)}%"


def _span(days: int) -> str:
    if days >= _IN_YEARS:
        return f"{days // 365:,} years"
    return "1 day" if days == 1 else f"{days} days"


def bullets(
    lines: Iterable[str],
    shown: int = LINES_SHOWN,
    limit: int = SECTION_TEXT,
    mark: str = "• ",
    total: int | None = None,
) -> str:
    """A list that stays within a text object: whole lines only, each after its `mark`, then "and N more".

    `total` is how many there are where `lines` has the first of them only.
    """
    every = list(lines)
    total = len(every) if total is None else total
    kept: list[str] = []
    room = limit - len("… and 1,000,000 more\n")
    for line in every[:shown]:
        if len(line) + len(mark) + 1 > room:
            break
        kept.append(f"{mark}{line}")
        room -= len(line) + len(mark) + 1
    if total > len(kept):
        kept.append(f"… and {total - len(kept):,} more")
    return "\n".join(kept)


def unmarked(text: str) -> str:
    """Our own mrkdwn as plain words, for the few places that take no markup, such as errors in forms."""
    text = re.sub(r"<!date\^[^|<>]*\|([^<>]*)>", r"\1", text)
    text = re.sub(r"<@[A-Z0-9]+>", "a colleague", text)
    text = re.sub(r"<[^<>|]*\|?([^<>]*)>", r"\1", text)
    text = text.replace("`", "").replace("*", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return plain(text, FIELD_TEXT)
