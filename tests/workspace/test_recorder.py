"""Claims about the inspector: what went over the wire is there, belongs to its message, and holds no secret."""

import json
from typing import Any

from slack_sdk import WebClient

from bot.workspace import recorder
from bot.workspace.recorder import Recorder
from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.patience import eventually
from tests.workspace.place import GENERAL, Json, Person, actions, button, connected, new_app


def exchanges(person: Person, **query: Any) -> list[Json]:
    """What the inspector shows."""
    found: list[Json] = person.get("exchanges", **query)["exchanges"]
    return found


def test_a_call_of_the_app_is_shown_as_it_was_sent(olivia: Person, bot: WebClient) -> None:
    """Method, wire form, arguments, status and answer; a refusal with Slack's word."""
    ts = bot.chat_postMessage(channel=GENERAL, text="hello")["ts"]
    bot.conversations_info(channel=GENERAL)
    posted, asked = exchanges(olivia)[-2:]
    assert (posted["title"], posted["details"]["wire"], posted["outcome"]) == ("chat.postMessage", "JSON", "200")
    assert posted["sent"]["text"] == "hello"
    assert posted["answer"]["ts"] == ts
    assert (asked["title"], asked["details"]["wire"]) == ("conversations.info", "form")
    HTTP.post(bot.base_url + "chat.delete", headers={"Authorization": f"Bearer {bot.token}"}, data={"channel": "C"})
    assert exchanges(olivia)[-1]["outcome"].startswith("200 ")


def test_a_delivery_is_shown_with_its_attempts_and_its_acknowledgement(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """The event of a message and the press of its button belong to that message."""
    app = new_app(workspace)
    app.event("message")(lambda: None)
    app.action("approve")(lambda ack: ack())
    with connected(workspace, app):
        other = olivia.say(GENERAL, "something else")
        ts = str(WebClient(workspace.bot_token, workspace.api_url).chat_postMessage(
            channel=GENERAL, text="x", blocks=[actions(button())])["ts"])  # fmt: skip
        olivia.do("action", channel=GENERAL, message_ts=ts, block_id="decide", action_id="approve")
        mine = eventually(lambda: found if len(found := exchanges(olivia, ts=ts)) >= 3 else [])
    assert {(one["direction"], one["title"]) for one in mine} >= {
        ("request", "chat.postMessage"),
        ("delivery", "block_actions"),
    }
    press = next(one for one in mine if one["title"] == "block_actions")
    assert press["outcome"] == "acknowledged"
    assert press["ms"] > 0
    assert press["sent"]["actions"][0]["action_id"] == "approve"
    assert all(one["sent"].get("event", {}).get("ts") != other for one in mine)


def test_no_secret_reaches_the_inspector(workspace: WorkspaceServer, olivia: Person) -> None:
    """Tokens in bodies and forms, the verification token, the addresses that are secrets themselves."""
    app = new_app(workspace)
    app.command("/cert")(lambda ack: ack())
    with connected(workspace, app):
        HTTP.post(workspace.api_url + "auth.test", data={"token": workspace.bot_token})
        olivia.do("command", channel=GENERAL, command="/cert", text=f"help {workspace.app_token}")
        shown = json.dumps(exchanges(olivia))
    for secret in (workspace.bot_token, workspace.app_token, workspace.signing_secret):
        assert secret not in shown
    ticketed = [one for one in exchanges(olivia) if one["title"] == "apps.connections.open"]
    assert "ticket=…" in ticketed[0]["answer"]["url"]
    command = next(one for one in exchanges(olivia) if one["title"].startswith("/cert"))
    assert command["sent"]["token"] == "…"
    assert command["sent"]["response_url"].endswith("/response/…")


def test_what_people_do_in_the_page_is_not_mixed_in(olivia: Person) -> None:
    """The page's own calls use people's tokens."""
    olivia.say(GENERAL, "typed by a person")
    assert exchanges(olivia) == []


def test_memory_is_bounded_by_number_and_by_characters() -> None:
    """The oldest go; a body that is too long is kept as its beginning."""
    kept = Recorder()
    for n in range(recorder.KEPT_EXCHANGES + 50):
        kept.done(kept.request(f"method {n}", {}, {"n": n}), "200", {"ok": True})
    shown = kept.since(0)
    assert len(shown) == recorder.SHOWN_AT_ONCE
    assert shown[-1]["title"] == f"method {recorder.KEPT_EXCHANGES + 49}"
    long = "x" * (recorder.MAX_BODY_CHARACTERS - 10)
    for _ in range(2 * recorder.KEPT_CHARACTERS // recorder.MAX_BODY_CHARACTERS):
        kept.request("big", {}, long)
    assert sum(len(json.dumps(one["sent"])) for one in kept.since(0)) <= recorder.KEPT_CHARACTERS
    kept.request("too big", {}, {"text": "y" * recorder.MAX_BODY_CHARACTERS})
    assert len(kept.since(0)[-1]["sent"]) < recorder.MAX_BODY_CHARACTERS + 100
