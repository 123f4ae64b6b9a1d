"""A bare Socket Mode connection, for tests that look at the frames themselves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from slack_sdk import WebClient
from websockets.sync.client import ClientConnection, connect

from bot.workspace.server import WorkspaceServer


def socket_url(workspace: WorkspaceServer) -> str:
    """An address for one connection."""
    client = WebClient(workspace.app_token, base_url=workspace.api_url)
    return str(client.apps_connections_open(app_token=workspace.app_token)["url"])


@contextmanager
def raw_socket(workspace: WorkspaceServer) -> Iterator[ClientConnection]:
    """A bare connection, past its hello."""
    with connect(socket_url(workspace), proxy=None) as socket:
        assert json.loads(socket.recv(5))["type"] == "hello"
        yield socket
