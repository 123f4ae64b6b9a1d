"""A note for what takes long, and the answer that is written over it: over the real wire, one message in the end."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.services.outbox import Outbox
from bot.workspace.server import WorkspaceServer
from handlers.messenger import Messenger
from handlers.progress import Progress, late
from handlers.views.blocks import say
from tests.e2e.office import wait_for
from tests.handlers.slack import CHANNEL, bot_of, now, outbox_in, person_of, running
from tests.patience import PATIENCE_SECONDS

NOTE, SUBJECT = "progress:C0CERTS:1.5:F1", "upload:1"
AT_ONCE, NEVER = 0.0, 3_600.0
ANSWER = replace(say("the answer"), replaces=NOTE)


class Died(Exception):
    """The process ended here."""


class DiesAfterTheNote(Outbox):
    """As when the power goes between Slack's answer and our note of it."""

    def shown(self, subject: str, ts: str, digest: str) -> None:
        """Never comes to it."""
        raise Died(subject, ts, digest)


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """One Slack for all tests; each has a thread of its own."""
    with running() as server:
        yield server


@pytest.fixture
def bot(workspace: WorkspaceServer) -> WebClient:
    """The bot's client."""
    return bot_of(workspace)


@pytest.fixture
def thread(workspace: WorkspaceServer) -> str:
    """A thread to answer in."""
    return str(person_of(workspace, "UOLIVIA").chat_postMessage(channel=CHANNEL, text="a file")["ts"])


@pytest.fixture
def outbox(tmp_path: Path, thread: str) -> Outbox:
    """With a place for the answer."""
    outbox = outbox_in(tmp_path)
    outbox.open_place(SUBJECT, CHANNEL, thread)
    return outbox


def replies(bot: WebClient, thread: str) -> list[dict[str, Any]]:
    """The bot's messages in the thread."""
    found: list[dict[str, Any]] = bot.conversations_replies(channel=CHANNEL, ts=thread)["messages"]
    return [one for one in found if one.get("bot_id")]


def posted(bot: WebClient, outbox: Outbox, thread: str) -> dict[str, Any]:
    """The note, once it is there."""
    with Progress(Messenger(bot, outbox), outbox).noted(NOTE, CHANNEL, thread, say("still on it"), AT_ONCE):
        return wait_for("the note", lambda: replies(bot, thread))[0]


def test_what_is_done_in_time_leaves_no_note(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """No message, no place: the answer is a post of its own."""
    with Progress(Messenger(bot, outbox), outbox).noted(NOTE, CHANNEL, thread, say("still on it"), NEVER):
        pass
    assert replies(bot, thread) == []
    assert outbox.place(NOTE) is None
    Messenger(bot, outbox).show(SUBJECT, ANSWER)
    assert [one["text"] for one in replies(bot, thread)] == ["the answer"]


def test_the_answer_is_written_over_the_note_and_changed_there(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """One message from the first word to the last."""
    note = posted(bot, outbox, thread)
    assert note["text"] == "still on it"
    messenger = Messenger(bot, outbox)
    assert messenger.show(SUBJECT, ANSWER) == note["ts"]
    assert messenger.show(SUBJECT, replace(say("a newer answer"), replaces=NOTE)) == note["ts"]
    (only,) = replies(bot, thread)
    assert (only["ts"], only["text"]) == (note["ts"], "a newer answer")


def test_a_note_whose_process_died_is_found_and_taken_over(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """It was posted and not recorded; the next process answers, in the same message."""
    dying = DiesAfterTheNote(outbox._store, now)
    note = posted(bot, dying, thread)
    assert Messenger(bot, outbox).show(SUBJECT, ANSWER) == note["ts"]
    assert [one["text"] for one in replies(bot, thread)] == ["the answer"]


def test_a_note_that_was_deleted_makes_way_for_a_post(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """Whoever deleted the note wants the answer all the same."""
    note = posted(bot, outbox, thread)
    bot.chat_delete(channel=CHANNEL, ts=note["ts"])
    assert Messenger(bot, outbox).show(SUBJECT, ANSWER) not in {None, note["ts"]}
    assert [one["text"] for one in replies(bot, thread)] == ["the answer"]


def test_work_is_not_over_before_its_note_is() -> None:
    """A note that is being posted is waited for, so that it cannot come after the answer."""
    begun, may_end = threading.Event(), threading.Event()
    told: list[str] = []

    def tell() -> None:
        begun.set()
        may_end.wait(PATIENCE_SECONDS)
        told.append("note")

    def work() -> None:
        with late(tell, AT_ONCE):
            begun.wait(PATIENCE_SECONDS)
        told.append("answer")

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(PATIENCE_SECONDS)
    may_end.set()
    worker.join(PATIENCE_SECONDS)
    assert told == ["note", "answer"]
