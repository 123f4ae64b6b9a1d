"""Claims about commands, shortcuts, buttons and selects: a real Bolt app answers, a person's client acts."""

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.workspace.asking import pressing
from tests.workspace.place import (
    ADA,
    GENERAL,
    OLIVIA,
    SHARED,
    Json,
    Person,
    actions,
    button,
    connected,
    new_app,
    section,
)


def test_a_commands_acknowledgement_is_shown_to_its_user_only(
    workspace: WorkspaceServer, olivia: Person, sam: Person
) -> None:
    """The payload says where, who and what; the answer is ephemeral."""
    app, seen = new_app(workspace), []

    @app.command("/cert")
    def cert(ack: Any, body: Json) -> None:
        seen.append(body)
        ack("Try `/cert list`.")

    with connected(workspace, app):
        answer = olivia.do("command", channel=GENERAL, command="/cert", text=" list acme ")
    assert answer == {"ok": True, "response": {"text": "Try `/cert list`."}}
    body = seen[0]
    assert (body["text"], body["user_id"], body["channel_id"]) == ("list acme", OLIVIA, GENERAL)
    assert body["is_enterprise_install"] == "false"
    assert [(m["text"], m["is_ephemeral"]) for m in olivia.sees(GENERAL)] == [("Try `/cert list`.", True)]
    assert sam.sees(GENERAL) == []


def test_a_command_may_answer_the_whole_channel(workspace: WorkspaceServer, olivia: Person, sam: Person) -> None:
    """response_type in_channel."""
    app = new_app(workspace)

    @app.command("/cert")
    def cert(ack: Any) -> None:
        ack(response_type="in_channel", text="for all")

    with connected(workspace, app):
        olivia.do("command", channel=GENERAL, command="/cert", text="")
    assert [m["text"] for m in sam.sees(GENERAL)] == ["for all"]


def test_commands_are_not_for_partners_nor_for_threads(workspace: WorkspaceServer, olivia: Person, ada: Person) -> None:
    """As on Slack; and an unknown one is no command at all."""
    with connected(workspace, new_app(workspace)):
        assert ada.do("command", channel=SHARED, command="/cert", text="help")["error"] == "not_allowed"
        refused = olivia.do("command", channel=GENERAL, command="/cert", text="", thread_ts="1.1")
        assert refused["error"] == "not_allowed"
        assert olivia.do("command", channel=GENERAL, command="/nope", text="")["error"] == "invalid_command"


def test_without_an_app_a_command_fails_and_a_silent_one_times_out(workspace: WorkspaceServer, olivia: Person) -> None:
    """dispatch_failed, operation_timeout."""
    assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == "dispatch_failed"
    olivia.do("faults", ack_timeout=0.2)
    with connected(workspace, new_app(workspace)):
        assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == "operation_timeout"


def test_a_press_carries_the_stored_value_and_who_pressed(
    workspace: WorkspaceServer, bot: WebClient, ada: Person
) -> None:
    """The client cannot forge the value; the user's team comes with the payload; partners may press."""
    app = new_app(workspace)
    seen = pressing(app)
    blocks = [section(), actions(button(value="request-1"))]
    ts = bot.chat_postMessage(channel=SHARED, text="approve?", blocks=blocks)["ts"]
    press = {"channel": SHARED, "message_ts": ts, "block_id": "decide", "action_id": "approve"}
    with connected(workspace, app):
        assert ada.do("action", **press, value="forged") == {"ok": True}
    body = seen[0]
    assert (body["type"], body["user"]["id"], body["user"]["team_id"]) == ("block_actions", ADA, "TACME")
    assert body["actions"][0]["value"] == "request-1"
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": SHARED, "is_ephemeral": False}
    assert body["message"]["ts"] == ts


def test_a_stale_button_is_refused(bot: WebClient, olivia: Person, sam: Person) -> None:
    """Gone with an update, never there, or in a channel that the person is not in."""
    ts = bot.chat_postMessage(channel=SHARED, text="approve?", blocks=[actions(button())])["ts"]
    press = {"channel": SHARED, "message_ts": ts, "block_id": "decide", "action_id": "approve"}
    assert sam.do("action", **press)["error"] == "not_in_channel"
    assert olivia.do("action", **{**press, "action_id": "other"})["error"] == "action_not_found"
    assert olivia.do("action", **{**press, "message_ts": "1.1"})["error"] == "message_not_found"
    bot.chat_update(channel=SHARED, ts=ts, text="done", blocks=[])
    assert olivia.do("action", **press)["error"] == "action_not_found"


def test_a_choice_must_be_one_that_was_offered(workspace: WorkspaceServer, bot: WebClient, olivia: Person) -> None:
    """And stays in the state that the next press carries."""
    app, chosen = new_app(workspace), []
    seen = pressing(app)

    @app.action("partner")
    def partner(ack: Any, body: Json) -> None:
        chosen.append(body["actions"][0]["selected_option"]["value"])
        ack()

    word = {"type": "plain_text", "text": "Acme"}
    select = {"type": "static_select", "action_id": "partner", "options": [{"text": word, "value": "acme"}]}
    ts = bot.chat_postMessage(channel=GENERAL, text="which?", blocks=[actions(select, button())])["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "decide"}
    with connected(workspace, app):
        forged = olivia.do("action", **place, action_id="partner", selected_option={"value": "evil"})
        assert forged["error"] == "invalid_values"
        assert olivia.do("action", **place, action_id="partner", selected_option={"value": "acme"})["ok"]
        olivia.do("action", **place, action_id="approve")
    assert chosen == ["acme"]
    assert seen[0]["state"]["values"]["decide"]["partner"]["selected_option"]["text"] == word


def test_an_external_select_asks_the_app_for_its_options(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """block_suggestion with what was typed."""
    app = new_app(workspace)

    @app.options("search")
    def search(ack: Any, payload: Json) -> None:
        ack(options=[{"text": {"type": "plain_text", "text": payload["value"].upper()}, "value": "1"}])

    select = {"type": "external_select", "action_id": "search", "min_query_length": 1}
    ts = bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(select)])["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "decide", "action_id": "search"}
    with connected(workspace, app):
        answer = olivia.do("block_suggestion", **place, value="acme")
    assert answer["options"][0]["text"]["text"] == "ACME"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("command", {"channel": ["x"], "command": "/cert", "text": ""}),
        ("command", {"channel": GENERAL, "command": ["/cert"], "text": ""}),
        ("action", {"channel": GENERAL, "message_ts": {}, "block_id": [], "action_id": []}),
        ("action", {"view_id": {"a": 1}}),
        ("shortcut", {"callback_id": ["x"]}),
        ("view/submit", {"view_id": []}),
        ("view/close", {}),
        ("dismiss", {"channel": 1}),
        ("faults", {"deliver_times": "many"}),
        ("faults", {"unknown": 1}),
        ("panel/switch", {}),
    ],
)
def test_a_senseless_request_is_refused_in_words(olivia: Person, path: str, body: Json) -> None:
    """Never a fault of the server."""
    answer = olivia.do(path, **body)
    assert answer["ok"] is False
    assert answer["error"]
