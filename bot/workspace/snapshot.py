"""The state file: written whole and atomically, before the answer to the request that changed it leaves."""

import asyncio
import json
import os
import tempfile
from pathlib import Path

from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World


def load(path: Path | None) -> Json | None:
    """The saved state, or None where there is none yet."""
    if path is None or not path.exists():
        return None
    saved = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(saved, dict):
        raise ValueError("the state file does not hold a JSON object")
    return saved


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
    """Group commit: changes that arrive while one snapshot is being written go out together with the next."""

    def __init__(self, world: World, path: Path | None) -> None:
        self._world = world
        self._path = path
        self._wake = asyncio.Event()
        self._saved = 0
        self._failed = False
        self._settled = asyncio.Condition()
        if path is not None:
            world.watch(self._wake.set)

    async def run(self) -> None:
        """Writes whenever something changed, until cancelled."""
        if self._path is None:
            return
        while True:
            await self._wake.wait()
            await self._save()

    async def settled(self) -> None:
        """Returns when every change made so far is in the file; refuses where the disk does not take it."""
        if self._path is None:
            return
        wanted = self._world.changes
        async with self._settled:
            await self._settled.wait_for(lambda: self._failed or self._saved >= wanted)
        if self._saved < wanted:
            raise Refusal("internal_error", ["[ERROR] the state file could not be written"])

    async def _save(self) -> None:
        assert self._path is not None  # noqa: S101 - run() returns early without a path
        self._wake.clear()
        changes, text = self._world.changes, json.dumps(self._world.snapshot(), separators=(",", ":"))
        try:
            await asyncio.to_thread(write, self._path, text)
        except OSError:
            changes = self._saved  # tried again with the next change
        async with self._settled:
            self._failed = changes == self._saved
            self._saved = changes
            self._settled.notify_all()

    async def finish(self) -> None:
        """One last write, so that a clean stop loses nothing."""
        if self._path is not None:
            await self._save()
