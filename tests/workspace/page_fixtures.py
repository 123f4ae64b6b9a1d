"""The app and the channels that the page's tests of blocks, dialogs and apps share."""

from collections.abc import Iterator

import pytest

from tests.workspace.page_app import listen
from tests.workspace.page_world import Room, World, running_world


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    """One workspace and app for the module."""
    with running_world(listen) as running:
        yield running


@pytest.fixture
def room(shared_world: World) -> Iterator[Room]:
    """A channel of this test's own; no dialog stays open after it."""
    yield shared_world.room()
    shared_world.close_dialogs()
