"""An app for the tests of the page: it keeps what it hears, opens forms and answers the way its test needs."""

import base64
from typing import Any

from playwright.sync_api import Page
from slack_bolt import Ack
from slack_sdk import WebClient

from tests.workspace.page_world import Json, Room, World

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(label: str, value: str) -> Json:
    """An option of a select."""
    return {"text": plain(label), "value": value}


def button(label: str, action_id: str, **more: Any) -> Json:
    """A button with its value."""
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": f"value of {label}", **more}


def field(label: str, element: Json, **more: Any) -> Json:
    """An input block whose ids are its element's type."""
    kind = element["type"]
    return {"type": "input", "block_id": kind, "label": plain(label), "element": {"action_id": kind, **element}, **more}


CHOICES = [option("One", "1"), option("Two", "2"), option("Three", "3")]
FORM = [
    field("Text", {"type": "plain_text_input"}),
    field("Note", {"type": "plain_text_input", "action_id": "note", "multiline": True}, block_id="note", optional=True),
    field("Mail", {"type": "email_text_input"}),
    field("Count", {"type": "number_input", "is_decimal_allowed": False}),
    field("Choice", {"type": "static_select", "options": CHOICES}),
    field("Person", {"type": "users_select"}),
    field("Place", {"type": "conversations_select"}),
    field("Several", {"type": "multi_static_select", "options": CHOICES}),
    field("Ticks", {"type": "checkboxes", "options": CHOICES}),
    field("Radio", {"type": "radio_buttons", "options": CHOICES}),
    field("Day", {"type": "datepicker"}),
    field("Hour", {"type": "timepicker"}),
    field("Moment", {"type": "datetimepicker"}),
    field("Search", {"type": "external_select", "min_query_length": 2}),
    field("Certificate file", {"type": "file_input", "max_files": 2}),
]
RICH = [
    field("Note", {"type": "rich_text_input"}),
    field("Partners", {"type": "multi_external_select", "min_query_length": 2}),
]


def modal(callback_id: str, blocks: list[Json], title: str = "Import certificate") -> Json:
    """A modal with a submit button."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain("Import"),
        "blocks": blocks,
    }


def listen(world: World) -> None:
    """The app under the page: it keeps what it hears and answers the way its test needs."""
    listen_to_presses(world)
    listen_to_commands(world)
    listen_to_modals(world)


def listen_to_presses(world: World) -> None:
    """Buttons and selects of messages and the home tab."""
    app = world.app

    @app.event("message")
    def keep_message(event: Json) -> None:
        world.heard.append(event)

    @app.action("press")
    def press(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        world.heard.append({"channel": body["channel"]["id"], **body["actions"][0]})
        ts, channel = body["message"]["ts"], body["channel"]["id"]
        client.chat_update(
            channel=channel, ts=ts, text="approved", blocks=[{"type": "section", "text": plain("approved by you")}]
        )

    @app.action("keep")
    def keep(ack: Ack, body: Json) -> None:
        ack()
        world.heard.append({"channel": body.get("channel", {}).get("id"), **body["actions"][0]})

    @app.action("whisper")
    def whisper(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.chat_postEphemeral(
            channel=body["channel"]["id"], user=body["user"]["id"], text="you may not approve your own request"
        )


def listen_to_commands(world: World) -> None:
    """The command, the shortcut, the home tab."""
    app = world.app

    @app.command("/cert")
    def cert(ack: Ack, body: Json, client: WebClient) -> None:
        world.heard.append({"channel": body["channel_id"], "text": body["text"]})
        if body["text"] == "form":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal("form", FORM))
        elif body["text"] == "rich":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal("form", RICH))
        elif body["text"] == "steps":
            ack()
            client.views_open(
                trigger_id=body["trigger_id"], view=modal("steps", [field("Word", {"type": "plain_text_input"})])
            )
        else:
            ack(f"help for `{body['text']}`")

    @app.options("multi_external_select")
    @app.options("external_select")
    def search(ack: Ack, body: Json) -> None:
        ack(options=[option(f"{body['value']} GmbH", "acme-1"), option(f"{body['value']} AG", "acme-2")])

    @app.shortcut("import_certificate")
    def shortcut(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        blocks = [{"type": "section", "text": plain(f"about {body['message']['text']}")}]
        client.views_open(trigger_id=body["trigger_id"], view=modal("last", blocks))

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        blocks = [
            {"type": "header", "text": plain("Waits for you")},
            {"type": "actions", "elements": [button("Look", "keep")]},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


def listen_to_modals(world: World) -> None:
    """Submissions."""
    app = world.app

    @app.view("form")
    def submitted(ack: Ack, body: Json) -> None:
        ack()
        world.submitted.append(body["view"]["state"]["values"])

    @app.view("steps")
    def step(ack: Ack, body: Json) -> None:
        word = body["view"]["state"]["values"]["plain_text_input"]["plain_text_input"]["value"]
        if word == "push":
            ack(
                response_action="push",
                view=modal("last", [{"type": "section", "text": plain("second of the stack")}], "Second"),
            )
        elif word == "update":
            ack(
                response_action="update",
                view=modal("last", [{"type": "section", "text": plain("another view")}], "Updated"),
            )
        else:
            ack(response_action="errors", errors={"plain_text_input": f"{word} is not a word for this"})

    @app.view("last")
    def last(ack: Ack) -> None:
        ack(response_action="clear")


def run_command(page: Page, room: Room, text: str) -> None:
    """Types a command into the channel's composer and sends it."""
    box = page.get_by_role("textbox", name=room.box)
    box.fill(text)
    box.press("Enter")
