"""Files that survive a power cut: written whole, synced, and swapped by rename. All 0600, folders 0700."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.gateways.errors import GatewayRefused

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Turn an OS error into `disk_full` or `unwritable`, with the error's name and no path of this machine."""
    try:
        yield
    except OSError as error:
        code = "disk_full" if error.errno in _FULL else "unwritable"
        raise GatewayRefused(code, {"what": what, "error": errno.errorcode.get(error.errno or 0, "EIO")}) from error


def make_folder(path: Path) -> None:
    """The folder and its parents, synced into the folder above."""
    if not path.is_dir():
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        sync_folder(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """A file that was not there before, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_over(path: Path, data: bytes) -> None:
    """The file's new content, all of it or none of it."""
    beside = _beside(path)
    try:
        write_new(beside, data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def point(link: Path, target: str) -> None:
    """Make a symbolic link point at `target`; a reader sees the old one or the new one, never none."""
    beside = _beside(link)
    try:
        beside.symlink_to(target)
        beside.replace(link)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(link.parent)


def sync_folder(path: Path) -> None:
    """A rename is on the disk only after its folder is."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One writer a folder, also between processes; the lock falls with the process that holds it."""
    with refusing("lock"):
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}-{secrets.token_hex(6)}")
