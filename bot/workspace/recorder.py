"""What went over the wire between the app and this Slack, kept for people who build the app: the page's inspector.

Two kinds of exchange: a `request` of the app (Web API, `response_url`) and a `delivery` to it (event, command,
interaction), one for each attempt. Secrets are masked before anything is kept, and memory is bounded.
"""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.workspace.shapes import Json

KEPT_EXCHANGES = 1000
"""Older ones are gone."""
KEPT_CHARACTERS = 8_000_000
"""Of all bodies together: a few times the memory of the workspace itself, and no more however long it runs."""
MAX_BODY_CHARACTERS = 60_000
"""Of one body; a longer one is kept as its beginning. Slack's largest payload, a view, may have 250 kB."""
SHOWN_AT_ONCE = 200
MASK = "…"

_SECRETS = re.compile(r"\b(xox[a-z]|xapp|xwfp)(-[A-Za-z0-9_-]+)+")
_SECRET_PATHS = re.compile(r"(/(?:response|upload)/|[?&]ticket=)[^/?&#\s\"]+")
_SECRET_KEYS = frozenset({"token", "signing_secret", "client_secret", "authorization"})
_TS = re.compile(r"\d{9,11}\.\d{6}")
_LISTINGS = frozenset({"messages"})  # a page of the history is about no message in particular
_OWN_TS = frozenset({"ts", "message_ts", "timestamp", "deleted_ts", "event_ts"})


def masked(value: Any) -> Any:
    """A copy without tokens: by their form wherever they stand, by their key, and in addresses that are secrets."""
    if isinstance(value, dict):
        return {
            str(key): MASK if str(key).lower() in _SECRET_KEYS and isinstance(part, str) else masked(part)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [masked(part) for part in value]
    if isinstance(value, str):
        return _SECRET_PATHS.sub(rf"\1{MASK}", _SECRETS.sub(rf"\1-{MASK}", value))
    return value


def marks(value: Any) -> frozenset[str]:
    """Message ts and file ids that a body is about; the thread that a message is in is not what it is about."""
    return frozenset(_marks(value, ""))


def _marks(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in _LISTINGS:
                yield from _marks(part, str(name))
        if isinstance(value.get("file_id"), str):
            yield value["file_id"]
    elif isinstance(value, list):
        for part in value:
            yield from _marks(part, key)
            if key == "files" and isinstance(part, dict) and isinstance(part.get("id"), str):
                yield part["id"]
    elif isinstance(value, str) and key in _OWN_TS and _TS.fullmatch(value):
        yield value


@dataclass(eq=False)
class Exchange:
    """One request of the app, or one attempt to deliver something to it.

    `number` is that of its last change; `about` holds the marks of the messages and files concerned; `milliseconds` is
    None while no answer has come.
    """

    number: int
    direction: str
    title: str
    at: float
    details: Json
    sent: Any
    about: frozenset[str]
    size: int
    started: float
    answer: Any = None
    outcome: str = "waiting"
    milliseconds: float | None = None

    def as_json(self) -> Json:
        """As the page gets it."""
        shown: Json = {"n": self.number, "direction": self.direction, "title": self.title, "at": self.at}
        shown |= {"id": f"{self.direction}-{self.started}", "details": self.details, "sent": self.sent}
        shown |= {"answer": self.answer, "outcome": self.outcome}
        return {**shown, "ms": None if self.milliseconds is None else round(self.milliseconds, 1)}


class Recorder:
    """The last exchanges, oldest first."""

    def __init__(self) -> None:
        self._kept: deque[Exchange] = deque()
        self._characters = 0
        self._position = 0
        self._news = asyncio.Event()
        self._closed = False

    def request(self, title: str, details: Json, sent: Any) -> Exchange:
        """The app asks for something; close it with `done`."""
        return self._begin("request", title, details, sent)

    def delivery(self, title: str, details: Json, payload: Any) -> Exchange:
        """A payload is on its way to the app, for the first time or again; close it with `done` in any case."""
        return self._begin("delivery", title, details, payload)

    def done(self, exchange: Exchange, outcome: str, answer: Any = None, **details: Any) -> None:
        """How it ended: an HTTP status with Slack's word, `acknowledged`, or why it was not."""
        exchange.answer, size = _bounded(masked(answer))
        exchange.about |= marks(answer)
        exchange.details |= masked(details)
        exchange.outcome = outcome
        exchange.milliseconds = (time.monotonic() - exchange.started) * 1000
        exchange.number = self._next()  # so that a reader who has seen it open gets it once more
        exchange.size += size
        if exchange in self._kept:
            self._characters += size
            self._trim()

    def _begin(self, direction: str, title: str, details: Json, sent: Any) -> Exchange:
        body, size = _bounded(masked(sent))
        shown = masked(details)
        exchange = Exchange(
            self._next(), direction, title, time.time(), shown, body, marks(sent), size, time.monotonic()
        )
        self._kept.append(exchange)
        self._characters += size
        self._trim()
        return exchange

    def _next(self) -> int:
        self._position += 1
        self._news.set()
        self._news = asyncio.Event()
        return self._position

    def _trim(self) -> None:
        while len(self._kept) > KEPT_EXCHANGES or self._characters > KEPT_CHARACTERS:
            self._characters -= self._kept.popleft().size

    @property
    def position(self) -> int:
        """Number of the last change."""
        return self._position

    def since(self, after: int, about: frozenset[str] = frozenset()) -> list[Json]:
        """What has changed since `after`, oldest first, the last SHOWN_AT_ONCE; `about` keeps what concerns these."""
        found = [one for one in self._kept if one.number > after and (not about or one.about & about)]
        return [one.as_json() for one in found[-SHOWN_AT_ONCE:]]

    def close(self) -> None:
        """Lets everybody who waits go home, so that the server can stop."""
        self._closed = True
        self._news.set()

    async def wait(self, after: int, seconds: float) -> None:
        """Returns when there is something newer than `after`, or when the time is over."""
        deadline = time.monotonic() + seconds
        while not self._closed and self._position <= after and (left := deadline - time.monotonic()) > 0:
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return


def _bounded(body: Any) -> tuple[Any, int]:
    """The body, or its beginning as text, and its size in characters."""
    text = json.dumps(body, default=str)
    if len(text) <= MAX_BODY_CHARACTERS:
        return body, len(text)
    return f"{text[:MAX_BODY_CHARACTERS]}{MASK} (cut; {len(text)} characters)", MAX_BODY_CHARACTERS
