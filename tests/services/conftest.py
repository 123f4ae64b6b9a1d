"""Fixtures of the service tests."""

from collections.abc import Iterator

import pytest

from tests.databases import Database
from tests.services.desk import Desk


@pytest.fixture
def bare_desk(database: Database) -> Iterator[Desk]:
    """The services over a store with nothing in it."""
    desk = Desk(database)
    yield desk
    desk.store.close()


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """The services with two partners."""
    return bare_desk.found_partners()
