"""A small workspace for tests, a person in it, and Bolt apps that connect to it over real sockets."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin.connection import Connection

from bot.workspace.server import WorkspaceServer
from tests.loopback import NO_TLS
from tests.patience import PATIENCE_SECONDS, eventually

Json = dict[str, Any]
T = TypeVar("T")

HOME, ACME = "THOME", "TACME"
BOT = "UBOTCS"
OLIVIA, SAM, ADA = "UOLIVIA", "USAM", "UADA"
SHARED, GENERAL, SECRET, QUIET = "CACME", "CGENERAL", "GSECRET", "CQUIET"

SEED: Json = {
    "team": {"id": HOME, "name": "Home Trading", "domain": "home"},
    "partner_teams": [{"id": ACME, "name": "Acme Freight", "domain": "acme"}],
    "app": {
        "id": "A0CSIGN",
        "name": "Countersign",
        "bot_user": BOT,
        "handle": "countersign",
        "commands": [{"command": "/cert", "hint": "help", "description": "Certificates"}],
        "shortcuts": [{"type": "message", "name": "Import certificate", "callback_id": "import_certificate"}],
    },
    "usergroups": [{"id": "SADMINS", "name": "trust-admins", "users": [OLIVIA]}],
    "users": [
        {"id": OLIVIA, "name": "olivia", "real_name": "Olivia Berg", "team_id": HOME, "tz": "Europe/Berlin"},
        {"id": SAM, "name": "sam", "real_name": "Sam Ode", "team_id": HOME, "tz": "Europe/Berlin"},
        {"id": ADA, "name": "ada", "real_name": "Ada Lund", "team_id": ACME, "tz": "Europe/Oslo"},
    ],
    "channels": [
        {"id": SHARED, "name": "acme-b2b", "topic": "", "members": [OLIVIA, ADA, BOT], "shared_with": [ACME]},
        {"id": GENERAL, "name": "general", "topic": "", "members": [OLIVIA, SAM, BOT], "shared_with": []},
        {"id": SECRET, "name": "board", "topic": "", "members": [SAM], "shared_with": [], "is_private": True},
        {"id": QUIET, "name": "quiet", "topic": "", "members": [OLIVIA], "shared_with": []},
    ],
}


class Clock:
    """A clock that tests move by hand; it can be made to stand still in between."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._stopped_at: float | None = None

    def __call__(self) -> float:
        """Epoch seconds, moved."""
        return (time.time() if self._stopped_at is None else self._stopped_at) + self.ahead

    def stop(self) -> None:
        """From now on only `ahead` moves it."""
        self._stopped_at = time.time()


class Person:
    """Somebody in the workspace: the Web API with their token, and what Slack's client would do."""

    def __init__(self, workspace: WorkspaceServer, user_id: str) -> None:
        self.id = user_id
        self.web = WebClient(workspace.user_token(user_id), base_url=workspace.api_url)
        headers = {"Authorization": f"Bearer {workspace.user_token(user_id)}"}
        self.http = httpx.Client(
            base_url=workspace.url, headers=headers, trust_env=False, verify=NO_TLS, timeout=PATIENCE_SECONDS
        )

    def get(self, path: str, **query: Any) -> Json:
        """GET /client/PATH."""
        answer: Json = self.http.get(f"/client/{path}", params=query).json()
        return answer

    def do(self, path: str, **body: Any) -> Json:
        """POST /client/PATH."""
        answer: Json = self.http.post(f"/client/{path}", json=body).json()
        return answer

    def say(self, channel: str, text: str, **more: Any) -> str:
        """Posts and returns the ts."""
        return str(self.web.chat_postMessage(channel=channel, text=text, **more)["ts"])

    def upload(self, content: bytes, name: str = "partner.pem", **share: Any) -> str:
        """Uploads by the external flow and returns the file id; `channel_id` shares it."""
        place = self.web.files_getUploadURLExternal(filename=name, length=len(content))
        assert self.http.post(place["upload_url"], content=content).status_code == 200
        self.web.files_completeUploadExternal(files=[{"id": place["file_id"], "title": name}], **share)
        return str(place["file_id"])

    def sees(self, channel: str) -> list[Json]:
        """Messages in the channel as this person's client shows them."""
        messages: list[Json] = self.get("channel", channel=channel)["messages"]
        return messages


def bot_client(workspace: WorkspaceServer) -> WebClient:
    """The Web API with the bot's token."""
    return WebClient(workspace.bot_token, base_url=workspace.api_url)


def new_app(workspace: WorkspaceServer) -> App:
    """A Bolt app as the bot makes it: a listener is done before its acknowledgement leaves."""
    return App(client=bot_client(workspace), process_before_response=True)


@contextmanager
def connected(workspace: WorkspaceServer, app: App) -> Iterator[SocketModeHandler]:
    """The app on a Socket Mode connection, until the block ends."""
    before = workspace.sockets
    web_client = WebClient(workspace.app_token, base_url=workspace.api_url)
    handler = SocketModeHandler(app, workspace.app_token, web_client=web_client, ping_interval=0.2)
    hello = threading.Event()
    handler.client.on_message_listeners.append(lambda _: hello.set())
    handler.connect()  # type: ignore[no-untyped-call]
    session = handler.client.current_session
    assert isinstance(session, Connection)
    assert session.sock is not None
    # The SDK holds a lock while it reads, up to three seconds; without this each close would wait as long.
    session.sock.settimeout(0.05)
    try:
        eventually(lambda: workspace.sockets > before)
        # The SDK's reader takes back at its start that the session is to end: closed before that, it reads for ever.
        assert hello.wait(PATIENCE_SECONDS)
        yield handler
    finally:
        # It also waits up to a second for a next message; give it one.
        handler.client.message_processor.event.set()
        handler.client.enqueue_message("{}")
        handler.close()  # type: ignore[no-untyped-call]


def error_of(call: Callable[[], Any]) -> Json:
    """The body of the refusal that the call ends in."""
    try:
        call()
    except SlackApiError as refusal:
        body: Json = refusal.response.data
        return body
    raise AssertionError("not refused")


def section(text: str = "hello", **more: Any) -> Json:
    """A section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "approve", value: str = "r1", text: str = "Approve") -> Json:
    """A button element."""
    return {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": text}}


def actions(*elements: Json, block_id: str = "decide") -> Json:
    """An actions block."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a submit button."""
    word = {"type": "plain_text", "text": "Rename"}
    return {"type": "modal", "callback_id": "rename", "title": word, "submit": word, "blocks": list(blocks), **more}


def text_input(block_id: str = "name", **more: Any) -> Json:
    """An input block with a text field `value`."""
    element = {"type": "plain_text_input", "action_id": "value"}
    label = {"type": "plain_text", "text": "Name"}
    return {"type": "input", "block_id": block_id, "label": label, "element": element, **more}
