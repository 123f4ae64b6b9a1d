"""Claims about messages: text as stored, threads, changes, ephemerals, metadata, direct messages."""

import pytest
from slack_sdk import WebClient

from tests.workspace.place import ADA, BOT, GENERAL, OLIVIA, QUIET, SAM, SHARED, Person, error_of, section


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("already &lt;escaped&gt; &amp;", "already &lt;escaped&gt; &amp;"),
        ("@countersign help", "<@UBOTCS> help"),
        ("<@UBOTCS> help", "<@UBOTCS> help"),
        ("mail olivia@countersign", "mail olivia@countersign"),
        ("see https://acme.example/as2?a=1&b=2.", "see <https://acme.example/as2?a=1&amp;b=2>."),
        ("`https://a.example @olivia <x>`", "`https://a.example @olivia &lt;x&gt;`"),
        ("<!channel> <script>", "<!channel> &lt;script&gt;"),
    ],
)
def test_text_is_stored_as_slack_stores_it(olivia: Person, typed: str, stored: str) -> None:
    """Entities, mentions, linked addresses; nothing of it inside code."""
    olivia.say(GENERAL, typed)
    assert olivia.sees(GENERAL)[-1]["text"] == stored


def test_overlong_text_is_cut_at_forty_thousand_characters(bot: WebClient) -> None:
    """Slack truncates and says nothing."""
    assert len(bot.chat_postMessage(channel=GENERAL, text="x" * 40_100)["message"]["text"]) == 40_000


def test_a_thread_counts_its_replies_and_keeps_them_out_of_the_channel(olivia: Person, bot: WebClient) -> None:
    """History has the parent only, replies has all; a reply to a reply joins the same thread."""
    parent = olivia.say(GENERAL, "question")
    first = bot.chat_postMessage(channel=GENERAL, text="answer", thread_ts=parent)["ts"]
    second = olivia.say(GENERAL, "thanks", thread_ts=first)
    history = bot.conversations_history(channel=GENERAL)["messages"]
    assert [(m["ts"], m["reply_count"], m["latest_reply"]) for m in history] == [(parent, 2, second)]
    assert history[0]["reply_users"] == [BOT, OLIVIA]
    replies = bot.conversations_replies(channel=GENERAL, ts=parent)["messages"]
    assert [m["ts"] for m in replies] == [parent, first, second]
    assert replies[2]["thread_ts"] == parent
    assert error_of(lambda: bot.conversations_replies(channel=GENERAL, ts="1.1"))["error"] == "thread_not_found"
    assert error_of(lambda: olivia.say(GENERAL, "x", thread_ts="1.1"))["error"] == "cannot_reply_to_message"


def test_only_the_author_changes_or_deletes_a_message(olivia: Person, sam: Person, bot: WebClient) -> None:
    """The bot's message is the bot's."""
    ts = bot.chat_postMessage(channel=GENERAL, text="mine")["ts"]
    assert error_of(lambda: olivia.web.chat_update(channel=GENERAL, ts=ts, text="x"))["error"] == "cant_update_message"
    assert error_of(lambda: sam.web.chat_delete(channel=GENERAL, ts=ts))["error"] == "cant_delete_message"
    assert error_of(lambda: bot.chat_update(channel=GENERAL, ts="1.1", text="x"))["error"] == "message_not_found"
    bot.chat_delete(channel=GENERAL, ts=ts)
    assert olivia.sees(GENERAL) == []


def test_an_update_keeps_blocks_that_it_does_not_name(bot: WebClient) -> None:
    """Without `blocks` the old ones stay; an empty array removes them."""
    ts = bot.chat_postMessage(channel=GENERAL, text="one", blocks=[section("kept")])["ts"]
    assert bot.chat_update(channel=GENERAL, ts=ts, text="two")["message"]["blocks"][0]["text"]["text"] == "kept"
    changed = bot.chat_update(channel=GENERAL, ts=ts, text="three", blocks=[])["message"]
    assert (changed["text"], changed["blocks"]) == ("three", [])


def test_metadata_comes_back_only_when_asked_for(bot: WebClient) -> None:
    """Useful to find lost posts again."""
    metadata = {"event_type": "switch", "event_payload": {"id": "s1"}}
    bot.chat_postMessage(channel=GENERAL, text="x", metadata=metadata)
    assert "metadata" not in bot.conversations_history(channel=GENERAL)["messages"][0]
    with_it = bot.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"][0]
    assert with_it["metadata"] == metadata
    refused = error_of(lambda: bot.chat_postMessage(channel=GENERAL, text="x", metadata={"event_type": "y"}))
    assert refused["error"] == "invalid_metadata_format"


def test_an_ephemeral_message_is_for_one_person_and_never_in_the_history(
    bot: WebClient, olivia: Person, sam: Person
) -> None:
    """Nor can chat.update change it."""
    ts = bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text="only you")["message_ts"]
    assert [m["text"] for m in olivia.sees(GENERAL)] == ["only you"]
    assert sam.sees(GENERAL) == []
    assert bot.conversations_history(channel=GENERAL)["messages"] == []
    assert error_of(lambda: bot.chat_update(channel=GENERAL, ts=ts, text="x"))["error"] == "message_not_found"
    refused = error_of(lambda: bot.chat_postEphemeral(channel=SHARED, user=SAM, text="x"))
    assert refused["error"] == "user_not_in_channel"
    assert olivia.do("dismiss", channel=GENERAL, message_ts=ts)["ok"]
    assert olivia.sees(GENERAL) == []


def test_a_direct_message_opens_once_and_only_for_its_two(bot: WebClient, olivia: Person, sam: Person) -> None:
    """conversations.open and posting to a user id lead to the same place."""
    channel = bot.conversations_open(users=OLIVIA)["channel"]["id"]
    assert bot.chat_postMessage(channel=OLIVIA, text="psst")["channel"] == channel
    assert [m["text"] for m in olivia.sees(channel)] == ["psst"]
    assert sam.get("channel", channel=channel)["error"] == "channel_not_found"
    assert bot.conversations_info(channel=channel)["channel"]["user"] == OLIVIA


def test_reactions_count_each_person_once(olivia: Person, sam: Person, bot: WebClient) -> None:
    """already_reacted and no_reaction, as Slack says."""
    ts = olivia.say(GENERAL, "done")
    bot.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    sam.web.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    assert error_of(lambda: bot.reactions_add(channel=GENERAL, timestamp=ts, name="eyes"))["error"] == "already_reacted"
    bot.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    assert olivia.sees(GENERAL)[0]["reactions"] == [{"name": "eyes", "users": [SAM], "count": 1}]


def test_a_permalink_leads_to_a_message_that_is_there(bot: WebClient, olivia: Person) -> None:
    """And to none that is not."""
    ts = olivia.say(GENERAL, "here")
    assert bot.chat_getPermalink(channel=GENERAL, message_ts=ts)["permalink"].endswith(f"#{GENERAL}/{ts}")
    refused = error_of(lambda: bot.chat_getPermalink(channel=GENERAL, message_ts="1.1"))
    assert refused["error"] == "message_not_found"


def test_a_partners_message_carries_its_team(ada: Person, bot: WebClient) -> None:
    """The approval for the partner's side hangs on it."""
    ada.say(SHARED, "we are ready")
    message = bot.conversations_history(channel=SHARED)["messages"][0]
    assert (message["user"], message["team"], message["user_team"]) == (ADA, "TACME", "TACME")


def test_history_is_cut_by_time_and_limit(olivia: Person) -> None:
    """Oldest is exclusive, newest first, has_more tells of the rest."""
    stamps = [olivia.say(QUIET, str(n)) for n in range(4)]
    found = olivia.web.conversations_history(channel=QUIET, oldest=stamps[0], limit=2)
    assert ([m["text"] for m in found["messages"]], found["has_more"]) == (["3", "2"], True)
    assert (
        error_of(lambda: olivia.web.conversations_history(channel=QUIET, oldest="soon"))["error"] == "invalid_ts_oldest"
    )
