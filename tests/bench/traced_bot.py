"""The bot with a stopwatch: `python -m tests.bench.traced_bot TAPE` is `python -m bot run` that writes its times down.

The product knows nothing of it. The places where an upload passes from one stage to the next are wrapped from outside,
before the bot is wired; a place that was moved stops the start with its name. One line a mark: the wall clock, which
this machine's processes share, the mark, and whatever names the upload there (file, upload or subject) or the switch.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True)
class Place:
    """A callable of the product, the marks before and after it, and how its arguments name the upload."""

    module: str
    path: str
    before: str | None
    after: str | None
    names: Callable[[tuple[Any, ...], dict[str, Any], Any], dict[str, Any]]


def _files(_args: tuple[Any, ...], kwargs: dict[str, Any], _answer: Any) -> dict[str, Any]:
    return {"file": kwargs["file_ids"][0]}


def _taken(args: tuple[Any, ...], _kwargs: dict[str, Any], answer: Any) -> dict[str, Any]:
    return {"file": args[2].key.rpartition(":")[2], "upload": answer}


def _subject(args: tuple[Any, ...], _kwargs: dict[str, Any], _answer: Any) -> dict[str, Any]:
    return {"subject": args[1]}  # of a function after the services, of a method after self


def _switch(args: tuple[Any, ...], _kwargs: dict[str, Any], _answer: Any) -> dict[str, Any]:
    return {"switch": args[1]}


def _leg(args: tuple[Any, ...], _kwargs: dict[str, Any], _answer: Any) -> dict[str, Any]:
    return {"switch": args[1].public_id}


def _metadata(_args: tuple[Any, ...], kwargs: dict[str, Any], _answer: Any) -> dict[str, Any]:
    return {"subject": (kwargs.get("metadata") or {}).get("event_payload", {}).get("subject", "")}


PLACES: Final = (
    Place("handlers.jobs", "Jobs.take_in", "delivered", "persisted", _files),
    Place("handlers.downloads", "Downloads.fetch", "begun", "downloaded", lambda args, _k, _a: {"file": args[1]}),
    Place("bot.services.intake", "read_upload", None, "parsed", lambda _args, _k, _a: {}),
    Place("bot.services.intake", "Intake.take_in", None, "stored", _taken),
    Place("handlers.jobs", "render", "woken", "rendered", _subject),
    Place("handlers.messenger", "Messenger.show", None, "shown", _subject),
    Place("slack_sdk", "WebClient.chat_postMessage", "posting", "posted", _metadata),
    Place("bot.services.rollout", "Rollout.begin", "switch taken up", "switch begun", _switch),
    Place("bot.services.rollout", "Rollout.apply", "switch applying", "switch applied", _leg),
    Place("bot.services.rollout", "Rollout.prove", "switch proving", "switch proven", _leg),
    Place("bot.services.rollout", "Rollout.keep", "switch keeping", "switch kept", _leg),
)
SUMMED: Final = (("bot.services.chains", "Chains.report", "chain"),)
"""Called several times on the way: only the sum is of interest."""


class Tape:
    """The file of marks."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("a", buffering=1, encoding="utf-8")
        self._spent = threading.local()

    def mark(self, name: str, **names: Any) -> None:
        """One line."""
        line = {"at": time.time(), "mark": name, "thread": threading.get_ident(), **names}
        line |= {"spent": getattr(self._spent, "seconds", 0.0)}
        self._out.write(json.dumps(line) + "\n")

    def wrap(self, place: Place) -> None:
        """Marks before and after one place."""
        owner, name, call = found(place.module, place.path)

        @functools.wraps(call)
        def marked(*args: Any, **kwargs: Any) -> Any:
            if place.before:
                self.mark(place.before, **place.names(args, kwargs, None))
            answer = call(*args, **kwargs)
            if place.after:
                self.mark(place.after, **place.names(args, kwargs, answer))
            return answer

        setattr(owner, name, marked)

    def add_up(self, module: str, path: str) -> None:
        """Sums the seconds that a thread has spent in one place."""
        owner, name, call = found(module, path)

        @functools.wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self._spent.seconds = getattr(self._spent, "seconds", 0.0) + time.perf_counter() - begun

        setattr(owner, name, timed)


def found(module: str, path: str) -> tuple[Any, str, Callable[..., Any]]:
    """The owner, the name in it, and what is there."""
    owner: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for part in owners:
        owner = getattr(owner, part)
    return owner, name, getattr(owner, name)


def main() -> int:
    """Wrap, then run."""
    tape = Tape(Path(sys.argv[1]))
    for place in PLACES:
        tape.wrap(place)
    for module, path, _ in SUMMED:
        tape.add_up(module, path)
    return int(importlib.import_module("bot.cli").main(["run"]))


if __name__ == "__main__":
    sys.exit(main())
