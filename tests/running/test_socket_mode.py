"""Claims about the bot's Socket Mode: it comes back, and a stop loses no acknowledgement."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from slack_bolt import App
from slack_sdk.socket_mode.builtin.connection import Connection

from bot import socket_mode
from bot.obstacles import CannotStart
from bot.slack_client import open_client
from bot.socket_mode import SocketMode
from bot.workspace.server import WorkspaceServer
from tests.patience import PATIENCE_SECONDS, eventually
from tests.workspace.place import GENERAL, Json, Person


@pytest.fixture(autouse=True)
def _calm(workspace: WorkspaceServer) -> Iterator[None]:
    """Afterwards, with the fault switches off again, nothing is left for the next test to hear."""
    yield
    eventually(lambda: workspace.pending_events == 0 and workspace.sockets == 0)


@contextmanager
def connected(workspace: WorkspaceServer, heard: Callable[[Json], None]) -> Iterator[SocketMode]:
    """An app with one listener for messages, connected as the bot is."""
    app = App(client=open_client(workspace.bot_token, workspace.api_url), process_before_response=True)
    app.event("message")(heard)
    link = SocketMode(app, workspace.app_token, workspace.api_url)
    link.start()
    try:
        eventually(lambda: workspace.sockets == 1)
        session = link._client.current_session
        assert isinstance(session, Connection)
        assert session.sock is not None
        # The SDK holds a lock while it reads, up to three seconds; without this each close would wait as long.
        session.sock.settimeout(0.05)
        yield link
    finally:
        link.stop()


def listener(texts: list[str]) -> Callable[[Json], None]:
    """Notes what is said."""

    def note(event: Json) -> None:
        texts.append(event["text"])

    return note


def test_a_connected_link_is_no_trouble_and_knows_when_it_last_heard(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """Ready with a connection; a stopped one is not."""
    texts: list[str] = []
    with connected(workspace, listener(texts)) as link:
        assert link.trouble() is None
        olivia.say(GENERAL, "hello")
        eventually(lambda: texts == ["hello"])
        assert link.silent_seconds < 60
    assert link.trouble() is not None


def test_it_comes_back_when_the_way_back_is_barred_for_a_while(
    workspace: WorkspaceServer, olivia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut, and apps.connections.open answers 503 and 429: not ready meanwhile, then as before."""
    monkeypatch.setattr(socket_mode, "PING_SECONDS", 0.2)
    texts: list[str] = []
    with connected(workspace, listener(texts)) as link:
        olivia.do("faults", unavailable_share=0.5, ratelimited_share=0.4, disconnect="drop")
        eventually(lambda: link.trouble() == "not connected")
        olivia.do("faults", unavailable_share=0, ratelimited_share=0)
        olivia.say(GENERAL, "still there?")
        eventually(lambda: texts == ["still there?"])
        assert link.trouble() is None


def test_a_silent_connection_is_replaced(
    workspace: WorkspaceServer, olivia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connected, yet nothing was heard for too long: a fresh connection, on which events arrive."""
    monkeypatch.setattr(socket_mode, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(socket_mode, "SILENT_SECONDS", 1.0)
    texts: list[str] = []
    with connected(workspace, listener(texts)) as link:
        first = link._client.session_id()
        eventually(lambda: link._client.session_id() != first)
        olivia.say(GENERAL, "fresh")
        eventually(lambda: "fresh" in texts)


def test_a_stop_still_acknowledges_what_is_being_handled(workspace: WorkspaceServer, olivia: Person) -> None:
    """The listener is under way when the bot is told to stop: Slack is answered and sends nothing again."""
    begun, go_on = threading.Event(), threading.Event()
    times: list[Json] = []

    def slowly(event: Json) -> None:
        times.append(event)
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)

    with connected(workspace, slowly) as link:
        olivia.say(GENERAL, "last words")
        assert begun.wait(PATIENCE_SECONDS)
        stopping = threading.Thread(target=link.stop)
        stopping.start()
        eventually(lambda: link.trouble() == "stopping")
        go_on.set()
        stopping.join()
        eventually(lambda: workspace.pending_events == 0)
    assert len(times) == 1


def test_a_slack_that_is_none_stops_the_start_with_a_sentence(workspace: WorkspaceServer, olivia: Person) -> None:
    """A proxy's 503 instead of Slack's form, again and again."""
    olivia.do("faults", unavailable_share=1)
    app = App(client=open_client(workspace.bot_token, workspace.api_url), token_verification_enabled=False)
    link = SocketMode(app, workspace.app_token, workspace.api_url)
    with pytest.raises(CannotStart, match="HTTP 503"):
        link.start()
    link.stop()
