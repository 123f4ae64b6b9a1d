"""Claims about the client's side: boot, live events, who may connect at all, the side panel, and a restart."""

import json
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from slack_sdk import WebClient

from bot.workspace import snapshot
from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.patience import eventually
from tests.workspace.place import ADA, BOT, GENERAL, OLIVIA, SAM, SEED, SHARED, Json, Person, bot_client


def test_boot_tells_the_page_all_it_needs(workspace: WorkspaceServer) -> None:
    """Teams, people with tokens (the bot has none), channels with their members."""
    boot = HTTP.get(workspace.url + "/client/boot").json()
    people = {person["id"]: person for person in boot["users"]}
    assert people[ADA]["team_name"] == "Acme Freight"
    assert people[OLIVIA]["token"] == workspace.user_token(OLIVIA)
    assert people[BOT]["token"] is None
    assert {channel["id"]: channel["shared_with"] for channel in boot["channels"]}[SHARED] == ["TACME"]
    assert boot["app"]["commands"][0]["command"] == "/cert"
    assert boot["panel"] is False


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1"}, 200),
    ],
)
def test_web_sites_cannot_reach_in(workspace: WorkspaceServer, headers: dict[str, str], status: int) -> None:
    """Foreign Host (DNS rebinding) and foreign Origin are refused before anything is read."""
    answer = HTTP.get(workspace.url + "/client/boot", headers=headers)
    assert answer.status_code == status
    assert ("xoxp-" in answer.text) == (status == 200)


def test_every_answer_carries_the_strict_policy(workspace: WorkspaceServer) -> None:
    """No inline script, nothing from outside, no framing."""
    for path in ("/", "/client/boot", "/nowhere"):
        headers = HTTP.get(workspace.url + path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


def test_the_clients_side_is_for_people_only(workspace: WorkspaceServer, bot: WebClient) -> None:
    """No token, the bot's token, a made-up one."""
    for token, word in (("", "not_authed"), (workspace.bot_token, "not_allowed_token_type"), ("x", "invalid_auth")):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = HTTP.get(workspace.url + "/client/views", headers=headers).json()
        assert answer == {"ok": False, "error": word}
    assert bot.auth_test()["ok"]


def test_a_waiting_client_hears_at_once_and_only_what_it_may(
    workspace: WorkspaceServer, olivia: Person, sam: Person, ada: Person
) -> None:
    """A long poll ends with the first event; others' ephemerals and channels stay unheard."""
    start = olivia.get("events")["last"]
    heard: list[Json] = []
    waiting = threading.Thread(target=lambda: heard.append(ada.get("events", after=start, wait=5)))
    waiting.start()
    sam.say(GENERAL, "not for Ada")
    bot_client(workspace).chat_postEphemeral(channel=SHARED, user=OLIVIA, text="nor this")
    olivia.say(SHARED, "for Ada")
    waiting.join()
    assert [event["message"]["text"] for event in heard[0]["events"]] == ["for Ada"]
    mine = [(event["type"], event["message"]["text"]) for event in olivia.get("events", after=start)["events"]]
    assert mine == [("message", "not for Ada"), ("ephemeral", "nor this"), ("message", "for Ada")]


def test_the_event_stream_goes_on_where_it_was_left(workspace: WorkspaceServer, olivia: Person) -> None:
    """Server-Sent Events with ids; Last-Event-ID brings what was missed."""
    position = olivia.get("events")["last"]
    olivia.say(GENERAL, "missed")
    query = {"token": workspace.user_token(OLIVIA)}
    headers = {"Last-Event-ID": str(position)}
    with httpx.stream(
        "GET", workspace.url + "/client/stream", params=query, headers=headers, trust_env=False
    ) as stream:
        data = next(line for line in stream.iter_lines() if line.startswith("data: "))
    event = json.loads(data.removeprefix("data: "))
    assert (event["n"], event["message"]["text"]) == (position + 1, "missed")
    assert HTTP.get(workspace.url + "/client/stream").status_code == 401


def test_a_client_that_is_too_far_behind_is_told_to_reload(olivia: Person) -> None:
    """So is one from the future."""
    assert olivia.get("events", after=10**9)["events"][0]["type"] == "reload"
    assert olivia.get("events", after="x")["error"] == "invalid_arguments"


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """Messages, files, tokens, home; a client that asks for older events reloads; the file is private."""
    state = tmp_path / "workspace.json"
    first = WorkspaceServer(SEED, state)
    first.start()
    olivia = Person(first, OLIVIA)
    olivia.say(GENERAL, "kept")
    file_id = olivia.upload(b"\x30\x82\xff", "a.der", channel_id=GENERAL)
    bot_client(first).views_publish(user_id=OLIVIA, view={"type": "home", "blocks": [{"type": "divider"}]})
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    tokens = (first.bot_token, first.app_token, first.user_token(SAM), first.signing_secret)
    first.stop()
    second = WorkspaceServer({**SEED, "channels": [{**SEED["channels"][0], "topic": "new"}]}, state)
    second.start()
    try:
        assert tokens == (second.bot_token, second.app_token, second.user_token(SAM), second.signing_secret)
        again = Person(second, OLIVIA)
        assert [message["text"] for message in again.sees(GENERAL)] == ["kept", ""]
        file = bot_client(second).files_info(file=file_id)["file"]
        assert again.http.get(file["url_private"]).content == b"\x30\x82\xff"
        assert again.do("home")["view"]["blocks"][0]["type"] == "divider"
        assert again.get("events", after=1)["events"][0]["type"] == "reload"
        assert bot_client(second).conversations_info(channel=SHARED)["channel"]["topic"]["value"] == "new"
    finally:
        second.stop()


def test_what_was_answered_is_already_on_disk(tmp_path: Path) -> None:
    """So that a kill loses nothing that somebody was told."""
    state = tmp_path / "workspace.json"
    server = WorkspaceServer(SEED, state)
    server.start()
    try:
        for n in range(5):
            Person(server, OLIVIA).say(GENERAL, f"line {n}")
            saved = snapshot.load(state)
            assert saved is not None
            assert saved["messages"][GENERAL][-1]["text"] == f"line {n}"
    finally:
        server.stop()


class _Panel(BaseHTTPRequestHandler):
    """A provider of the side panel."""

    switched: list[Json] = []  # noqa: RUF012 - reset by the fixture

    def do_GET(self) -> None:
        """The panel, or one of its files."""
        self._answer(b"PEM" if self.path.startswith("/panel/files/") else b'{"title": "Demo", "sections": []}')

    def do_POST(self) -> None:
        """A switch."""
        self.switched.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self._answer(b'{"done": true}')

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def panel() -> Iterator[str]:
    """Address of a panel's provider."""
    _Panel.switched = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Panel)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/panel"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_panel_is_passed_through_and_only_its_own_files(panel: str) -> None:
    """Show, switch, file; no address outside, no way up."""
    server = WorkspaceServer(SEED, panel_url=panel)
    server.start()
    try:
        olivia = Person(server, OLIVIA)
        assert olivia.get("panel")["title"] == "Demo"
        assert olivia.do("panel/switch", id="acme", value="new")["done"]
        assert _Panel.switched == [{"id": "acme", "value": "new"}]
        assert olivia.http.get("/client/panel/file", params={"url": panel + "/files/a.pem"}).content == b"PEM"
        outside = ["/secret", "/panelx/files/a", "/panel/../secret", "/panel/%2e%2e/secret"]
        for url in (
            *(panel.removesuffix("/panel") + path for path in outside),
            server.url + "/client/boot",
            "file:///x",
        ):
            assert olivia.http.get("/client/panel/file", params={"url": url}).status_code == 400, url
    finally:
        server.stop()


def test_without_a_panel_there_is_none(olivia: Person) -> None:
    """And an unreachable one says so."""
    assert olivia.get("panel")["error"] == "no_panel"
    server = WorkspaceServer(SEED, panel_url="http://127.0.0.1:1/")
    server.start()
    try:
        assert Person(server, OLIVIA).get("panel")["error"] == "panel_unavailable"
    finally:
        server.stop()


def test_a_page_that_listens_does_not_hold_up_the_stop() -> None:
    """Streams end when the workspace does."""
    server = WorkspaceServer(SEED)
    server.start()
    ended = threading.Event()

    def listen() -> None:
        query = {"token": server.user_token(OLIVIA)}
        with httpx.stream("GET", server.url + "/client/stream", params=query) as stream:
            started.set()
            for _ in stream.iter_lines():
                pass
        ended.set()

    started = threading.Event()
    thread = threading.Thread(target=listen)
    thread.start()
    eventually(started.is_set)
    server.stop()
    thread.join()
    assert ended.is_set()
