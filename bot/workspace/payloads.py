"""Interactivity payloads and slash commands, the same objects for every transport.

docs.slack.dev/reference/interaction-payloads; docs.slack.dev/interactivity/implementing-slash-commands.
"""

from typing import Any

from bot.workspace.core import Slack
from bot.workspace.elements import PRESSED
from bot.workspace.inputs import VALUE_KEYS, initial_values
from bot.workspace.objects import message_object
from bot.workspace.shapes import Json
from bot.workspace.triggers import response_token
from bot.workspace.views import shown


def _base(slack: Slack, kind: str, user_id: str, view_id: str | None = None) -> Json:
    world = slack.world
    user = world.users[user_id]
    return {
        "type": kind,
        "team": {"id": world.team["id"], "domain": world.team.get("domain", "")},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user_id, "username": user["name"], "name": user["name"], "team_id": world.user_team(user_id)},
        "api_app_id": world.app["id"],
        "token": world.verification_token,
        "trigger_id": slack.triggers.give(user_id, view_id),
    }


def channel_name(channel: Json) -> str:
    """The name in payloads; a direct message has none of its own."""
    return "directmessage" if channel.get("is_im") else str(channel["name"])


def response_url(slack: Slack, grant: Json) -> str:
    """A fresh response URL."""
    return f"{slack.url}/response/{response_token(slack.world, grant)}"


def command(slack: Slack, user_id: str, channel: Json, name: str, text: str) -> Json:
    """A slash command; `is_enterprise_install` is a string here, unlike everywhere else (facts, section 4)."""
    world = slack.world
    return {
        "token": world.verification_token,
        "team_id": world.team["id"],
        "team_domain": world.team.get("domain", ""),
        "channel_id": channel["id"],
        "channel_name": channel_name(channel),
        "user_id": user_id,
        "user_name": world.users[user_id]["name"],
        "command": name,
        "text": text,
        "api_app_id": world.app["id"],
        "is_enterprise_install": "false",
        "response_url": response_url(slack, {"channel": channel["id"], "user": user_id}),
        "trigger_id": slack.triggers.give(user_id),
    }


def message_action(slack: Slack, user_id: str, channel: Json, message: Json, callback_id: str) -> Json:
    """A message shortcut."""
    grant = {"channel": channel["id"], "user": user_id, "thread_ts": message.get("thread_ts")}
    return {
        **_base(slack, "message_action", user_id),
        "callback_id": callback_id,
        "action_ts": slack.world.next_ts(),
        "message_ts": message["ts"],
        "channel": {"id": channel["id"], "name": channel_name(channel)},
        "message": message_object(slack, message),
        "response_url": response_url(slack, grant),
    }


def global_shortcut(slack: Slack, user_id: str, callback_id: str) -> Json:
    """A global shortcut."""
    base = _base(slack, "shortcut", user_id)
    return {**base, "callback_id": callback_id, "action_ts": slack.world.next_ts()}


def action(slack: Slack, element: Json, block_id: str, value: Json) -> Json:
    """One entry of `actions`; a button's value is the one that the app gave it."""
    one: Json = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"]}
    if element["type"] in PRESSED:
        carried = ("text", "value", "style", "url", "confirm", "icon", "accessibility_label")
        one |= {key: element[key] for key in carried if key in element}
    elif element["type"] == "feedback_buttons":
        one |= value
    else:
        one |= {key: part for key, part in value.items() if key != "type"}
        initial = VALUE_KEYS[element["type"]].replace("selected", "initial")
        if initial in element:
            one[initial] = element[initial]
    return {**one, "action_ts": slack.world.next_ts()}


def message_actions(slack: Slack, user_id: str, channel: Json, message: Json, one: Json) -> Json:
    """`block_actions` from a message."""
    ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel["id"]}
    container["is_ephemeral"] = ephemeral
    grant: Json = {"channel": channel["id"], "user": user_id, "message_ts": message["ts"], "ephemeral": ephemeral}
    if message.get("thread_ts"):
        container["thread_ts"] = grant["thread_ts"] = message["thread_ts"]
    payload: Json = {
        **_base(slack, "block_actions", user_id),
        "container": container,
        "channel": {"id": channel["id"], "name": channel_name(channel)},
        "state": {"values": state_of(slack, f"{channel['id']}:{message['ts']}", message.get("blocks", []))},
        "response_url": response_url(slack, grant),
        "actions": [one],
    }
    if not ephemeral:
        payload["message"] = message_object(slack, message)
    return payload


def view_actions(slack: Slack, user_id: str, view: Json, one: Json) -> Json:
    """`block_actions` from a modal or App Home: no channel, no message, no response URL."""
    return {
        **_base(slack, "block_actions", user_id, view["id"]),
        "container": {"type": "view", "view_id": view["id"]},
        "view": with_state(slack, view),
        "actions": [one],
    }


def view_submission(slack: Slack, user_id: str, view: Json, values: Json) -> Json:
    """`view_submission`, with response URLs where a select asked for one."""
    urls: list[Json] = []
    for block in view["blocks"]:
        element = block.get("element", {})
        if element.get("response_url_enabled"):
            value = values[block["block_id"]][element["action_id"]]
            chosen = value.get("selected_conversation") or value.get("selected_channel")
            if chosen:
                url = response_url(slack, {"channel": chosen, "user": user_id})
                place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": chosen}
                urls.append({**place, "response_url": url})
    base = _base(slack, "view_submission", user_id, view["id"])
    return {**base, "view": {**shown(view), "state": {"values": values}}, "response_urls": urls}


def view_closed(slack: Slack, user_id: str, view: Json, *, cleared: bool) -> Json:
    """`view_closed`; nothing may be opened from it, so it has no trigger."""
    base = _base(slack, "view_closed", user_id)
    base.pop("trigger_id")
    return {**base, "view": with_state(slack, view), "is_cleared": cleared}


def block_suggestion(slack: Slack, user_id: str, place: Json, block_id: str, action_id: str, value: str) -> Json:
    """A request for the options of an external select; `place` holds `view`, or `channel` and `message`."""
    base = _base(slack, "block_suggestion", user_id)
    base.pop("trigger_id")
    return {**base, **place, "block_id": block_id, "action_id": action_id, "value": value}


def state_of(slack: Slack, key: str, blocks: list[Json]) -> Json:
    """Current values of the inputs in a message or view."""
    values = initial_values(blocks)
    entered: dict[str, Any] = slack.world.inputs.get(key, {})
    for block_id, actions in entered.items():
        for action_id, value in actions.items():
            if action_id in values.get(block_id, {}) and values[block_id][action_id]["type"] == value["type"]:
                values[block_id][action_id] = value
    return values


def with_state(slack: Slack, view: Json) -> Json:
    """The view with its current values."""
    return {**shown(view), "state": {"values": state_of(slack, view["id"], view["blocks"])}}
