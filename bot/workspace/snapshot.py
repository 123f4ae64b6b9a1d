"""What survives a restart: the state file, and the journal of what changed since it was written.

Both are on their way to the disk before the answer to the request that changed something leaves, so a `kill -9` loses
nothing that anybody was told. A state file names its generation, and its journal carries that number in its name: a
journal of another generation belongs to a state file that was never put in place, or has been replaced since.
"""

import asyncio
import json
import os
import tempfile
from pathlib import Path

from bot.workspace import journal
from bot.workspace.journal import Journal
from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World

ALWAYS = (("last_us",), ("feed_position",))
"""Counters: they move with everything else, and cost nothing."""


def load(path: Path | None) -> Json | None:
    """The saved state, or None where there is none yet.

    Raises:
        ValueError: the files do not hold one.
    """
    if path is None or not path.exists():
        return None
    saved = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(saved, dict):
        raise ValueError("the state file does not hold a JSON object")
    journal.apply(saved, journal.read(journal_path(path, saved.get("generation", 0))))
    return saved


def journal_path(path: Path, generation: int) -> Path:
    """Where the journal of this generation of the state file is."""
    return path.with_name(f"{path.name}.{generation}.journal")


def write(path: Path, text: str) -> None:
    """Replaces the file in one step; mode 0600, because it holds tokens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Saver:
    """Group commit: what was changed since the last commit goes out in one line, or whole where that is not enough."""

    def __init__(self, world: World, path: Path | None) -> None:
        self._world = world
        self._path = path
        self._wake = asyncio.Event()
        self._journal: Journal | None = None
        self._limit = 0
        self._failed = False
        if path is not None:
            world.watch(self._wake.set)

    async def run(self) -> None:
        """Writes what nobody waits for (an event put into the queue, a retry), until cancelled."""
        if self._path is None:
            return
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._save()

    async def settled(self) -> None:
        """Returns when every change made so far is in the file; refuses where the disk does not take it.

        A commit is a few kB into the page cache: shorter than the way to a thread and back.
        """
        if self._path is None:
            return
        self._save()
        if self._failed:
            raise Refusal("internal_error", ["[ERROR] the state file could not be written"])

    def _save(self) -> None:
        places = self._world.take_changes()
        if places is not None and not places and not self._failed:
            return
        try:
            if places is None or self._failed or self._journal is None or self._journal.size > self._limit:
                self._write_whole()
            else:
                state = self._world.snapshot()
                self._journal.append([journal.entry(state, place) for place in (*sorted(places), *ALWAYS)])
        except OSError:
            self._failed = True  # tried again, whole, with the next change
        else:
            self._failed = False

    def _write_whole(self) -> None:
        assert self._path is not None  # noqa: S101 - nothing is saved without a path
        self._world.generation += 1
        text = json.dumps(self._world.snapshot(), separators=(",", ":"))
        write(self._path, text)
        if self._journal is not None:
            self._journal.close()
        for old in self._path.parent.glob(f"{self._path.name}.*.journal"):
            old.unlink(missing_ok=True)
        self._journal = Journal(journal_path(self._path, self._world.generation))
        self._limit = max(journal.SMALLEST_LIMIT, len(text))

    async def finish(self) -> None:
        """One last write, whole, so that a clean stop leaves one file."""
        if self._path is not None:
            self._world.touch()
            self._save()
            if self._journal is not None:
                self._journal.close()
