"""A note for what takes long, and the answer that is written over it: over the real wire, one message in the end."""

import threading
from dataclasses import replace
from typing import Any

from slack_sdk import WebClient

from bot.services.outbox import Outbox
from handlers.messenger import Messenger
from handlers.progress import Progress, late
from handlers.views.blocks import say
from tests.handlers.slack import CHANNEL, SUBJECT, DiesAfterThePost, now, replies
from tests.patience import PATIENCE_SECONDS, eventually

NOTE = "progress:C0CERTS:1.5:F1"
AT_ONCE, NEVER = 0.0, 3_600.0
ANSWER = replace(say("the answer"), replaces=NOTE)


def posted(bot: WebClient, outbox: Outbox, thread: str) -> dict[str, Any]:
    """The note, once it is there."""
    with Progress(Messenger(bot, outbox), outbox).noted(NOTE, CHANNEL, thread, say("still on it"), AT_ONCE):
        return eventually(lambda: replies(bot, thread), "the note")[0]


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
    dying = DiesAfterThePost(outbox._store, now)
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
