"""From the text after `/cert`, or after a mention of the bot, to a command. Pure; knows no Slack client and no service.

People type what they see: display names with spaces, smart quotes from their phone, channels and addresses that Slack
turns into `<#C1|name>` and `<https://...>` (docs.slack.dev, "Formatting text"). All of it is read here, once.
"""

import re
from collections.abc import Callable

from handlers import audit_words
from handlers.vocabulary import (
    Ca,
    Choreographies,
    Command,
    ConnectionAdd,
    ConnectionChange,
    Connections,
    Delete,
    DescribeChoreography,
    Help,
    Import,
    ListCertificates,
    PartnerAdd,
    PartnerChannel,
    Partners,
    Policy,
    ProposeSwitch,
    Rename,
    Show,
    ShowConnection,
    Switches,
    Unclear,
    nearest,
)

MAX_TEXT = 2000  # a slash command's text is a line; Slack itself documents no limit
MAX_WORDS = 60

_QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "„": "“", "‘": "’", "’": "’", "«": "»"}
_TOKEN = re.compile(r"<[^<>\s][^<>]*>|[^\s]+")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^<>|]+)(?:\|[^<>]*)?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def parse(text: str) -> Command:
    """The command in `text`; never raises, what is not understood becomes `Unclear`."""
    words = split(text)
    if not words:
        return Help()
    pair = " ".join(words[:2]).lower()
    for name, rest in ((pair, words[2:]), (words[0].lower(), words[1:])):
        read = _READERS.get(_SYNONYMS.get(name, name))
        if read:
            return read(rest) or Unclear(text[:MAX_TEXT].strip(), nearest(name), known=True)
    return Unclear(text[:MAX_TEXT].strip(), nearest(pair), known=False)


def split(text: str) -> list[str]:
    """The words of `text`: quoted ones whole, channels as their id, links as their address, entities as characters."""
    words: list[str] = []
    rest = text[:MAX_TEXT].strip()
    while rest and len(words) < MAX_WORDS:
        closing = _QUOTES.get(rest[0])
        end = rest.find(closing, 1) if closing else -1
        if end > 0:
            words.append(_unescaped(rest[1:end].strip()))
            rest = rest[end + 1 :].lstrip()
            continue
        token = _TOKEN.match(rest)
        piece = token.group() if token else rest
        words.append(_slack_form(piece))
        rest = rest[len(piece) :].lstrip()
    return words


def _slack_form(token: str) -> str:
    if match := _CHANNEL.fullmatch(token):
        return match.group(1)
    if match := _LINK.fullmatch(token):
        return _unescaped(match.group(1))
    return _unescaped(token)


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def is_channel(word: str) -> bool:
    """Whether a word of `split` is a Slack channel id."""
    return re.fullmatch(r"[CG][A-Z0-9]{7,}", word) is not None


def _bare(made: Callable[[], Command]) -> Callable[[list[str]], Command | None]:
    return lambda words: None if words else made()


def _joined(made: Callable[[str], Command]) -> Callable[[list[str]], Command | None]:
    return lambda words: made(" ".join(words)) if words else None


def _optional(made: Callable[[str | None], Command]) -> Callable[[list[str]], Command | None]:
    return lambda words: made(" ".join(words) or None)


def _partner_add(words: list[str]) -> Command | None:
    channel = next((word for word in words if is_channel(word)), None)
    rest = [word for word in words if word != channel]
    if not words:
        return PartnerAdd()
    if len(rest) < 2 or rest[-1].startswith("#"):
        return None
    return PartnerAdd(rest[0].lower(), " ".join(rest[1:]), channel)


def _partner_channel(words: list[str]) -> Command | None:
    if not words:
        return PartnerChannel()
    channel = next((word for word in words if is_channel(word)), None)
    rest = [word for word in words if word != channel]
    if len(rest) > 1 or any(word.startswith("#") for word in rest):
        return None
    return PartnerChannel(rest[0].lower() if rest else None, channel)


def _choreography(words: list[str]) -> Command:
    return DescribeChoreography(next(iter(words), None), " ".join(words[1:]) or None)


def _rename(words: list[str]) -> Command | None:
    for separator in ("to", "->", "→"):
        if words.count(separator) == 1 and len(words) > 2:
            place = words.index(separator)
            old, new = " ".join(words[:place]), " ".join(words[place + 1 :])
            return Rename(old, new) if old and new else None
    if not words:
        return Rename()
    return Rename(words[0], words[1]) if len(words) == 2 else None


def _connection(words: list[str]) -> Command | None:
    """A connection's name has no blanks, so that a slip in `connection add` is not taken for one."""
    return ShowConnection(words[0]) if len(words) == 1 else None


def _connection_add(words: list[str]) -> Command | None:
    if not words:
        return ConnectionAdd()
    if len(words) < 4:
        return None
    names = [name.strip() for word in words[4:] for name in word.split(",")]
    return ConnectionAdd(words[0], words[1].lower(), words[2].lower(), words[3], tuple(name for name in names if name))


def _switch(words: list[str]) -> Command:
    connection, certificate = next(iter(words), None), next(iter(words[1:]), None)
    return ProposeSwitch(connection, certificate, " ".join(words[2:]) or None)


_SYNONYMS = {
    "?": "help",
    "partner list": "partners",
    "partner": "partner ?",  # neither one nor the other: the help of the family
    "connection list": "connections",
    "connection show": "connection",
    "cas": "ca",
    "ca list": "ca",
    "switch list": "switches",
    "choreography list": "choreographies",
    "partner link": "partner channel",
    "upload": "import",
    "certificates": "list",
    "certs": "list",
    "remove": "delete",
    "history": "audit",
}

_READERS: dict[str, Callable[[list[str]], Command | None]] = {
    "help": lambda _words: Help(),
    "import": _bare(Import),
    "partners": _bare(Partners),
    "partner add": _partner_add,
    "partner channel": _partner_channel,
    "list": _optional(ListCertificates),
    "show": _joined(Show),
    "rename": _rename,
    "delete": _joined(Delete),
    "ca": _bare(Ca),
    "connections": _optional(Connections),
    "connection": _connection,
    "connection add": _connection_add,
    "connection change": _joined(ConnectionChange),
    "policy": _optional(Policy),
    "choreographies": _bare(Choreographies),
    "choreography": _choreography,
    "switch": _switch,
    "switches": _optional(Switches),
    "audit": audit_words.read,
}
