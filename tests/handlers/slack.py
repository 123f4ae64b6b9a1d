"""A real local Slack and a real store, for the parts of the bot that talk to Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.services.outbox import Outbox
from bot.slack_client import open_client
from bot.workspace.server import WorkspaceServer
from storage.store import Store
from tests.databases import url_in

HOME, ACME, BOT = "T0HOME", "T0ACME", "UBOTCS"
CHANNEL, SHARED = "C0CERTS", "C0ACME"
SUBJECT = "upload:1"


def user(user_id: str, team: str = HOME, **more: Any) -> dict[str, Any]:
    """One user of the seed."""
    name = user_id.removeprefix("U").lower()
    return {"id": user_id, "name": name, "real_name": name.title(), "team_id": team, "tz": "UTC", **more}


SEED: dict[str, Any] = {
    "team": {"id": HOME, "name": "Home", "domain": "home"},
    "partner_teams": [{"id": ACME, "name": "Acme", "domain": "acme"}],
    "app": {"id": "A0CSIGN", "name": "Countersign", "bot_user": BOT, "handle": "countersign"},
    "usergroups": [{"id": "S0OPS", "name": "ops", "users": ["UOLIVIA", "UGUEST", "UPAULA", "UROBOT"]}],
    "users": [
        user("UOLIVIA"),
        user("UADAM"),
        user("UGUEST", is_restricted=True),
        user("UROBOT", is_bot=True),
        user("UPAULA", ACME),
    ],
    "channels": [
        {"id": CHANNEL, "name": "certs", "topic": "", "members": ["UOLIVIA", BOT], "shared_with": []},
        {"id": SHARED, "name": "acme", "topic": "", "members": ["UOLIVIA", "UPAULA", BOT], "shared_with": [ACME]},
    ],
}


def now() -> datetime:
    """The time of the store's rows."""
    return datetime.now(UTC)


@contextmanager
def running(seed: dict[str, Any] | None = None) -> Iterator[WorkspaceServer]:
    """A workspace in memory."""
    server = WorkspaceServer(seed or SEED)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def bot_of(workspace: WorkspaceServer) -> WebClient:
    """The bot's own client: it waits as a 429 tells it to, since the tests of a file share one workspace."""
    return open_client(workspace.bot_token, workspace.api_url)


def person_of(workspace: WorkspaceServer, user_id: str) -> WebClient:
    """The Web API with a person's token."""
    return WebClient(workspace.user_token(user_id), base_url=workspace.api_url)


def outbox_in(folder: Path) -> Outbox:
    """An outbox over a store of its own."""
    return Outbox(Store(url_in(folder)), now)


def replies(bot: WebClient, thread: str) -> list[dict[str, Any]]:
    """The bot's messages in the thread."""
    found: list[dict[str, Any]] = bot.conversations_replies(channel=CHANNEL, ts=thread, limit=999)["messages"]
    return [one for one in found if one.get("bot_id")]


class Died(Exception):
    """The process ended here."""


class DiesAfterThePost(Outbox):
    """As when the power goes between Slack's answer and our note of it."""

    def shown(self, subject: str, ts: str, digest: str) -> None:
        """Never comes to it."""
        raise Died(subject, ts, digest)
