"""A small workspace with a small app, for the tests of the browser page: real server, real slack-bolt, real sockets."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from playwright.sync_api import Page
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.patience import eventually

OLIVIA, NOAH, PAT, BOT = "UOLIVIA", "UNOAH", "UPAT", "UBOTCS"
INTERNAL = "C0INTERNAL"
ROOMS = 30  # channels in all; each test takes a fresh one, so that tests sharing a workspace do not meet
Json = dict[str, Any]
Value = TypeVar("Value")


def _person(user_id: str, real_name: str, title: str, team_id: str, zone: str) -> Json:
    handle = real_name.partition(" ")[0].lower()
    return {"id": user_id, "name": handle, "real_name": real_name, "title": title, "team_id": team_id, "tz": zone}


def _shared(channel_id: str, name: str) -> Json:
    members = [OLIVIA, NOAH, PAT, BOT]
    return {"id": channel_id, "name": name, "topic": "Acme and us", "members": members, "shared_with": ["T0ACME"]}


SEED: Json = {
    "team": {"id": "T0HOME", "name": "Northwind Logistics", "domain": "northwind"},
    "partner_teams": [{"id": "T0ACME", "name": "Acme Industries", "domain": "acme"}],
    "app": {
        "id": "A0CSIGN",
        "name": "Countersign",
        "bot_user": BOT,
        "handle": "countersign",
        "commands": [{"command": "/cert", "hint": "help | list PARTNER", "description": "Partner certificates"}],
        "shortcuts": [{"type": "message", "name": "Import certificate", "callback_id": "import_certificate"}],
        "scopes": [
            "app_mentions:read",
            "channels:history",
            "channels:read",
            "chat:write",
            "commands",
            "files:read",
            "files:write",
            "users:read",
        ],
    },
    "users": [
        _person(OLIVIA, "Olivia Berg", "Operator", "T0HOME", "Europe/Berlin"),
        _person(NOAH, "Noah Brandt", "Approver", "T0HOME", "America/New_York"),
        _person(PAT, "Pat Kowalski", "EDI", "T0ACME", "Asia/Tokyo"),
        {**_person(BOT, "Countersign", "", "T0HOME", "UTC"), "is_bot": True},
    ],
    "channels": [
        {"id": INTERNAL, "name": "b2b-operations", "topic": "", "members": [OLIVIA, NOAH, BOT], "shared_with": []},
        *(_shared(f"C0ROOM{n:02}", f"acme-{n:02}") for n in range(ROOMS)),
    ],
}


class World:
    """The running workspace and the app's clients."""

    def __init__(self, server: WorkspaceServer, app: App, panel: "PanelProvider") -> None:
        self.server = server
        self.app = app
        self.panel = panel
        self.bot = WebClient(token=server.bot_token, base_url=server.api_url)
        self.heard: list[Json] = []
        self.submitted: list[Json] = []
        self._rooms = iter(range(ROOMS))

    def user(self, user_id: str) -> WebClient:
        """Slack's Web API as a person."""
        return WebClient(token=self.server.user_token(user_id), base_url=self.server.api_url)

    def client(self, user_id: str, name: str, body: Json) -> Json:
        """POST to the client API as a person."""
        headers = {"authorization": f"Bearer {self.server.user_token(user_id)}"}
        return dict(HTTP.post(f"{self.server.url}/client/{name}", json=body, headers=headers).json())

    def room(self) -> "Room":
        """A channel that no test has used."""
        return Room(self, next(self._rooms))

    def close_dialogs(self) -> None:
        """Leaves no modal open for the next test."""
        for user_id in (OLIVIA, NOAH, PAT):
            headers = {"authorization": f"Bearer {self.server.user_token(user_id)}"}
            for view in HTTP.get(f"{self.server.url}/client/views", headers=headers).json()["views"][:1]:
                self.client(user_id, "view/close", {"view_id": view["id"], "clear": True})


class Room:
    """One shared channel of the workspace."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.id = f"C0ROOM{number:02}"
        self.name = f"acme-{number:02}"
        self.box = f"Message #{self.name}"

    def heard(self, least: int = 1) -> list[Json]:
        """What the app heard of this channel, once it is that much."""
        return eventually(lambda: found if len(found := self._heard()) >= least else [])

    def _heard(self) -> list[Json]:
        return [one for one in self.world.heard if one.get("channel") == self.id]

    def say(self, text: str, **more: Any) -> str:
        """The app posts; returns the `ts`."""
        return str(self.world.bot.chat_postMessage(channel=self.id, text=text, **more)["ts"])

    def replies(self, ts: str) -> list[Json]:
        """The thread's messages, parent first."""
        return list(self.world.bot.conversations_replies(channel=self.id, ts=ts)["messages"])

    def open(self, page: Page, user: str = OLIVIA, thread: str | None = None) -> None:
        """Opens the page as a user at this channel or a thread of it, and waits until the messages are there."""
        place = f"{self.id}/{thread}" if thread else self.id
        page.goto("about:blank")  # else a mere change of the fragment would not load the page
        page.goto(f"{self.world.server.url}/?as={user}#{place}")
        page.locator("[data-loaded]").nth(1 if thread else 0).wait_for(state="attached")


class PanelProvider:
    """Serves a side panel: one sample file, one switch, and readings (with a notice) while a test has some."""

    sample = b"-----BEGIN CERTIFICATE-----\nMAo=\n-----END CERTIFICATE-----\n"

    def __init__(self) -> None:
        self.presented = "old"
        self.readings: list[Json] = []
        self.notice: Json | None = None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (
                    provider.sample if self.path == "/panel/files/acme.pem" else json.dumps(provider.content()).encode()
                )
                self.answer(body)

            def do_POST(self) -> None:
                provider.presented = json.loads(self.rfile.read(int(self.headers["content-length"])))["value"]
                self.answer(b'{"ok": true}')

            def answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/panel"
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()

    def content(self) -> Json:
        """The panel as it reads now."""
        options = [{"value": "old", "label": "Old"}, {"value": "new", "label": "New"}]
        switch = {
            "id": "acme",
            "label": "Acme presents",
            "note": "At its endpoint",
            "value": self.presented,
            "options": options,
        }
        file = {
            "name": "acme.pem",
            "label": "New certificate",
            "note": "From Acme's CA",
            "url": f"{self.url}/files/acme.pem",
        }
        section: Json = {"title": "Acme Industries", "text": "A partner", "files": [file], "switches": [switch]}
        panel: Json = {"title": "Demo world", "text": "Partners on this machine", "sections": [section]}
        if not self.readings:
            return panel
        section["readings"] = {"title": "Requests", "note": "Since then", "rows": self.readings}
        return {**panel, "refresh_seconds": 0.2, **({"notice": self.notice} if self.notice else {})}

    def stop(self) -> None:
        """Ends the server."""
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def running_world(configure: Callable[[World], None]) -> Iterator[World]:
    """A started workspace with a connected app; `configure` registers the app's listeners."""
    panel = PanelProvider()
    server = WorkspaceServer(SEED, None, panel_url=panel.url)
    server.start()
    try:
        app = App(token=server.bot_token, client=WebClient(token=server.bot_token, base_url=server.api_url))
        world = World(server, app, panel)
        configure(world)
        handler = SocketModeHandler(
            app, server.app_token, web_client=WebClient(token=server.app_token, base_url=server.api_url)
        )
        handler.connect()  # type: ignore[no-untyped-call]
        eventually(lambda: server.sockets)
        try:
            yield world
        finally:
            handler.close()  # type: ignore[no-untyped-call]
    finally:
        server.stop()
        panel.stop()
