"""conversations.*, the reading half: who is where, and what was said. The other half is `channels`."""

import re
from typing import Any

from bot.workspace.core import Slack
from bot.workspace.methods.table import Method, flag, page, structure
from bot.workspace.objects import channel_type, conversation, message_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_HISTORY = 999  # conversations.history, "limit"
KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_SCOPE_PREFIX = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_TS = re.compile(r"\d+(\.\d+)?")


def check_scope(caller: Caller, kind: str, right: str) -> None:
    """Refuses where the scope for this kind of conversation is missing: `channels:read` opens no private channel."""
    needed = f"{_SCOPE_PREFIX[kind]}:{right}"
    if not caller.may(needed):
        raise Refusal("missing_scope", needed=needed, provided=",".join(sorted(caller.scopes or ())))


def _known(slack: Slack, caller: Caller, arguments: Json) -> Json:
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    check_scope(caller, channel_type(channel), "read")
    return channel


async def info(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """One conversation."""
    channel = _known(slack, caller, arguments)
    shown = conversation(slack.world, channel, caller.user_id)
    if not flag(arguments.get("include_num_members")):
        shown.pop("num_members", None)
    return {"channel": shown}


async def members(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Ids of the members."""
    channel = _known(slack, caller, arguments)
    some, meta = page([{"id": member} for member in channel["members"]], arguments)
    return {"members": [member["id"] for member in some], "response_metadata": meta}


def _wanted(caller: Caller, arguments: Json) -> set[str]:
    names = [name.strip() for name in str(arguments.get("types") or "public_channel").split(",")]
    if not set(names) <= set(KINDS):
        raise Refusal("invalid_types")
    types = {KINDS[name] for name in names}
    for kind in sorted(types):
        check_scope(caller, kind, "read")
    return types


async def listing(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Conversations that the caller may see, of the wanted `types`."""
    types = _wanted(caller, arguments)
    world = slack.world
    seen = [c for c in world.channels.values() if channel_type(c) in types and world.may_see(c, caller.user_id)]
    return _page(slack, caller, arguments, seen)


async def joined(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """users.conversations: those that the user is in."""
    types = _wanted(caller, arguments)
    world = slack.world
    user_id = arguments.get("user") or caller.user_id
    mine = [c for c in world.channels.values() if channel_type(c) in types and world.is_member(c, user_id)]
    return _page(slack, caller, arguments, [c for c in mine if world.may_see(c, caller.user_id)])


def _page(slack: Slack, caller: Caller, arguments: Json, found: list[Json]) -> Json:
    if flag(arguments.get("exclude_archived")):
        found = [channel for channel in found if not channel.get("is_archived")]
    some, meta = page(found, arguments)
    shown = [conversation(slack.world, channel, caller.user_id) for channel in some]
    return {"channels": shown, "response_metadata": meta}


def readable(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """The conversation, where the caller may read it: only people see public channels that they are not in."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    check_scope(caller, channel_type(channel), "history")
    if caller.kind == "bot" and not slack.world.is_member(channel, caller.user_id):
        raise Refusal("not_in_channel")
    return channel


def _between(found: list[Json], arguments: Json) -> list[Json]:
    bounds: list[float] = []
    for name, default in (("oldest", "0"), ("latest", "99999999999")):
        raw = str(arguments.get(name) or default)
        if not _TS.fullmatch(raw):
            raise Refusal(f"invalid_ts_{name}")
        bounds.append(float(raw))
    oldest, latest = bounds
    inclusive = flag(arguments.get("inclusive"))
    return [m for m in found if oldest < float(m["ts"]) < latest or (inclusive and float(m["ts"]) in {oldest, latest})]


def _metadata_wanted(arguments: Json) -> bool | list[str]:
    """All metadata, none, or that of the named event types."""
    keys: Any = structure(arguments.get("metadata_keys_to_include"), "invalid_metadata_filter_keys")
    if keys is None or keys == "":
        return flag(arguments.get("include_all_metadata"))
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Refusal("invalid_metadata_filter_keys")
    return keys


def _shown(slack: Slack, message: Json, wanted: bool | list[str]) -> Json:
    kind = message.get("metadata", {}).get("event_type")
    return message_object(slack, message, metadata=wanted if isinstance(wanted, bool) else kind in wanted)


async def history(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Top-level messages, newest first."""
    channel = readable(slack, caller, arguments)
    wanted = _metadata_wanted(arguments)
    stored = slack.world.messages.get(channel["id"], [])
    found = [m for m in stored if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"]
    some, meta = page(_between(found, arguments)[::-1], arguments, MAX_HISTORY)
    more = bool(meta["next_cursor"])
    return {
        "messages": [_shown(slack, message, wanted) for message in some],
        "has_more": more,
        "pin_count": sum(1 for message in stored if message.get("pinned_to")),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        **({"response_metadata": meta} if more else {}),
    }


async def replies(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """A thread: the parent, then its replies, oldest first."""
    channel = readable(slack, caller, arguments)
    wanted = _metadata_wanted(arguments)
    parent = slack.world.find_message(channel["id"], arguments["ts"])
    if parent is None:
        raise Refusal("thread_not_found")
    root = parent.get("thread_ts", parent["ts"])
    found = [m for m in slack.world.messages[channel["id"]] if root in {m["ts"], m.get("thread_ts")}]
    if root == parent["ts"]:
        found = [parent, *_between([m for m in found if m is not parent], arguments)]
    some, meta = page(found, arguments)
    more = bool(meta["next_cursor"])
    shown = [_shown(slack, message, wanted) for message in some]
    return {"messages": shown, "has_more": more, **({"response_metadata": meta} if more else {})}


METHODS = {
    "conversations.info": Method(info, ("channel",), READ),
    "conversations.members": Method(members, ("channel",), READ),
    "conversations.list": Method(listing, (), READ),
    "users.conversations": Method(joined, (), READ),
    "conversations.history": Method(history, ("channel",), HISTORY, json=True),
    "conversations.replies": Method(replies, ("channel", "ts"), HISTORY),
}
