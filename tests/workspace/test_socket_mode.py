"""Claims about Socket Mode, with a real Bolt app on a real socket: delivery, acknowledgement, retries."""

import json
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.workspace.server import WorkspaceServer
from tests.workspace.place import (
    BOT,
    GENERAL,
    OLIVIA,
    QUIET,
    SAM,
    SEED,
    SHARED,
    Json,
    Person,
    bot_client,
    connected,
    eventually,
    new_app,
)
from tests.workspace.wire import raw_socket, socket_url


class Heard:
    """What an app was told."""

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        self.retries: list[tuple[str, str]] = []

    def on(self, app: App, name: str) -> None:
        """Has the app note events of this name."""

        @app.event(name)
        def note(body: Json, request: Any) -> None:
            number, reason = (request.headers.get(f"x-slack-retry-{part}", [""])[0] for part in ("num", "reason"))
            self.retries.append((number, reason))
            self.bodies.append(body)

    def events(self, kind: str) -> list[Json]:
        """The events of one type so far."""
        return [body["event"] for body in self.bodies if body["event"]["type"] == kind]


def pending(workspace: WorkspaceServer) -> int:
    """Events that are not acknowledged yet."""
    return len(workspace._world.pending)


def test_a_message_arrives_as_event_callback_with_its_authorization(workspace: WorkspaceServer, ada: Person) -> None:
    """The envelope names app, team, bot and the shared channel; the event names its author's team."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    with connected(workspace, app):
        ts = ada.say(SHARED, "hello")
        body = eventually(lambda: heard.bodies)[0]
    assert (body["type"], body["api_app_id"], body["is_ext_shared_channel"]) == ("event_callback", "A0CSIGN", True)
    assert body["event_id"].startswith("Ev")
    granted = body["authorizations"][0]
    assert (granted["user_id"], granted["team_id"], granted["is_bot"]) == (BOT, "THOME", True)
    event = body["event"]
    assert (event["ts"], event["user"], event["team"], event["channel_type"]) == (ts, ada.id, "TACME", "channel")
    assert heard.retries == [("0", "")]


def test_a_file_arrives_as_file_share_in_its_thread(workspace: WorkspaceServer, olivia: Person) -> None:
    """With files and thread_ts, without a team; no file_shared beside it."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    heard.on(app, "file_shared")
    with connected(workspace, app):
        parent = olivia.say(GENERAL, "thread")
        olivia.upload(b"x", channel_id=GENERAL, thread_ts=parent)
        olivia.say(GENERAL, "end")
        eventually(lambda: len(heard.bodies) == 3)
    assert heard.events("file_shared") == []
    event = next(event for event in heard.events("message") if event.get("subtype"))
    assert (event["subtype"], event["thread_ts"], event["files"][0]["name"]) == ("file_share", parent, "partner.pem")
    assert "team" not in event


def test_a_connect_file_may_be_a_mere_reference(workspace: WorkspaceServer, ada: Person, bot: WebClient) -> None:
    """check_file_info: the bot must ask files.info."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    assert ada.do("faults", check_file_info=True)["ok"]
    with connected(workspace, app):
        file_id = ada.upload(b"x", channel_id=SHARED)
        event = eventually(lambda: heard.events("message"))[0]
    assert event["files"] == [
        {"id": file_id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
    ]
    assert bot.files_info(file=file_id)["file"]["name"] == "partner.pem"


def test_a_mention_arrives_twice_and_only_where_the_bot_is(workspace: WorkspaceServer, olivia: Person) -> None:
    """As message and as app_mention; nothing from a channel without the bot, none from inside code."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    heard.on(app, "app_mention")
    with connected(workspace, app):
        olivia.say(QUIET, "@countersign unheard")
        olivia.say(GENERAL, "`@countersign` as code")
        ts = olivia.say(GENERAL, "@countersign help")
        eventually(lambda: len(heard.bodies) == 3)
    assert [event["ts"] for event in heard.events("app_mention")] == [ts]
    assert len({body["event_id"] for body in heard.bodies}) == 3


def test_the_app_hears_changes_and_deletions_but_bolt_drops_its_own_posts(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """message_changed carries before and after; message_deleted what was lost."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    with connected(workspace, app):
        bot_client(workspace).chat_postMessage(channel=GENERAL, text="own")
        ts = olivia.say(GENERAL, "one")
        olivia.web.chat_update(channel=GENERAL, ts=ts, text="two")
        olivia.web.chat_delete(channel=GENERAL, ts=ts)
        eventually(lambda: len(heard.bodies) == 3)
        eventually(lambda: pending(workspace) == 0)
    by_kind = {event.get("subtype"): event for event in heard.events("message")}
    assert set(by_kind) == {None, "message_changed", "message_deleted"}
    changed = by_kind["message_changed"]
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("one", "two")
    assert by_kind["message_deleted"]["deleted_ts"] == ts


def test_joining_and_opening_home_are_told(workspace: WorkspaceServer, sam: Person, olivia: Person) -> None:
    """member_joined_channel with the inviter, app_home_opened with the tab; a published home comes back."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "member_joined_channel")

    @app.event("app_home_opened")
    def publish(body: Json, client: WebClient) -> None:
        heard.bodies.append(body)
        blocks = [{"type": "divider", "block_id": "d"}]
        client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": blocks})

    with connected(workspace, app):
        olivia.web.conversations_invite(channel=SHARED, users=SAM)
        assert sam.do("home")["view"] is None
        eventually(lambda: len(heard.bodies) == 2)
        home = eventually(lambda: sam.do("home")["view"])
    joined = heard.events("member_joined_channel")[0]
    assert (joined["user"], joined["channel"], joined["inviter"]) == (SAM, SHARED, OLIVIA)
    assert heard.events("app_home_opened")[0]["tab"] == "home"
    assert home["blocks"] == [{"type": "divider", "block_id": "d"}]


def test_an_event_without_acknowledgement_comes_again_with_its_number(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """A listener that raises under process_before_response answers 500: Slack delivers the same event id again."""
    app, tries = new_app(workspace), Heard()

    @app.event("message")
    def stumble(body: Json, request: Any) -> None:
        number, reason = (request.headers.get(f"x-slack-retry-{part}", [""])[0] for part in ("num", "reason"))
        tries.retries.append((number, reason))
        tries.bodies.append(body)
        if len(tries.bodies) < 3:
            raise RuntimeError("not yet")

    olivia.do("faults", retry_delays=[0.01, 0.01, 0.01], ack_timeout=0.3)
    with connected(workspace, app):
        olivia.say(GENERAL, "again")
        eventually(lambda: pending(workspace) == 0)
    assert tries.retries == [("0", ""), ("1", "timeout"), ("2", "timeout")]
    assert len({body["event_id"] for body in tries.bodies}) == 1


def test_slack_gives_up_after_three_retries(workspace: WorkspaceServer, olivia: Person) -> None:
    """Four deliveries in all, then the event is lost."""
    olivia.do("faults", retry_delays=[0, 0, 0], ack_timeout=0.05)
    with raw_socket(workspace) as socket:
        olivia.say(GENERAL, "deaf")
        seen = [json.loads(socket.recv(5))["retry_attempt"] for _ in range(4)]
        eventually(lambda: pending(workspace) == 0)
    assert seen == [0, 1, 2, 3]


def test_a_lost_socket_brings_the_event_to_the_next_one(workspace: WorkspaceServer, olivia: Person) -> None:
    """Reason connection_failed; as when a bot is killed between delivery and acknowledgement."""
    olivia.do("faults", retry_delays=[0, 0, 0])
    with raw_socket(workspace) as socket:
        olivia.say(GENERAL, "catch")
        first = json.loads(socket.recv(5))
    with raw_socket(workspace) as other:
        again = json.loads(other.recv(5))
        other.send(json.dumps({"envelope_id": again["envelope_id"]}))
        eventually(lambda: pending(workspace) == 0)
    assert again["payload"] == first["payload"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "connection_failed")


def test_events_wait_for_the_app_even_over_a_restart_of_the_workspace(tmp_path: Path) -> None:
    """Said while no bot was there, delivered when it comes."""
    state = tmp_path / "workspace.json"
    first = WorkspaceServer(SEED, state)
    first.start()
    Person(first, OLIVIA).say(GENERAL, "anybody?")
    first.stop()
    second = WorkspaceServer(SEED, state)
    second.start()
    try:
        heard, app = Heard(), new_app(second)
        heard.on(app, "message")
        with connected(second, app):
            assert eventually(lambda: heard.events("message"))[0]["text"] == "anybody?"
            eventually(lambda: pending(second) == 0)
    finally:
        second.stop()


def test_of_two_apps_each_event_reaches_one(workspace: WorkspaceServer, olivia: Person) -> None:
    """Ten messages, two connections: ten deliveries, both take part."""
    ones = [Heard(), Heard()]
    with ExitStack() as stack:
        for heard in ones:
            app = new_app(workspace)
            heard.on(app, "message")
            stack.enter_context(connected(workspace, app))
        for n in range(10):
            olivia.say(GENERAL, str(n))
        eventually(lambda: sum(len(heard.bodies) for heard in ones) == 10 and pending(workspace) == 0)
    assert all(heard.bodies for heard in ones)


def test_duplicates_on_demand_carry_the_same_event_id(workspace: WorkspaceServer, olivia: Person) -> None:
    """The bot must know it by that."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    olivia.do("faults", deliver_times=3)
    with connected(workspace, app):
        olivia.say(GENERAL, "thrice")
        eventually(lambda: len(heard.bodies) == 3)
    assert len({body["event_id"] for body in heard.bodies}) == 1


@pytest.mark.parametrize("reason", ["refresh_requested", "drop"])
def test_after_a_disconnect_the_sdk_comes_back_and_nothing_is_lost(
    workspace: WorkspaceServer, olivia: Person, reason: str
) -> None:
    """An orderly refresh, and a cut without a word."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    olivia.do("faults", retry_delays=[0, 0.1, 0.1])
    with connected(workspace, app):
        olivia.say(GENERAL, "before")
        eventually(lambda: len(heard.bodies) == 1)
        workspace.refresh_sockets(reason)
        eventually(lambda: workspace.sockets == 0 or reason == "refresh_requested")
        olivia.say(GENERAL, "after")
        eventually(lambda: {event["text"] for event in heard.events("message")} == {"before", "after"}, 20)


def test_a_ticket_opens_one_connection(workspace: WorkspaceServer) -> None:
    """The second use and a made-up ticket are refused before the handshake ends."""
    url = socket_url(workspace)
    with connect(url, proxy=None) as socket:
        hello = json.loads(socket.recv(5))
        assert (hello["num_connections"], hello["connection_info"]) == (1, {"app_id": "A0CSIGN"})
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            pass


def test_the_eleventh_connection_is_sent_away(workspace: WorkspaceServer) -> None:
    """too_many_websockets, then closed."""
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(raw_socket(workspace))
        with connect(socket_url(workspace), proxy=None) as eleventh:
            assert json.loads(eleventh.recv(5))["reason"] == "too_many_websockets"
            with pytest.raises(ConnectionClosed):
                eleventh.recv(5)


def test_noise_on_the_socket_hurts_nobody(workspace: WorkspaceServer, olivia: Person) -> None:
    """Not JSON, not an object, an unknown envelope: ignored; the next event still comes."""
    with raw_socket(workspace) as socket:
        for noise in ("{", "[]", '{"envelope_id": "unknown"}', '{"envelope_id": ["x"], "payload": 1}'):
            socket.send(noise)
        olivia.say(GENERAL, "still there?")
        assert json.loads(socket.recv(5))["payload"]["event"]["text"] == "still there?"


def test_two_senders_at_once_keep_all_their_messages(olivia: Person, sam: Person) -> None:
    """Every ts is its own."""
    threads = [
        threading.Thread(target=lambda who=who: [who.say(GENERAL, str(n)) for n in range(20)]) for who in (olivia, sam)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({message["ts"] for message in olivia.sees(GENERAL)}) == 40
