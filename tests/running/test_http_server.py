"""Claims about the bot's HTTP side: who gets in, what the health endpoints say, and that a stop loses no answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.http_server import EVENTS_PATH, MAX_BODY, HttpServer, Report
from bot.obstacles import CannotStart
from bot.workspace.http_delivery import signature
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS

SECRET = "0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
WELL: dict[str, str | int] = {"store": "ok", "jobs": "ok", "slack": "ok", "seconds_since_slack": 7}


@contextmanager
def running(app: App | None = None, report: Callable[[], Report] = lambda: WELL) -> Iterator[HttpServer]:
    """A server on a free port until the block ends."""
    server = HttpServer("127.0.0.1", 0, report, app)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def bolt(answer: Callable[[], str]) -> App:
    """An app with one command."""
    app = App(
        client=WebClient("xoxb-x"),
        signing_secret=SECRET,
        process_before_response=True,
        token_verification_enabled=False,
        authorize=_known,
    )

    @app.command("/cert")
    def command(ack: Callable[..., None]) -> None:
        ack(answer())

    return app


def _known(**_: Any) -> Any:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="UB", bot_id="B1", bot_token="xoxb-x")


def command_body() -> bytes:
    """A slash command as Slack sends it."""
    fields = {"command": "/cert", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1"}
    return urlencode(fields).encode()


def post(server: HttpServer, body: bytes, secret: str = SECRET, at: float | None = None) -> httpx.Response:
    """Posts to the request URL, signed."""
    timestamp = str(int(time.time() if at is None else at))
    headers = {"Content-Type": FORM, "X-Slack-Request-Timestamp": timestamp}
    headers["X-Slack-Signature"] = signature(secret, timestamp, body)
    return HTTP.post(server.url + EVENTS_PATH, content=body, headers=headers)


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    """A server with an app that answers at once."""
    with running(bolt(lambda: "hello")) as one:
        yield one


def test_a_signed_command_is_answered(server: HttpServer) -> None:
    """By the same listeners as over Socket Mode."""
    answer = post(server, command_body())
    assert (answer.status_code, answer.text) == (200, "hello")


def test_who_cannot_sign_or_comes_late_is_refused(server: HttpServer) -> None:
    """Another secret, no signature, five minutes and a bit ago, or as far ahead."""
    assert post(server, command_body(), secret="another").status_code == 401
    assert post(server, command_body(), at=time.time() - 301).status_code == 401
    assert post(server, command_body(), at=time.time() + 360).status_code == 401  # it may take a while to arrive
    bare = HTTP.post(server.url + EVENTS_PATH, content=command_body(), headers={"Content-Type": FORM})
    assert bare.status_code == 401


def test_what_slack_never_sends_is_refused_before_it_is_read_whole(server: HttpServer) -> None:
    """Too large, not text, another method, another path."""
    assert post(server, b"x" * (MAX_BODY + 1)).status_code == 413
    assert post(server, b"\xff\xfe\x00").status_code == 400
    assert HTTP.get(server.url + EVENTS_PATH).status_code == 405
    assert HTTP.get(server.url + "/admin").status_code == 404


def test_one_slow_listener_does_not_hold_up_the_next() -> None:
    """Two commands, the first of which waits for the second."""
    first, second = threading.Event(), threading.Event()

    def answer() -> str:
        if not first.is_set():
            first.set()
            assert second.wait(PATIENCE_SECONDS)
            return "one"
        second.set()
        return "two"

    with running(bolt(answer)) as server:
        texts: list[str] = []
        slow = threading.Thread(target=lambda: texts.append(post(server, command_body()).text))
        slow.start()
        assert first.wait(PATIENCE_SECONDS)
        assert post(server, command_body()).text == "two"
        slow.join()
    assert texts == ["one"]


def test_a_stop_still_answers_what_is_being_handled() -> None:
    """The listener is under way when the server is told to stop; its acknowledgement arrives, later ones do not."""
    begun, go_on = threading.Event(), threading.Event()

    def answer() -> str:
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return "just in time"

    with running(bolt(answer)) as server:
        texts: list[str] = []
        client = threading.Thread(target=lambda: texts.append(post(server, command_body()).text))
        client.start()
        assert begun.wait(PATIENCE_SECONDS)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while _accepts(server) and time.monotonic() < deadline:
            time.sleep(0.01)
        go_on.set()
        client.join()
        stopping.join()
        assert not _accepts(server)
    assert texts == ["just in time"]


def _accepts(server: HttpServer) -> bool:
    try:
        return HTTP.get(server.url + "/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_alive_and_ready_are_two_questions() -> None:
    """Alive while the process answers; ready with every part, and what is not is named."""
    state = dict(WELL)
    with running(report=lambda: dict(state)) as server:
        assert HTTP.get(server.url + "/readyz").json() == {"ready": True, **WELL}
        state["slack"] = "not connected"
        answer = HTTP.get(server.url + "/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, **WELL, "slack": "not connected"})
        assert HTTP.get(server.url + "/healthz").status_code == 200
        assert HTTP.post(server.url + EVENTS_PATH).status_code == 404, "not without an app"


def test_a_part_that_hangs_makes_the_answer_no_later_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer: 503, not silence."""
    monkeypatch.setattr("bot.http_server.READY_SECONDS", 0.1)
    over = threading.Event()

    def hang() -> Report:
        over.wait(PATIENCE_SECONDS)
        return WELL

    with running(report=hang) as server:
        answer = HTTP.get(server.url + "/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        over.set()


def test_a_taken_port_is_said_to_be_so() -> None:
    """By the names of its settings."""
    with running() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(CannotStart, match="HTTP_PORT"):
            HttpServer("127.0.0.1", port, lambda: WELL).start()
