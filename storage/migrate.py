"""Migrations, run from Python at start; there is no ini file, and two replicas that start at once take turns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

MIGRATIONS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 0x436F756E74657273
"""The key of the PostgreSQL lock that migrations hold ("Counters" in ASCII); any number that no one else uses."""


def migrate(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction; nothing happens when it is there already.

    Raises:
        sqlalchemy.exc.DBAPIError: when a step fails; the database is then as it was.
    """
    with engine.connect() as connection:
        up_to_date = revision == "head" and current(connection) == _head()
    if not up_to_date:
        _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: sa.Engine, revision: str = "base") -> None:
    """Take the database back to `revision`. Data of the tables that go is lost; there for operators and tests."""
    _run(engine, lambda config: command.downgrade(config, revision))


def current(connection: sa.Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - loads every step, which a start rarely needs

    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _run(engine: sa.Engine, step: Callable[[Config], None]) -> None:
    config = _config()
    with engine.connect() as connection, _foreign_keys_off(connection), connection.begin():
        # On SQLite the transaction itself is the lock: it begins as IMMEDIATE.
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        config.attributes["connection"] = connection
        step(config)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            msg = "a migration left rows that refer to nothing"
            raise RuntimeError(msg)


@contextmanager
def _foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by rebuilding it; with foreign keys on, dropping the old one would empty its children.

    The pragma does nothing inside a transaction (sqlite.org/pragma.html), so it goes to the driver before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
        driver.close()
