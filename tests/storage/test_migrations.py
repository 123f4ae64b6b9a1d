"""The database is brought up to date at start, whoever else starts at the same moment."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import storage.switch_tables
import storage.tables  # noqa: F401 - both fill the metadata
from storage.engine import open_engine
from storage.migrate import current, downgrade, migrate
from storage.store import Store
from tests.at_once import at_once
from tests.databases import Database
from tests.lab.builders import NOW

Open = Callable[[], sa.Engine]


@pytest.fixture
def opened(bare_database: Database) -> Iterator[Open]:
    """Engines on one database without a table."""
    engines: list[sa.Engine] = []

    def one_more() -> sa.Engine:
        engines.append(open_engine(bare_database.url))
        return engines[-1]

    yield one_more
    for engine in engines:
        engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(opened: Open) -> None:
    """What the migrations build and what the code believes are one thing."""
    engine = opened()
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_up_down_and_up_again_ends_where_it_began(opened: Open) -> None:
    """Every step down undoes its step up."""
    engine = opened()
    migrate(engine)
    before = set(sa.inspect(engine).get_table_names())
    downgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine)
    assert set(sa.inspect(engine).get_table_names()) == before


def test_all_who_open_a_new_sqlite_file_at_once_get_in(tmp_path: Path) -> None:
    """Each turns it to the write-ahead log, which SQLite refuses to some; tried often, as it is luck."""
    for attempt in range(25):
        engines = [open_engine(f"sqlite:///{tmp_path / str(attempt)}.db") for _ in range(8)]

        def enter(engine: sa.Engine) -> str:
            with engine.connect() as connection:
                return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())

        assert set(at_once([partial(enter, engine) for engine in engines])) == {"wal"}
        for engine in engines:
            engine.dispose()


def test_replicas_that_start_at_once_migrate_once(opened: Open) -> None:
    """Eight starts on an empty database: all succeed, the tables are there, one revision is noted."""
    engines = [opened() for _ in range(8)]
    at_once([partial(migrate, engine) for engine in engines])
    with engines[0].connect() as connection:
        assert current(connection) is not None
        assert connection.execute(sa.text("select count(*) from alembic_version")).scalar_one() == 1


def test_the_audit_of_an_earlier_release_is_chained_in_its_order(opened: Open, bare_database: Database) -> None:
    """Gaps between the numbers, hostile text, times in two seasons: chained, readable, and the chain goes on."""
    engine = opened()
    migrate(engine, "0001")
    insert = sa.text(
        "insert into audit (id, at, actor, team, action, subject, source, data) "
        "values (:id, :at, 'U1', 'T1', 'a', :subject, '', :data)"
    )
    rows = [
        {"id": 3, "at": "2026-01-01 10:00:00.000000", "subject": "s", "data": '{"b": 1, "a": ["\u00fc", null]}'},
        {"id": 7, "at": "2026-07-01 10:00:00.250000", "subject": "\u202e=1+1", "data": "{}"},
        {"id": 1_200, "at": "2026-07-01 10:00:00.250000", "subject": "s", "data": '{"x": "\\ud83d\\ude00"}'},
    ]
    with engine.begin() as connection:
        connection.execute(insert, rows)
        if engine.dialect.name == "postgresql":  # as if it had given the numbers itself
            connection.execute(sa.text("select setval(pg_get_serial_sequence('audit', 'id'), 1200)"))
    store = Store(bare_database.url)
    with store.begin() as tx:
        tx.audit.add(NOW, "U2", "T1", "b", "s", "", {})
    with store.begin() as tx:
        entries = tx.audit.recent(10)
        head = tx.audit.head()
    store.close()
    assert [one.id for one in entries] == [1_201, 1_200, 7, 3]
    assert [one.previous for one in entries] == [*(one.digest for one in entries[1:]), "0" * 64]
    assert (head.digest, head.entries) == (entries[0].digest, 4)
    assert [one.data for one in reversed(entries)] == [{"a": ["\u00fc", None], "b": 1}, {}, {"x": "\U0001f600"}, {}]


def test_foreign_keys_hold_again_after_a_migration_of_sqlite(tmp_path: Path) -> None:
    """They are off while tables are rebuilt, never afterwards."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    engine.dispose()
