"""Fixtures of the service tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.services.ca_server import open_site
from tests.services.desk import Desk
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.fetching_case import Case
from tests.services.switch_world import OLD, World


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


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[PartnerEndpoint]:
    """The partner's server, still with the old certificate."""
    with partner_endpoint(tmp_path / "partner", OLD) as running:
        yield running


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> World:
    """A connection to that server over one choreography; the gateway holds its old certificate."""
    made = World(database, endpoint.uri, over=("OrderToCash",))
    made.installed()
    return made


@pytest.fixture
def case(desk: Desk) -> Iterator[Case]:
    """The case on a small internet of its own."""
    with open_site() as site:
        yield Case(desk, site)
