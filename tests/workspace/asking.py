"""Apps that answer a person in the way that a test needs, and what the person sees of it."""

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace.place import GENERAL, Json, Person, connected, modal, new_app, text_input


def pressing(app: App) -> list[Json]:
    """Has the app note every press."""
    seen: list[Json] = []

    @app.action({"type": "block_actions", "action_id": "approve"})
    def approve(ack: Any, body: Json) -> None:
        seen.append(body)
        ack()

    return seen


def renaming(app: App, answer: Json) -> list[Json]:
    """An app whose command opens a modal and whose submission answers so."""
    seen: list[Json] = []

    @app.command("/cert")
    def cert(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        note = {**text_input("note"), "optional": True}
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input(), note, private_metadata="p1"))

    @app.view("rename")
    def rename(ack: Any, body: Json) -> None:
        seen.append(body)
        ack(**answer)

    return seen


def opened(person: Person) -> Json:
    """The person's top view after the command."""
    assert person.do("command", channel=GENERAL, command="/cert", text="rename")["ok"]
    view: Json = eventually(lambda: person.get("views")["views"])[-1]
    return view


def typed(value: str) -> Json:
    """Values of the modal with that name."""
    return {"name": {"value": {"type": "plain_text_input", "value": value}}}


def trigger(workspace: WorkspaceServer, person: Person) -> str:
    """A fresh trigger id, from a command."""
    app, found = new_app(workspace), []

    @app.command("/cert")
    def cert(ack: Any, body: Json) -> None:
        found.append(body["trigger_id"])
        ack()

    with connected(workspace, app):
        person.do("command", channel=GENERAL, command="/cert", text="")
    return str(found[0])


def response_url(workspace: WorkspaceServer, person: Person, channel: str, ts: str) -> str:
    """The response URL of a press on `approve`."""
    app = new_app(workspace)
    seen = pressing(app)
    with connected(workspace, app):
        assert person.do("action", channel=channel, message_ts=ts, block_id="decide", action_id="approve")["ok"]
    return str(seen[0]["response_url"])
