"""The database is brought up to date at start, whoever else starts at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import storage.tables  # noqa: F401 - fills the metadata
from storage.engine import open_engine
from storage.migrate import current, downgrade, migrate


def _engine(tmp_path: Path) -> sa.Engine:
    return open_engine(f"sqlite:///{tmp_path / 'new folder' / 'store.db'}")


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    """What the migrations build and what the code believes are one thing."""
    engine = _engine(tmp_path)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_up_down_and_up_again_ends_where_it_began(tmp_path: Path) -> None:
    """Every step down undoes its step up."""
    engine = _engine(tmp_path)
    migrate(engine)
    before = set(sa.inspect(engine).get_table_names())
    downgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine)
    assert set(sa.inspect(engine).get_table_names()) == before


def test_replicas_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    """Eight starts on an empty database: all succeed, the tables are there, one revision is noted."""
    engines = [_engine(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(migrate, engines))
    with engines[0].connect() as connection:
        assert current(connection) is not None
        assert connection.execute(sa.text("select count(*) from alembic_version")).scalar_one() == 1


def test_foreign_keys_hold_again_after_a_migration(tmp_path: Path) -> None:
    """They are off while tables are rebuilt, never afterwards."""
    engine = _engine(tmp_path)
    migrate(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
