"""Claims about what a developer of apps meets beside the bot's own calls: messages for later, lists, pins, groups."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace.contract import GUEST, Office, seed_of
from tests.workspace.place import ADA, BOT, GENERAL, OLIVIA, QUIET, SAM, SHARED, Clock, bot_client


@pytest.fixture(scope="module")
def office(janitor: ThreadPoolExecutor) -> Iterator[Office]:
    """One workspace for all of these."""
    office = Office()
    yield office
    office.stop(janitor)


def test_a_message_for_later_is_posted_when_its_time_has_come_even_after_a_restart(tmp_path: Path) -> None:
    """Kept in the state file; one that was taken back never comes."""
    clock, state = Clock(), tmp_path / "workspace.json"
    first = WorkspaceServer(seed_of("plain"), state, clock=clock)
    first.start()
    bot = bot_client(first)
    at = int(clock()) + 600
    bot.chat_scheduleMessage(
        channel=GENERAL, post_at=at, text="later", metadata={"event_type": "e", "event_payload": {}}
    )
    other = bot.chat_scheduleMessage(channel=GENERAL, post_at=at, text="never")["scheduled_message_id"]
    bot.chat_deleteScheduledMessage(channel=GENERAL, scheduled_message_id=other)
    first.stop()
    second = WorkspaceServer(seed_of("plain"), state, clock=clock)
    second.start()
    try:
        bot = bot_client(second)
        assert bot.conversations_history(channel=GENERAL)["messages"] == []
        clock.ahead += 601
        (message,) = eventually(
            lambda: bot.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"]
        )
        assert (message["text"], message["user"], message["metadata"]["event_type"]) == ("later", BOT, "e")
    finally:
        second.stop()


def test_files_are_listed_by_place_person_and_kind(office: Office) -> None:
    """Only what the caller may see, newest first, in pages."""
    text = office.olivia.upload(b"PEM", "a.pem", channel_id=GENERAL)
    image = office.olivia.upload(b"\x89PNG\r\n\x1a\n", "b.png", channel_id=GENERAL)
    hidden = office.olivia.upload(b"PEM", "c.pem", channel_id=QUIET)

    def listed(**wanted: str) -> set[str]:
        return {file["id"] for file in office.bot.files_list(**wanted)["files"]}  # type: ignore[arg-type]

    assert listed() == {text, image}
    assert listed(types="images") == {image}
    assert listed(types="snippets", user=OLIVIA, channel=GENERAL) == {text}
    assert listed(user=SAM) == listed(channel=QUIET) == listed(ts_from="9999999999") == set()
    assert hidden in {file["id"] for file in office.olivia.web.files_list()["files"]}
    page = office.bot.files_list(count=1, page=2)
    assert (len(page["files"]), page["paging"]) == (1, {"count": 1, "total": 2, "page": 2, "pages": 2})


def test_a_pinned_message_is_counted_and_says_where(office: Office) -> None:
    """pin_count of the history, pinned_to of the message."""
    ts = office.olivia.say(SHARED, "remember")
    before = office.bot.conversations_history(channel=SHARED)["pin_count"]
    office.bot.pins_add(channel=SHARED, timestamp=ts)
    history = office.bot.conversations_history(channel=SHARED)
    assert history["pin_count"] == before + 1
    assert next(m for m in history["messages"] if m["ts"] == ts)["pinned_to"] == [SHARED]


def test_user_groups_come_with_members_and_counts_when_asked(office: Office) -> None:
    """Neither without being asked for."""
    (bare,) = office.bot.usergroups_list()["usergroups"]
    (full,) = office.bot.usergroups_list(include_count=True, include_users=True)["usergroups"]
    assert "users" not in bare
    assert (full["handle"], full["user_count"], full["users"]) == ("trust-admins", 1, [OLIVIA])


def test_a_stranger_is_somebody_of_another_team_in_no_channel_of_the_apps(office: Office) -> None:
    """is_stranger of a partner's user, before and after they share a channel with the bot."""
    assert office.bot.users_info(user=ADA)["user"]["is_stranger"] is False
    office.olivia.web.conversations_kick(channel=SHARED, user=BOT)
    assert office.bot.users_info(user=ADA)["user"]["is_stranger"] is True
    office.olivia.web.conversations_invite(channel=SHARED, users=BOT)
    assert office.bot.users_info(user=ADA)["user"]["is_stranger"] is False


def test_guests_and_partners_know_only_those_they_share_a_conversation_with(office: Office) -> None:
    """users.list of each; ours see everybody."""

    def known(person: str) -> set[str]:
        return {user["id"] for user in office.people[person].web.users_list()["members"]}

    assert known(GUEST) == {GUEST}
    assert SAM not in known(ADA)
    assert {ADA, OLIVIA, BOT} <= known(ADA)
    assert {ADA, GUEST, SAM} <= known(SAM)


def test_too_long_a_text_is_cut_with_a_warning(office: Office) -> None:
    """As Slack warns: in `warning` and in response_metadata."""
    answer = office.bot.chat_postMessage(channel=GENERAL, text="x" * 40_001)
    assert (answer["warning"], answer["response_metadata"]["warnings"]) == ("message_truncated", ["message_truncated"])


def test_an_old_reply_can_be_broadcast(office: Office) -> None:
    """chat.update with reply_broadcast puts it into the channel's history."""
    parent = office.bot.chat_postMessage(channel=GENERAL, text="parent")["ts"]
    reply = office.bot.chat_postMessage(channel=GENERAL, text="reply", thread_ts=parent)["ts"]
    office.bot.api_call("chat.update", json={"channel": GENERAL, "ts": reply, "reply_broadcast": True})
    history = office.bot.conversations_history(channel=GENERAL)["messages"]
    assert next(m for m in history if m["ts"] == reply)["subtype"] == "thread_broadcast"


def test_a_channel_is_left_renamed_and_shared_by_people(office: Office) -> None:
    """What the page and tests cause events with; nonsense is refused in Slack's words."""
    web = office.olivia.web
    assert web.conversations_rename(channel=QUIET, name="silent")["channel"]["previous_names"] == ["quiet"]
    office.bot.conversations_join(channel=QUIET)
    assert office.bot.conversations_leave(channel=QUIET)["ok"]
    assert office.bot.conversations_leave(channel=QUIET)["not_in_channel"] is True
    shared = web.conversations_inviteShared(channel=QUIET, user_ids=ADA)
    assert (shared["is_legacy_shared_channel"], web.conversations_info(channel=QUIET)["channel"]["is_ext_shared"]) == (
        False,
        True,
    )
    for method, more, error in (
        ("rename", {"channel": QUIET, "name": "Not A Name"}, "invalid_name_specials"),
        ("rename", {"channel": QUIET, "name": "general"}, "name_taken"),
        ("unarchive", {"channel": QUIET}, "not_archived"),
        ("inviteShared", {"channel": QUIET, "user_ids": SAM}, "user_not_found"),
    ):
        answer = office.http.post(
            f"{office.workspace.api_url}conversations.{method}",
            data=more,
            headers={"Authorization": f"Bearer {web.token}"},
        ).json()
        assert answer["error"] == error
