"""One local Slack for the tests of a file, and a thread of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.services.outbox import Outbox
from bot.workspace.server import WorkspaceServer
from tests.handlers.slack import CHANNEL, SUBJECT, bot_of, outbox_in, person_of, running


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """Ours, a guest, a bot and a partner's person; Olivia is in both channels, Adam in none."""
    with running() as server:
        yield server


@pytest.fixture
def bot(workspace: WorkspaceServer) -> WebClient:
    """The bot's client."""
    return bot_of(workspace)


@pytest.fixture
def thread(workspace: WorkspaceServer) -> str:
    """A thread to answer in."""
    return str(person_of(workspace, "UOLIVIA").chat_postMessage(channel=CHANNEL, text="here it is")["ts"])


@pytest.fixture
def outbox(tmp_path: Path, thread: str) -> Outbox:
    """With a place for the subject."""
    outbox = outbox_in(tmp_path)
    outbox.open_place(SUBJECT, CHANNEL, thread)
    return outbox
