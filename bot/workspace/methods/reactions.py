"""reactions.add and reactions.remove."""

import re

from bot.workspace.core import Slack
from bot.workspace.events import announce
from bot.workspace.methods.table import Method
from bot.workspace.objects import message_object
from bot.workspace.shapes import Caller, Json, Refusal

_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def _target(slack: Slack, caller: Caller, arguments: Json) -> tuple[Json, Json, str]:
    channel = slack.world.channel_for(arguments.get("channel"), caller.user_id)
    message = slack.world.find_message(channel["id"], arguments.get("timestamp"))
    if message is None:
        raise Refusal("message_not_found")
    name = str(arguments["name"]).strip(":")
    if not _NAME.fullmatch(name):
        raise Refusal("invalid_name")
    return channel, message, name


def _tell(slack: Slack, kind: str, caller: Caller, channel: Json, message: Json, name: str) -> None:
    shown = {"type": "message_changed", "channel": channel["id"], "thread_ts": message.get("thread_ts")}
    slack.feed.tell({**shown, "ts": message["ts"], "message": message_object(slack, message)})
    item = {"type": "message", "channel": channel["id"], "ts": message["ts"]}
    event: Json = {"type": kind, "user": caller.user_id, "reaction": name, "item": item, "item_user": message["user"]}
    announce(slack, {**event, "event_ts": slack.world.next_ts()}, channel)


async def add(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Adds a reaction."""
    channel, message, name = _target(slack, caller, arguments)
    reactions = message.setdefault("reactions", [])
    known = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if known is None:
        known = {"name": name, "users": [], "count": 0}
        reactions.append(known)
    if caller.user_id in known["users"]:
        raise Refusal("already_reacted")
    known["users"].append(caller.user_id)
    known["count"] += 1
    _tell(slack, "reaction_added", caller, channel, message, name)
    return {}


async def remove(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Takes the caller's reaction away."""
    channel, message, name = _target(slack, caller, arguments)
    known = next((r for r in message.get("reactions", ()) if r["name"] == name), None)
    if known is None or caller.user_id not in known["users"]:
        raise Refusal("no_reaction")
    known["users"].remove(caller.user_id)
    known["count"] -= 1
    message["reactions"] = [reaction for reaction in message["reactions"] if reaction["count"]]
    _tell(slack, "reaction_removed", caller, channel, message, name)
    return {}


METHODS = {
    "reactions.add": Method(add, ("channel", "timestamp", "name"), ("reactions:write",), json=True),
    "reactions.remove": Method(remove, ("channel", "timestamp", "name"), ("reactions:write",), json=True),
}
