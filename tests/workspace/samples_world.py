"""The workspace that samples run on, and the person who tries them."""

from collections.abc import Iterator

import pytest

from bot.workspace.server import WorkspaceServer
from tests.workspace.place import BOT, GENERAL, OLIVIA, SEED, Json, Person

README_CHANNEL = "C0123456789"  # the one that slack-sdk's README uploads to
COMMANDS = [{"command": name, "description": "", "hint": ""} for name in ("/echo", "/hello-bolt-python")]

both_transports = pytest.mark.parametrize("transport", ["Socket Mode", "HTTP"])


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """A workspace for all samples; one runs at a time."""
    channel: Json = {"id": README_CHANNEL, "name": "readme", "topic": "", "members": [OLIVIA, BOT], "shared_with": []}
    shortcut = {"type": "global", "name": "Open", "callback_id": "open_modal"}
    app = {**SEED["app"], "commands": COMMANDS, "shortcuts": [shortcut]}
    server = WorkspaceServer({**SEED, "app": app, "channels": [*SEED["channels"], channel]})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def olivia(workspace: WorkspaceServer) -> Person:
    """Whoever tries the samples."""
    return Person(workspace, OLIVIA)


def new_texts(person: Person, known: list[Json]) -> list[str]:
    """Texts of what came into the channel since."""
    seen = {message["ts"] for message in known}
    return [message["text"] for message in person.sees(GENERAL) if message["ts"] not in seen]
