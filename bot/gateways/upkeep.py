"""What can be said about any gateway's folders: there, ours, private, and each connection's live version whole."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.gateways.base import Role
from bot.gateways.condition import Check, CheckState, Drift
from bot.gateways.errors import GatewayError
from bot.gateways.shelf import Shelf

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_folders(shelf: Shelf) -> tuple[Check, ...]:
    """The root and every connection in it."""
    return tuple(_checks(shelf))


def _checks(shelf: Shelf) -> Iterator[Check]:
    root = {"path": str(shelf.root)}
    if not shelf.root.is_dir():
        # It is made with the first version, if the folder above lets us.
        above = next(path for path in shelf.root.absolute().parents if path.is_dir())
        writable = os.access(above, os.W_OK | os.X_OK)
        yield Check("root_missing", CheckState.DOUBTFUL if writable else CheckState.BAD, root)
        return
    if not os.access(shelf.root, os.R_OK | os.W_OK | os.X_OK):
        yield Check("root_unwritable", CheckState.BAD, root)
        return
    yield Check("root", CheckState.GOOD, {**root, "connections": str(len(shelf.connections()))})
    for connection in shelf.connections():
        yield from _connection(shelf, connection)


def _connection(shelf: Shelf, connection: str) -> Iterator[Check]:
    named = {"connection": connection}
    try:
        live = shelf.live(connection)
        if live is None:
            yield Check("nothing_live", CheckState.DOUBTFUL, named)
            return
        content = shelf.content(connection, live)
        if content.role is Role.PRESENTS:
            shelf.check_key(connection, live)
            yield from _open_keys(shelf.folder(connection), named)
    except GatewayError as error:
        yield Check(error.code, CheckState.BAD, {**named, **error.data})
    else:
        yield Check("live", CheckState.GOOD, {**named, "version": live, "role": content.role.value})


def _open_keys(folder: Path, named: dict[str, str]) -> Iterator[Check]:
    for key in (folder / "private.key", *(folder / "keys").glob("*")):
        if key.is_file() and key.stat().st_mode & _OTHERS & ~stat.S_IRGRP:
            yield Check("key_open_to_others", CheckState.DOUBTFUL, {**named, "file": key.name})


def check_drift(shelf: Shelf, drift: Callable[[str], Drift | None]) -> Iterator[Check]:
    """Whether the program runs with what the disk holds, connection by connection."""
    for connection in shelf.connections():
        try:
            found = drift(connection)
        except GatewayError as error:
            yield Check(error.code, CheckState.BAD, {"connection": connection, **error.data})
            continue
        if found is not None:
            yield Check("drift", CheckState.BAD, {"connection": connection, **found.data()})
