"""Claims about events: each has the published shape and envelope, and reaches only an app that may hear it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.patience import eventually
from tests.workspace.contract import Office
from tests.workspace.place import ACME, ADA, BOT, GENERAL, HOME, OLIVIA, QUIET, SAM, SECRET, SHARED, Json
from tests.workspace.published import PUBLISHED, needs_the_collection

NOT_MODELLED = {
    "function_executed": "custom workflow steps: the workspace runs no workflows",
    "link_shared": "needs unfurl domains, which the bot has none of",
}
SUBSCRIBED = [
    "app_home_opened", "app_mention", "app_uninstalled", "channel_archive", "channel_id_changed", "channel_left",
    "channel_rename", "channel_shared", "channel_unarchive", "file_shared", "group_rename", "member_joined_channel",
    "member_left_channel", "message.channels", "message.groups", "message.im", "message.mpim", "reaction_added",
    "tokens_revoked",
]  # fmt: skip
EXAMPLES: dict[str, Json] = {
    "app_home_opened": {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.1"},
    "app_mention": {
        "type": "app_mention", "user": "U1", "text": "<@U0> hi", "ts": "1.1", "channel": "C1", "event_ts": "1.1",
    },
    "app_uninstalled": {"type": "app_uninstalled"},
    "channel_id_changed": {
        "type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": "C1", "event_ts": "1.1",
    },
    "channel_shared": {"type": "channel_shared", "connected_team_id": "E1", "channel": "C1", "event_ts": "1.1"},
    "message": {"type": "message", "channel": "C1", "user": "U1", "text": "hi", "ts": "1.1"},
    "tokens_revoked": {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U2"]}},
}  # fmt: skip
"""Where the collection gives none: after each event's page under docs.slack.dev/reference/events."""
LEFT_OUT = {"member_joined_channel": {"enterprise"}, "member_left_channel": {"enterprise"}}
ENVELOPE = {
    "token", "team_id", "api_app_id", "event", "type", "event_id", "event_time", "authorizations",
    "is_ext_shared_channel", "event_context", "context_team_id", "context_enterprise_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(janitor: ThreadPoolExecutor) -> Iterator[Office]:
    """An app that subscribes to everything and is granted everything."""
    office = Office(events=SUBSCRIBED)
    assert office.listening
    yield office
    office.stop(janitor)


def example(event_type: str) -> Json:
    """The published example, or the one written down here."""
    described: Json = json.loads((PUBLISHED / "events" / f"{event_type}.json").read_text(encoding="utf-8"))
    shown: Json = described.get("example") or EXAMPLES[event_type]
    return shown


def departures(wanted: Json, event: Json, where: str = "") -> list[str]:
    """Keys of the example that the event lacks, and values of another type."""
    found: list[str] = []
    for name, part in wanted.items():
        if name not in event:
            found.append(f"{where}/{name}: missing")
        elif type(event[name]) is not type(part):
            found.append(f"{where}/{name}: {type(event[name]).__name__}")
        elif isinstance(part, dict):
            found += departures(part, event[name], f"{where}/{name}")
    return found


def whole(office: Office, event_type: str, wanted: Json) -> Json:
    """The first envelope of that type with all of the example: an event may lack what does not apply (`inviter`)."""

    def found() -> list[Json]:
        return [body for body in office.wait_for(event_type) if not departures(wanted, body["event"])]

    try:
        return eventually(found)[0]
    except AssertionError:
        lacking = [departures(wanted, body["event"]) for body in office.wait_for(event_type)]
        raise AssertionError(f"{event_type}: {lacking}") from None


def mention(office: Office) -> None:
    """Somebody calls the bot."""
    office.olivia.say(GENERAL, "@countersign help")


def home(office: Office) -> None:
    """Somebody opens the Home tab."""
    office.olivia.do("home")


def upload(office: Office) -> None:
    """Somebody shares a file."""
    office.olivia.upload(b"PEM", channel_id=GENERAL)


def come_and_go(office: Office) -> None:
    """The bot joins a channel, Sam joins, and is taken out; then the bot leaves."""
    office.bot.conversations_join(channel=QUIET)
    office.sam.web.conversations_join(channel=QUIET)
    office.olivia.web.conversations_kick(channel=QUIET, user=SAM)
    office.bot.conversations_leave(channel=QUIET)


def rename(office: Office) -> None:
    """A channel gets another name, and the old one back."""
    office.olivia.web.conversations_rename(channel=GENERAL, name="everybody")
    office.olivia.web.conversations_rename(channel=GENERAL, name="general")


def share(office: Office) -> None:
    """The private channel gets the bot and a partner's team, and by that another id."""
    office.sam.web.conversations_invite(channel=SECRET, users=BOT)
    office.sam.web.conversations_inviteShared(channel=SECRET, user_ids=ADA)


CAUSES: dict[str, Callable[[Office], None]] = {
    "app_home_opened": home,
    "app_mention": mention,
    "channel_id_changed": share,
    "channel_left": come_and_go,
    "channel_rename": rename,
    "channel_shared": share,
    "file_shared": upload,
    "member_joined_channel": come_and_go,
    "member_left_channel": come_and_go,
    "message": mention,
}


@needs_the_collection
def test_every_published_event_can_be_caused_and_has_its_shape(office: Office) -> None:
    """Keys and types of the example, in the published envelope; ids that are unique."""
    published = {path.stem for path in (PUBLISHED / "events").glob("*.json")}
    told_at_the_end = {"app_uninstalled", "tokens_revoked"}
    assert set(CAUSES) | set(NOT_MODELLED) | told_at_the_end == published
    for cause in dict.fromkeys(CAUSES.values()):
        cause(office)
    for event_type in CAUSES:
        wanted = {name: part for name, part in example(event_type).items() if name not in LEFT_OUT.get(event_type, ())}
        body = whole(office, event_type, wanted)
        assert set(body) == ENVELOPE, event_type
        assert body["authorizations"] == [
            {"enterprise_id": None, "team_id": HOME, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}
        ]
    ids = [body["event_id"] for body in office.heard if "event_id" in body]
    assert len(set(ids)) == len(ids)


def test_a_message_is_told_with_its_subtype_through_its_whole_life(office: Office) -> None:
    """Plain, with files, changed, deleted; only what is hidden says so."""
    plain = office.olivia.say(GENERAL, "one")
    event = office.wait_for("message", ts=plain)[0]["event"]
    assert ("subtype" in event, event["channel_type"], event["team"]) == (False, "channel", HOME)
    office.olivia.upload(b"PEM", "life.pem", channel_id=GENERAL)
    shared = eventually(
        lambda: [
            body["event"]
            for body in office.wait_for("message", subtype="file_share")
            if body["event"]["files"][0]["name"] == "life.pem"
        ]
    )[0]
    assert "team" not in shared
    office.olivia.web.chat_update(channel=GENERAL, ts=plain, text="two")
    changed = eventually(
        lambda: [
            body["event"]
            for body in office.wait_for("message", subtype="message_changed")
            if body["event"]["message"]["ts"] == plain
        ]
    )[0]
    assert (changed["hidden"], changed["message"]["text"], changed["previous_message"]["text"]) == (True, "two", "one")
    assert changed["message"]["edited"]["user"] == OLIVIA
    office.olivia.web.chat_delete(channel=GENERAL, ts=plain)
    deleted = office.wait_for("message", subtype="message_deleted", deleted_ts=plain)[0]["event"]
    assert (deleted["hidden"], deleted["previous_message"]["text"]) == (True, "two")


def test_a_shared_channels_event_says_so_and_names_the_partners_team(office: Office) -> None:
    """is_ext_shared_channel in the envelope, the author's team in the message."""
    ts = office.ada.say(SHARED, "from the other side")
    body = office.wait_for("message", ts=ts)[0]
    assert (body["is_ext_shared_channel"], body["context_team_id"], body["team_id"]) == (True, HOME, ACME)
    assert (body["event"]["user_team"], body["event"]["source_team"]) == (ACME, ACME)


def test_group_messages_and_archived_channels_are_told_too(office: Office) -> None:
    """message.mpim; channel_archive and channel_unarchive with who did it."""
    channel = office.bot.conversations_open(users=f"{OLIVIA},{SAM}")["channel"]["id"]
    assert office.bot.conversations_open(users=f"{SAM},{OLIVIA}")["channel"]["id"] == channel
    ts = office.olivia.say(channel, "the three of us")
    assert office.wait_for("message", ts=ts)[0]["event"]["channel_type"] == "mpim"
    office.olivia.web.conversations_archive(channel=SHARED)
    office.olivia.web.conversations_unarchive(channel=SHARED)
    assert office.wait_for("channel_archive")[-1]["event"]["user"] == OLIVIA
    assert office.wait_for("channel_unarchive")[-1]["event"]["channel"] == SHARED


def test_a_revoked_bot_token_ends_the_installation(janitor: ThreadPoolExecutor) -> None:
    """tokens_revoked and app_uninstalled arrive, with user ids and no tokens; after them nothing does."""
    office = Office(events=SUBSCRIBED)
    try:
        assert office.listening
        assert office.bot.auth_revoke(test=True)["revoked"] is False
        assert office.bot.auth_revoke()["revoked"] is True
        revoked, gone = office.wait_for("tokens_revoked")[0]["event"], office.wait_for("app_uninstalled")[0]["event"]
        assert (departures(EXAMPLES["tokens_revoked"], revoked), departures(EXAMPLES["app_uninstalled"], gone)) == (
            [],
            [],
        )
        assert revoked["tokens"] == {"oauth": [], "bot": [BOT]}
        answer = office.http.post(
            office.workspace.api_url + "auth.test", headers={"Authorization": f"Bearer {office.bot.token}"}
        ).json()
        assert answer == {"ok": False, "error": "account_inactive"}
        eventually(lambda: office.workspace.pending_events == 0)
        office.olivia.say(GENERAL, "is anybody there?")
        assert office.workspace.pending_events == 0
    finally:
        office.stop(janitor)


@pytest.mark.parametrize(
    ("app", "hears"),
    [
        ({"events": ["message.channels", "channel_rename"]}, ["channel_rename", "message"]),
        ({"events": ["message.channels"]}, ["message"]),
        ({"events": ["message.channels", "channel_rename"], "scopes": ["channels:history"]}, ["message"]),
    ],
    ids=["both", "not subscribed", "no scope"],
)
def test_an_app_hears_what_it_subscribes_to_and_may(janitor: ThreadPoolExecutor, app: Json, hears: list[str]) -> None:
    """A subscription without the scope is worth nothing."""
    office = Office(**app)
    try:
        assert office.listening
        office.olivia.web.conversations_rename(channel=GENERAL, name="everybody")
        office.olivia.say(GENERAL, "renamed")
        office.wait_for("message")
        assert [body["event"]["type"] for body in office.heard if "event" in body] == hears
    finally:
        office.stop(janitor)
