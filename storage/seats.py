"""Seats: a name that one living process holds, and that falls free the moment it dies, whichever way.

What keeps it is not a clock but a lock that somebody else lets go: on PostgreSQL the server's session (an advisory
lock, postgresql.org/docs/current/explicit-locking.html, 13.3.5), on SQLite the operating system's (flock(2) on a file
beside the database; a database file is for one machine anyway).
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from storage.engine import open_engine

LOCK_SPACE = 0x436F756E  # our own among a database's advisory locks
# A server that hears nothing of a client's machine any more gives up on it after 10 + 3 * 5 s, not after hours.
KEEPALIVE = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}


class Seat(Protocol):
    """One name, held."""

    def still_held(self) -> bool:
        """Whether it is still ours; tries to get it back where the connection that held it was lost."""

    def leave(self) -> None:
        """Let it go."""


class Seats(Protocol):
    """Where names are taken."""

    def take(self, name: str) -> Seat | None:
        """The seat, or None while somebody alive holds it."""


def open_seats(url: str) -> Seats:
    """The seats around a database, for everybody who opens the same one.

    Raises:
        sqlalchemy.exc.ArgumentError, ValueError: not a URL of a database that we support.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(str(parsed.database))
        return _Files(file.with_name(f"{file.stem}-seats"))
    return _Sessions(url)


class _Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str) -> Seat | None:
        if not name or "/" in name or name.startswith("."):
            raise ValueError("not a name for a seat")
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return _FileSeat(handle)


class _FileSeat:
    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    def still_held(self) -> bool:
        return self._handle is not None

    def leave(self) -> None:
        # The file stays: who removes it would take it from under one who has just opened it.
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class _Sessions:
    def __init__(self, url: str) -> None:
        self._url = url

    def take(self, name: str) -> Seat | None:
        seat = _SessionSeat(self._url, name)
        return seat if seat.still_held() else None


class _SessionSeat:
    """Holds a connection of its own: the lock lives as long as that."""

    def __init__(self, url: str, name: str) -> None:
        self._engine = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
        self._name = name
        self._session: sa.Connection | None = None

    def still_held(self) -> bool:
        try:
            if self._session is not None:
                self._session.execute(sa.select(1))
                return True
            self._session = self._locked()
        except sa.exc.DBAPIError:
            self.leave()
        return self._session is not None

    def _locked(self) -> sa.Connection | None:
        session = self._engine.connect()
        for setting, value in KEEPALIVE.items():
            session.exec_driver_sql(f"SET {setting} = {value}")
        if session.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK_SPACE, sa.func.hashtext(self._name)))):
            return session
        session.close()
        self._engine.dispose()
        return None

    def leave(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(sa.exc.DBAPIError):
                session.close()
        # Given back to a pool the connection would live, and the lock with it.
        self._engine.dispose()
