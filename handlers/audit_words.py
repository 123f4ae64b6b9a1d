"""`audit` and what narrows it, read and written: the buttons under a page carry the words that lead on. Pure."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from handlers.vocabulary import Audit

_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>|([UW][A-Z0-9]{5,})")
_NUMBER = re.compile(r"[0-9]{1,18}")
_QUOTES = (('"', '"'), ("«", "»"), ("„", "“"))


def read(words: list[str]) -> Audit | None:
    """The command in the words after `audit`; None where something about them is missing or too much."""
    given: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        key = word.lower()
        if key in _TABLE:
            given["as_table"] = True
            continue
        name, reader = _KEYS.get(key, ("partner", _text))
        value = reader(next(rest, "") if key in _KEYS else key)
        if value is None or name in given:
            return None
        given[name] = value
    return Audit(**given)


def written(command: Audit) -> str:
    """The words that `read` reads as this command."""
    return " ".join(("audit", *_written(command)))


def _written(command: Audit) -> Iterator[str]:
    if command.partner is not None:
        yield command.partner
    for word, value in (
        ("by", command.person and f"<@{command.person}>"),
        ("certificate", command.certificate and _quoted(command.certificate)),
        ("switch", command.switch),
        ("since", command.since),
        ("until", command.until),
        ("before", command.before),
    ):
        if value:
            yield f"{word} {value}"
    if command.as_table:
        yield "csv"


def _quoted(name: str) -> str:
    opening, closing = next((pair for pair in _QUOTES if pair[1] not in name), _QUOTES[0])
    return f"{opening}{name}{closing}"


def _text(word: str) -> str | None:
    return word or None


def _user(word: str) -> str | None:
    found = _USER.fullmatch(word)
    return (found.group(1) or found.group(2)) if found else None


def _day(word: str) -> date | None:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        return None
    return day if day.year < date.max.year else None  # the day after it has to exist


def _number(word: str) -> int | None:
    return int(word) if _NUMBER.fullmatch(word) else None


_TABLE = frozenset({"csv", "export"})
_KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "by": ("person", _user),
    "certificate": ("certificate", _text),
    "cert": ("certificate", _text),
    "switch": ("switch", _text),
    "since": ("since", _day),
    "until": ("until", _day),
    "before": ("before", _number),
}
