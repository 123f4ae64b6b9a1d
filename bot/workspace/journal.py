"""The journal beside the state file: what changed since the state was last written whole, one line a commit.

A line is a JSON array of entries `[place, value]`. A place is the way to what changed: `["views"]` is a part of the
state, `["files", id]` one record of a part, `["messages", channel, ts]` one message; null takes it away. An entry says
how a thing is now, never how it came about, so that reading a journal twice does no harm.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from bot.workspace.shapes import Json

Place = tuple[str, ...]
SMALLEST_LIMIT = 1_000_000
"""Bytes: a journal up to this size is read back in a few milliseconds (0.1 s for 10 MB, measured)."""


def entry(state: Json, place: Place) -> list[Any]:
    """How the thing at this place is now; None where it is gone."""
    part = state[place[0]]
    match place:
        case ("messages", channel, ts):
            return [place, _newest(part.get(channel, []), "ts", ts)]
        case ("pending", key):
            return [place, _newest(part, "id", key)]
        case (_, key):
            return [place, part.get(key)]
        case _:
            return [place, part]


def apply(state: Json, entries: Iterable[list[Any]]) -> None:
    """Brings a state that was read from disk up to what the entries say."""
    for place, value in entries:
        match place:
            case ["messages", channel, ts]:
                _put(state["messages"].setdefault(channel, []), "ts", ts, value)
            case ["pending", key]:
                _put(state["pending"], "id", key, value)
            case [part, key]:
                if value is None:
                    state[part].pop(key, None)
                else:
                    state[part][key] = value
            case [part]:
                state[part] = value
            case _:
                raise ValueError("the journal names an unknown place")


def _newest(records: list[Json], name: str, key: str) -> Json | None:
    return next((record for record in reversed(records) if record[name] == key), None)


def _put(records: list[Json], name: str, key: str, value: Json | None) -> None:
    at = next((i for i in range(len(records) - 1, -1, -1) if records[i][name] == key), None)
    if at is None:
        if value is not None:
            records.append(value)
    elif value is None:
        del records[at]
    else:
        records[at] = value


def read(path: Path) -> Iterable[list[Any]]:
    """All entries, oldest first. A last line without its end was being written when the process died: it never was.

    Raises:
        ValueError: another line is no JSON.
    """
    if path.exists():
        *lines, _torn = path.read_bytes().split(b"\n")
        for line in lines:
            yield from json.loads(line)


class Journal:
    """One journal, open for writing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.size = 0

    def append(self, entries: list[list[Any]]) -> None:
        """One commit.

        Raises:
            OSError: it is not in the file. A torn line at the end makes the whole journal unusable for more: the caller
                writes the state whole.
        """
        if self._file is None:
            # Mode 0600, as the state file: messages are nobody else's business.
            self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0)
        line = json.dumps(entries, separators=(",", ":")).encode() + b"\n"
        if self._file.write(line) != len(line):
            raise OSError("the journal took a part of the line only")
        self.size += len(line)

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
            self._file = None
