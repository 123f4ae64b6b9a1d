"""reactions.add, reactions.remove, pins.add: what people put on messages."""

import re

from bot.workspace import rules
from bot.workspace.core import Slack
from bot.workspace.events import announce
from bot.workspace.methods.table import Method
from bot.workspace.objects import message_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_EMOJI = 50  # errors of reactions.add, too_many_emoji; slack.com/help/articles/202931348, "Emoji reactions"
MAX_OWN_EMOJI = 23  # too_many_reactions; the same page
MAX_PINS = 100  # errors of pins.add, too_many_pins; slack.com/help/articles/205239997
_TS = re.compile(r"\d+\.\d+")
_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def _target(slack: Slack, caller: Caller, arguments: Json) -> tuple[Json, Json, str]:
    channel, message = _message(slack, caller, arguments)
    name = str(arguments["name"]).strip(":")
    if not _NAME.fullmatch(name):
        raise Refusal("invalid_name")
    if rules.has(channel, rules.THREADS_LOCKED) and message.get("thread_ts"):
        raise Refusal("thread_locked")
    return channel, message, name


def _message(slack: Slack, caller: Caller, arguments: Json) -> tuple[Json, Json]:
    """The message at `channel` and `timestamp`."""
    if not arguments.get("channel") or not arguments.get("timestamp"):
        raise Refusal("no_item_specified")
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    if not _TS.fullmatch(str(arguments["timestamp"])):
        raise Refusal("bad_timestamp")
    message = slack.world.find_message(channel["id"], arguments["timestamp"])
    if message is None:
        raise Refusal("message_not_found")
    return channel, message


def _tell(slack: Slack, kind: str, caller: Caller, channel: Json, message: Json, name: str) -> None:
    shown = {"type": "message_changed", "channel": channel["id"], "thread_ts": message.get("thread_ts")}
    slack.feed.tell({**shown, "ts": message["ts"], "message": message_object(slack, message)})
    item = {"type": "message", "channel": channel["id"], "ts": message["ts"]}
    event: Json = {"type": kind, "user": caller.user_id, "reaction": name, "item": item, "item_user": message["user"]}
    announce(slack, {**event, "event_ts": slack.world.next_ts()}, channel)


async def add(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Adds a reaction."""
    channel, message, name = _target(slack, caller, arguments)
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    reactions = message.setdefault("reactions", [])
    known = next((reaction for reaction in reactions if reaction["name"] == name), None)
    if known is None and len(reactions) >= MAX_EMOJI:
        raise Refusal("too_many_emoji")
    if sum(1 for reaction in reactions if caller.user_id in reaction["users"]) >= MAX_OWN_EMOJI:
        raise Refusal("too_many_reactions")
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
    """Takes the caller's reaction away; files and their comments carry none here."""
    if arguments.get("file"):
        raise Refusal("file_not_found")
    if arguments.get("file_comment"):
        raise Refusal("file_comment_not_found")
    channel, message, name = _target(slack, caller, arguments)
    known = next((r for r in message.get("reactions", ()) if r["name"] == name), None)
    if known is None or caller.user_id not in known["users"]:
        raise Refusal("no_reaction")
    known["users"].remove(caller.user_id)
    known["count"] -= 1
    message["reactions"] = [reaction for reaction in message["reactions"] if reaction["count"]]
    _tell(slack, "reaction_removed", caller, channel, message, name)
    return {}


async def pin(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Pins a message to its channel."""
    if not arguments.get("timestamp"):
        raise Refusal("no_item_specified")
    channel, message = _message(slack, caller, arguments)
    if not slack.world.is_member(channel, caller.user_id):
        raise Refusal("not_in_channel")
    if rules.has(channel, rules.ADMINS_ONLY) and not slack.world.users[caller.user_id].get("is_admin"):
        raise Refusal("restricted_action")
    if message.get("pinned_to"):
        raise Refusal("already_pinned")
    if sum(1 for other in slack.world.messages[channel["id"]] if other.get("pinned_to")) >= MAX_PINS:
        raise Refusal("too_many_pins")
    message["pinned_to"] = [channel["id"]]
    shown = {"type": "message_changed", "channel": channel["id"], "thread_ts": message.get("thread_ts")}
    slack.feed.tell({**shown, "ts": message["ts"], "message": message_object(slack, message)})
    return {}


METHODS = {
    "reactions.add": Method(add, ("name",), ("reactions:write",), json=True),
    "reactions.remove": Method(remove, ("name",), ("reactions:write",), json=True),
    "pins.add": Method(pin, ("channel",), ("pins:write",), json=True),
}
