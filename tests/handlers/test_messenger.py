"""One message for one subject, whatever happens in between: over the real wire."""

from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.services.outbox import Outbox
from bot.services.people import Spot
from bot.workspace.server import WorkspaceServer
from handlers.messenger import Messenger
from handlers.replies import Replies
from handlers.slack_calls import SlackUnavailable
from handlers.views.blocks import say, with_image
from handlers.views.chain_picture import chain_picture
from tests.handlers.slack import (
    BOT,
    CHANNEL,
    SUBJECT,
    Died,
    DiesAfterThePost,
    bot_of,
    now,
    outbox_in,
    person_of,
    replies,
    running,
)
from tests.lab.builders import NOW, Ca
from tests.pki.values import chain


def test_a_message_is_posted_once_and_then_changed(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """The same ts from then on; what has not changed is not sent again."""
    messenger = Messenger(bot, outbox)
    ts = messenger.show(SUBJECT, say("one"))
    assert messenger.show(SUBJECT, say("one")) == ts
    (posted,) = replies(bot, thread)
    assert "edited" not in posted
    assert messenger.show(SUBJECT, say("two")) == ts
    (changed,) = replies(bot, thread)
    assert (changed["ts"], changed["text"]) == (ts, "two")


@pytest.mark.parametrize("others", [0, 230])
def test_a_post_that_was_not_recorded_is_found_and_not_made_twice(
    workspace: WorkspaceServer, bot: WebClient, outbox: Outbox, thread: str, others: int
) -> None:
    """Died after the post; also in a thread that is longer than one page of its history."""
    for number in range(others):
        person_of(workspace, "UOLIVIA").chat_postMessage(channel=CHANNEL, thread_ts=thread, text=f"talk {number}")
    with pytest.raises(Died):
        Messenger(bot, DiesAfterThePost(outbox._store, now)).show(SUBJECT, say("one"))
    (lost,) = replies(bot, thread)
    assert Messenger(bot, outbox).show(SUBJECT, say("newer")) == lost["ts"]
    (found,) = replies(bot, thread)
    assert found["text"] == "newer"


def test_a_post_that_never_arrived_is_made(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """Died before the post: the attempt is on record, and nothing is there."""
    outbox.attempting(SUBJECT)
    assert Messenger(bot, outbox).show(SUBJECT, say("one")) == replies(bot, thread)[0]["ts"]


def test_a_message_deleted_in_slack_comes_back_with_the_next_change_only(
    bot: WebClient, outbox: Outbox, thread: str
) -> None:
    """An open proposal has to stay decidable; what did not change is left deleted."""
    messenger = Messenger(bot, outbox)
    first = messenger.show(SUBJECT, say("one"))
    bot.chat_delete(channel=CHANNEL, ts=str(first))
    assert messenger.show(SUBJECT, say("one")) == first
    assert replies(bot, thread) == []
    second = messenger.show(SUBJECT, say("two"))
    assert second != first
    assert [one["text"] for one in replies(bot, thread)] == ["two"]


def test_where_the_bot_was_removed_nothing_is_shown_and_nothing_is_tried_for_ever(
    workspace: WorkspaceServer, bot: WebClient, tmp_path: Path
) -> None:
    """No exception, so that no job comes back to it; once it is invited again, the next change is shown."""
    outbox, olivia = outbox_in(tmp_path), person_of(workspace, "UOLIVIA")
    channel = str(olivia.conversations_list()["channels"][0]["id"])
    outbox.open_place(SUBJECT, channel, None)
    olivia.conversations_kick(channel=channel, user=BOT)
    messenger = Messenger(bot, outbox)
    assert messenger.show(SUBJECT, say("one")) is None
    assert messenger.show(SUBJECT, say("two")) is None
    olivia.conversations_invite(channel=channel, users=BOT)
    assert messenger.show(SUBJECT, say("three")) is not None
    outbox.open_place("upload:2", "C0NOWHERE", None)
    assert messenger.show("upload:2", say("one")) is None


def test_a_thread_that_is_gone_takes_no_message(bot: WebClient, tmp_path: Path) -> None:
    """Its first message was deleted: for good, so no retry."""
    outbox = outbox_in(tmp_path)
    outbox.open_place(SUBJECT, CHANNEL, "1.000001")
    assert Messenger(bot, outbox).show(SUBJECT, say("one")) is None
    assert Messenger(bot, outbox).show(SUBJECT, say("one")) is None


def test_while_slack_cannot_be_reached_the_job_is_told_to_come_back(tmp_path: Path) -> None:
    """By an exception that holds a code and nothing else."""
    with running() as server:
        bot = bot_of(server)
    outbox = outbox_in(tmp_path)
    outbox.open_place(SUBJECT, CHANNEL, None)
    with pytest.raises(SlackUnavailable) as refused:
        Messenger(bot, outbox).show(SUBJECT, say("one"))
    assert bot.token is not None
    assert bot.token not in repr(refused.value)
    with running() as server, pytest.raises(SlackUnavailable, match="invalid_auth"):
        Messenger(WebClient("xoxb-wrong", base_url=server.api_url), outbox).show(SUBJECT, say("one"))


def test_where_slack_takes_no_picture_the_words_stand(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """A file that is none, or not ours to show: the message is posted, or changed, without it, and not tried again."""
    root = Ca.root("Root")
    picture = chain_picture(chain(root.leaf("leaf"), anchors=[root]), "leaf", NOW)
    messenger = Messenger(bot, outbox)
    for text in ("one", "two"):
        shown = with_image(replace(say(text), picture=picture), "F0NOWHERE")
        assert messenger.show(SUBJECT, shown) == messenger.show(SUBJECT, shown)
        (message,) = replies(bot, thread)
        assert message["text"] == text
        assert [block["type"] for block in message["blocks"]] == ["section"]


def test_a_mention_is_answered_once_also_by_another_process(bot: WebClient, outbox: Outbox, thread: str) -> None:
    """The place remembers; a refusal, which leaves no message, too."""
    spot = Spot(CHANNEL, thread)
    replier = Replies(Messenger(bot, outbox), outbox)
    with replier.once("mention:1") as first, replier.once("mention:1") as meanwhile:
        assert (first, meanwhile) == (True, False)
        replier.give("mention:1", spot, say("hello"))
    with replier.once("mention:2") as first:
        assert first
        replier.told("mention:2", spot, "1.5")
    restarted = Replies(Messenger(bot, outbox), outbox)
    for subject in ("mention:1", "mention:2"):
        with restarted.once(subject) as first:
            assert not first
    with restarted.once("mention:3") as first:
        assert first, "what was not answered is answered"
    assert len(replies(bot, thread)) == 1
