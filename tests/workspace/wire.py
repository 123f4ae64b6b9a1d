"""What is on the wire of Socket Mode: a bare connection, and what a Bolt app was told over one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from websockets.sync.client import ClientConnection, connect

from bot.workspace.server import WorkspaceServer
from tests.patience import PATIENCE_SECONDS
from tests.workspace.place import Json


def socket_url(workspace: WorkspaceServer) -> str:
    """An address for one connection."""
    client = WebClient(workspace.app_token, base_url=workspace.api_url)
    return str(client.apps_connections_open(app_token=workspace.app_token)["url"])


@contextmanager
def raw_socket(workspace: WorkspaceServer) -> Iterator[ClientConnection]:
    """A bare connection, past its hello."""
    with connect(socket_url(workspace), proxy=None) as socket:
        assert json.loads(socket.recv(PATIENCE_SECONDS))["type"] == "hello"
        yield socket


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
