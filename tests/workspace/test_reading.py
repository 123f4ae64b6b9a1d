"""Claims about what a person has read: unread marks are the server's, for each person, and survive a restart."""

from pathlib import Path

from bot.workspace.server import WorkspaceServer
from tests.workspace.place import ADA, BOT, GENERAL, OLIVIA, SAM, SECRET, SEED, SHARED, Json, Person, bot_client


def conversation(person: Person, channel: str) -> Json:
    """The conversation as the person's sidebar has it."""
    found = person.get("sidebar")["conversations"]
    return next(one for one in found if one["id"] == channel)


def test_unread_counts_what_others_said_and_what_addresses_one(olivia: Person, sam: Person) -> None:
    """Own messages and replies in threads do not count; a mention and @channel do twice."""
    first = sam.say(GENERAL, "plain")
    sam.say(GENERAL, f"<@{OLIVIA}> look")
    sam.say(GENERAL, "<!channel> all")
    sam.say(GENERAL, "`<@UOLIVIA>` is code")
    sam.say(GENERAL, "a reply", thread_ts=first)
    olivia.say(GENERAL, "mine")
    shown = conversation(olivia, GENERAL)
    assert (shown["unread"], shown["mentions"]) == (4, 2)
    assert conversation(sam, GENERAL)["unread"] == 1


def test_a_mark_moves_forward_only_and_belongs_to_one_person(olivia: Person, sam: Person) -> None:
    """The other tab hears of it; nobody else does."""
    first, second = sam.say(GENERAL, "one"), sam.say(GENERAL, "two")
    before = olivia.get("events")["last"]
    assert olivia.do("mark", channel=GENERAL, ts=first)["ok"]
    assert conversation(olivia, GENERAL)["unread"] == 1
    olivia.do("mark", channel=GENERAL, ts=second)
    olivia.do("mark", channel=GENERAL, ts=first)
    assert conversation(olivia, GENERAL)["unread"] == 0
    assert olivia.get("channel", channel=GENERAL)["last_read"] == second
    heard = [event["ts"] for event in olivia.get("events", after=before)["events"] if event["type"] == "read"]
    assert heard == [first, second]
    assert [event for event in sam.get("events", after=before)["events"] if event["type"] == "read"] == []


def test_a_thread_has_a_mark_of_its_own(olivia: Person, sam: Person) -> None:
    """It comes with the channel, so that the page can tell which threads have news."""
    parent = olivia.say(GENERAL, "parent")
    reply = sam.say(GENERAL, "reply", thread_ts=parent)
    assert olivia.get("thread", channel=GENERAL, ts=parent)["last_read"] == "0"
    olivia.do("mark", channel=GENERAL, ts=reply, thread_ts=parent)
    assert olivia.get("thread", channel=GENERAL, ts=parent)["last_read"] == reply
    assert olivia.get("channel", channel=GENERAL)["thread_reads"] == {parent: reply}
    assert olivia.get("channel", channel=GENERAL)["last_read"] == "0"


def test_marks_are_checked_like_everything_from_outside(olivia: Person, ada: Person) -> None:
    """No foreign channel, no nonsense, no thread that is not there."""
    ts = olivia.say(GENERAL, "here")
    assert ada.do("mark", channel=GENERAL, ts=ts)["error"] == "channel_not_found"
    for wrong in ("", "1", "x.y", None, 5, {"a": 1}):
        assert olivia.do("mark", channel=GENERAL, ts=wrong)["error"] == "invalid_arguments", wrong
    assert olivia.do("mark", channel=GENERAL, ts=ts, thread_ts="1.000001")["error"] == "thread_not_found"


def test_the_sidebar_holds_ones_own_conversations_only(workspace: WorkspaceServer, olivia: Person, ada: Person) -> None:
    """Direct messages too, with whom they are; a private channel of others is not there."""
    bot_client(workspace).conversations_open(users=OLIVIA)
    places = {one["id"]: one for one in olivia.get("sidebar")["conversations"]}
    assert SECRET not in places
    assert [one["user"] for one in places.values() if one["is_im"]] == [BOT]
    assert places[SHARED]["shared_with"] == ["TACME"]
    assert [one["id"] for one in ada.get("sidebar")["conversations"]] == [SHARED]
    assert ADA in places[SHARED]["members"]


def test_what_was_read_survives_a_restart(tmp_path: Path) -> None:
    """The mark is in the state file."""
    state = tmp_path / "workspace.json"
    first = WorkspaceServer(SEED, state)
    first.start()
    ts = Person(first, SAM).say(GENERAL, "one")
    Person(first, OLIVIA).do("mark", channel=GENERAL, ts=ts)
    first.stop()
    second = WorkspaceServer(SEED, state)
    second.start()
    try:
        assert conversation(Person(second, OLIVIA), GENERAL)["unread"] == 0
        assert conversation(Person(second, OLIVIA), GENERAL)["last_read"] == ts
    finally:
        second.stop()
