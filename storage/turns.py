"""Turns: among all processes on one store, one at a time does something under a name; the others wait.

For what a row cannot guard, because it happens outside: a message that is posted once. Like a seat (`storage.seats`), a
turn ends with the process that has it. Names share a bounded number of locks, so two names may wait for each other:
have one turn at a time, and keep it short.
"""

import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum
from pathlib import Path

import sqlalchemy as sa

from storage.seats import KEEPALIVE

LOCKS = 64


class Kind(IntEnum):
    """What the turns are for; those of one kind never wait for another's. Our own spaces of a database's locks."""

    TURNS = 0x5475726E  # something is said once
    LEASES = 0x4C656173  # a gateway is written for one connection by one at a time


Turn = Callable[[str], AbstractContextManager[None]]


def turns_of(engine: sa.Engine, kind: Kind = Kind.TURNS) -> Turn:
    """The turns of everybody who opens this database."""
    if engine.dialect.name == "postgresql":
        # Not from the store's pool: those who wait would keep its connections from the one whose turn it is.
        sessions = sa.create_engine(engine.url, poolclass=sa.NullPool)
        return lambda name: _in_session(sessions, kind, _number(name))
    file = Path(str(engine.url.database))
    folder = file.with_name(f"{file.stem}-{kind.name.lower()}")
    return lambda name: _in_file(folder, _number(name))


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) % LOCKS


@contextmanager
def _in_session(engine: sa.Engine, space: int, number: int) -> Iterator[None]:
    # Until the transaction ends; else a machine that is cut off would have its turn for hours.
    noticed = [sa.func.set_config(name, str(value), True) for name, value in KEEPALIVE.items()]
    with engine.begin() as connection:
        connection.execute(sa.select(*noticed, sa.func.pg_advisory_xact_lock(int(space), number)))
        yield


@contextmanager
def _in_file(folder: Path, number: int) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
