"""A local Slack for the tests of a file, each of which leaves it calm."""

from collections.abc import Iterator

import pytest

from bot.workspace.server import WorkspaceServer
from tests.workspace.place import OLIVIA, SEED, Person


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """The local Slack."""
    server = WorkspaceServer(SEED)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def olivia(workspace: WorkspaceServer) -> Iterator[Person]:
    """Somebody who talks and makes it fail; the fault switches are off again afterwards."""
    person = Person(workspace, OLIVIA)
    defaults = {one["name"]: one["default"] for one in person.get("faults")["faults"]}
    yield person
    assert person.do("faults", **defaults)["ok"]
