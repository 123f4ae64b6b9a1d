"""Uploaded bytes, beside the state file; one file each, named by its id alone."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Slack takes 1 GB; a laptop's demo does not need it."""


class TooLarge(Exception):
    """More bytes than were announced, or than the local workspace keeps."""


class Disk:
    """Where the bytes of files are."""

    def __init__(self, state_file: Path | None) -> None:
        self._temporary = None if state_file else tempfile.TemporaryDirectory(prefix="workspace-files-")
        self._folder = state_file.with_suffix(".files") if state_file else Path(self._temporary.name)  # type: ignore[union-attr]
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, file_id: str) -> Path:
        """The file's place; ids are made here and hold letters and digits only."""
        if not file_id.isalnum():
            raise ValueError("not a file id")
        return self._folder / file_id

    async def take(self, file_id: str, chunks: AsyncIterator[bytes], limit: int) -> int:
        """Stores the stream and returns its length; nothing is kept where it is longer than `limit`."""
        target = self.path(file_id)
        partial = target.with_suffix(".partial")
        size = 0
        try:
            with partial.open("wb") as out:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    out.write(chunk)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return size

    def head(self, file_id: str, count: int) -> bytes:
        """The first bytes."""
        with self.path(file_id).open("rb") as source:
            return source.read(count)

    def forget(self, file_id: str) -> None:
        """Deletes the bytes."""
        self.path(file_id).unlink(missing_ok=True)

    def close(self) -> None:
        """Removes a temporary folder; a kept one stays."""
        if self._temporary is not None:
            self._temporary.cleanup()
