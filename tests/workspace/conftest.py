"""One running workspace a test, and the people in it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.workspace.browser import chromium, chromium_page
from tests.workspace.page_app import listen
from tests.workspace.page_world import Room, World, running_world
from tests.workspace.place import ADA, OLIVIA, SAM, SEED, Clock, Person, bot_client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module's tests. Not for longer: its driver keeps an event loop that others trip over."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context."""
    with chromium_page(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One workspace and app for a file's tests of the page."""
    with running_world(listen) as running:
        yield running


@pytest.fixture
def room(world: World) -> Iterator[Room]:
    """A channel of this test's own; no dialog stays open after it."""
    yield world.room()
    world.close_dialogs()


@pytest.fixture
def clock() -> Clock:
    """The workspace's clock."""
    return Clock()


@pytest.fixture(scope="session")
def janitor() -> Iterator[ThreadPoolExecutor]:
    """Stops workspaces while the next test already runs: uvicorn takes its time to go."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


@pytest.fixture
def workspace(clock: Clock, janitor: ThreadPoolExecutor) -> Iterator[WorkspaceServer]:
    """A fresh workspace in memory."""
    server = WorkspaceServer(SEED, clock=clock)
    server.start()
    yield server
    janitor.submit(server.stop)


@pytest.fixture
def bot(workspace: WorkspaceServer) -> WebClient:
    """The Web API with the bot's token."""
    return bot_client(workspace)


@pytest.fixture
def olivia(workspace: WorkspaceServer) -> Person:
    """One of ours, in all channels but the private one."""
    return Person(workspace, OLIVIA)


@pytest.fixture
def sam(workspace: WorkspaceServer) -> Person:
    """One of ours, not in the shared channel."""
    return Person(workspace, SAM)


@pytest.fixture
def ada(workspace: WorkspaceServer) -> Person:
    """A partner's user, in the shared channel only."""
    return Person(workspace, ADA)
