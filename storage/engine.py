"""Opening a database so that a check and the write that follows it are one unit, on SQLite as on PostgreSQL."""

import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for the one before it; every transaction of ours is far shorter."""


def open_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://...`; the folder of a SQLite file is made when missing.

    Raises:
        sqlalchemy.exc.ArgumentError: for a URL that cannot be read.
        ValueError: for another database than these two, or for SQLite in memory (each connection would see its own).
    """
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        # psycopg 3 is the driver we ship; a plain postgresql:// URL, as hosts hand out, means it too.
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return sa.create_engine(parsed, pool_pre_ping=True)
    if backend != "sqlite":
        msg = f"unsupported database: {backend}"
        raise ValueError(msg)
    if parsed.database in {None, "", ":memory:"}:
        msg = "a SQLite store needs a file"
        raise ValueError(msg)
    Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def reading(engine: sa.Engine) -> sa.Engine:
    """The same database and connections, for transactions that only read and see all of it as of one moment."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(**{_READING: True})


_READING = "countersign_reading"
_BUSY_PAUSE_S = 0.01


def use_write_ahead_log(url: str) -> None:
    """Give a SQLite file that somebody else opens the write-ahead log, which the file remembers (sqlite.org/wal.html).

    DBOS leaves its file on the rollback journal, where each commit is synchronised several times: 15 ms a commit
    against 4 ms here (measured). Both survive a power failure. Other databases are left alone.

    Raises:
        sqlalchemy.exc.DBAPIError: the file cannot be opened.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return
    Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT")
    sa.event.listen(engine, "connect", lambda connection, _entry: _write_ahead(connection))
    engine.connect().close()
    engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes only before the first write, after the reads that the write rests on.
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Waiting for others: of several that turn a new file to the log at once, SQLite refuses some without waiting."""
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}")
    until = time.monotonic() + SQLITE_BUSY_TIMEOUT_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_BUSY_PAUSE_S)
        else:
            return


def _begin_immediate(connection: sa.Connection) -> None:
    only_reads = bool(connection.get_execution_options().get(_READING))
    # A connection goes back to the pool and on to a writer, so it is told either way.
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if only_reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
