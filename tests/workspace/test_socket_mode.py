"""Claims about Socket Mode, with real Bolt apps and bare sockets: delivery, acknowledgement, retries, refresh."""

import json
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bot.workspace.server import WorkspaceServer
from tests.patience import PATIENCE_SECONDS, eventually
from tests.workspace.place import GENERAL, OLIVIA, SEED, Json, Person, connected, new_app
from tests.workspace.wire import Heard, raw_socket, socket_url


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
        eventually(lambda: workspace.pending_events == 0)
    # On a busy machine the last acknowledgement may come too late as well.
    assert tries.retries[:3] == [("0", ""), ("1", "timeout"), ("2", "timeout")]
    assert len({body["event_id"] for body in tries.bodies}) == 1


def test_slack_gives_up_after_three_retries(workspace: WorkspaceServer, olivia: Person) -> None:
    """Four deliveries in all, then the event is lost."""
    olivia.do("faults", retry_delays=[0, 0, 0], ack_timeout=0.05)
    with raw_socket(workspace) as socket:
        olivia.say(GENERAL, "deaf")
        seen = [json.loads(socket.recv(PATIENCE_SECONDS))["retry_attempt"] for _ in range(4)]
        eventually(lambda: workspace.pending_events == 0)
    assert seen == [0, 1, 2, 3]


def test_a_lost_socket_brings_the_event_to_the_next_one(workspace: WorkspaceServer, olivia: Person) -> None:
    """Reason connection_failed; as when a bot is killed between delivery and acknowledgement."""
    olivia.do("faults", retry_delays=[0, 0, 0])
    with raw_socket(workspace) as socket:
        olivia.say(GENERAL, "catch")
        first = json.loads(socket.recv(PATIENCE_SECONDS))
    with raw_socket(workspace) as other:
        again = json.loads(other.recv(PATIENCE_SECONDS))
        other.send(json.dumps({"envelope_id": again["envelope_id"]}))
        eventually(lambda: workspace.pending_events == 0)
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
            eventually(lambda: second.pending_events == 0)
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
        eventually(lambda: sum(len(heard.bodies) for heard in ones) == 10 and workspace.pending_events == 0)
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
        eventually(lambda: {event["text"] for event in heard.events("message")} == {"before", "after"})


def test_a_connection_is_warned_and_then_refreshed_when_its_time_is_over(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """`warning` only announces: events still come; after `refresh_requested` they wait for the next connection."""
    olivia.do("faults", connection_seconds=4, ack_timeout=30)
    with raw_socket(workspace) as socket:
        assert json.loads(socket.recv(PATIENCE_SECONDS))["reason"] == "warning"
        olivia.say(GENERAL, "still here")
        frames = [json.loads(socket.recv(PATIENCE_SECONDS)) for _ in range(2)]
        assert frames[0]["payload"]["event"]["text"] == "still here"
        assert frames[1]["reason"] == "refresh_requested"
        # An acknowledgement counts on whichever connection it comes, also on one that is being replaced.
        socket.send(json.dumps({"envelope_id": frames[0]["envelope_id"]}))
        eventually(lambda: workspace.pending_events == 0)
        assert workspace.sockets == 0


def test_the_hello_says_how_long_the_connection_lives(workspace: WorkspaceServer, olivia: Person) -> None:
    """Some five hours, unless set otherwise."""
    for wanted in (18060, 60):
        assert olivia.do("faults", connection_seconds=wanted)["ok"]
        with connect(socket_url(workspace), proxy=None) as socket:
            assert json.loads(socket.recv(PATIENCE_SECONDS))["debug_info"]["approximate_connection_time"] == wanted


def test_a_ticket_opens_one_connection(workspace: WorkspaceServer) -> None:
    """The second use and a made-up ticket are refused before the handshake ends."""
    url = socket_url(workspace)
    with connect(url, proxy=None) as socket:
        hello = json.loads(socket.recv(PATIENCE_SECONDS))
        assert (hello["num_connections"], hello["connection_info"]) == (1, {"app_id": "A0CSIGN"})
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            pass


def test_the_eleventh_connection_is_sent_away(workspace: WorkspaceServer) -> None:
    """too_many_websockets, then closed."""
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(raw_socket(workspace))
        with connect(socket_url(workspace), proxy=None) as eleventh:
            assert json.loads(eleventh.recv(PATIENCE_SECONDS))["reason"] == "too_many_websockets"
            with pytest.raises(ConnectionClosed):
                eleventh.recv(PATIENCE_SECONDS)


def test_noise_on_the_socket_hurts_nobody(workspace: WorkspaceServer, olivia: Person) -> None:
    """Not JSON, not an object, an unknown envelope: ignored; the next event still comes."""
    with raw_socket(workspace) as socket:
        for noise in ("{", "[]", '{"envelope_id": "unknown"}', '{"envelope_id": ["x"], "payload": 1}'):
            socket.send(noise)
        olivia.say(GENERAL, "still there?")
        assert json.loads(socket.recv(PATIENCE_SECONDS))["payload"]["event"]["text"] == "still there?"


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
