"""conversations.*: who is where, and what was said."""

import re

from bot.workspace.core import Slack
from bot.workspace.events import announce
from bot.workspace.methods.table import Method, flag, page
from bot.workspace.objects import channel_type, conversation, message_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_HISTORY = 999  # conversations.history, "limit"
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_TS = re.compile(r"\d+(\.\d+)?")


async def info(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """One conversation."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    shown = conversation(slack.world, channel, caller.user_id)
    if not flag(arguments.get("include_num_members")):
        shown.pop("num_members", None)
    return {"channel": shown}


async def members(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Ids of the members."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    some, meta = page([{"id": member} for member in channel["members"]], arguments)
    return {"members": [member["id"] for member in some], "response_metadata": meta}


async def listing(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Conversations that the caller may see, of the wanted `types`."""
    wanted = str(arguments.get("types") or "public_channel").split(",")
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    types = {kinds[kind.strip()] for kind in wanted if kind.strip() in kinds}
    world = slack.world
    seen = [c for c in world.channels.values() if channel_type(c) in types and world.may_see(c, caller.user_id)]
    some, meta = page(seen, arguments)
    return {"channels": [conversation(world, c, caller.user_id) for c in some], "response_metadata": meta}


async def joined(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """users.conversations: those that the user is in."""
    world = slack.world
    user_id = arguments.get("user") or caller.user_id
    mine = [c for c in world.channels.values() if world.is_member(c, user_id) and world.may_see(c, caller.user_id)]
    some, meta = page(mine, arguments)
    return {"channels": [conversation(world, c, caller.user_id) for c in some], "response_metadata": meta}


def _readable(slack: Slack, caller: Caller, arguments: Json) -> Json:
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
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


async def history(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Top-level messages, newest first."""
    channel = _readable(slack, caller, arguments)
    stored = slack.world.messages.get(channel["id"], [])
    found = [m for m in stored if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"]
    found = _between(found, arguments)[::-1]
    some, meta = page(found, arguments, MAX_HISTORY)
    with_metadata = flag(arguments.get("include_all_metadata"))
    more = bool(meta["next_cursor"])
    return {
        "messages": [message_object(slack, message, metadata=with_metadata) for message in some],
        "has_more": more,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        **({"response_metadata": meta} if more else {}),
    }


async def replies(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """A thread: the parent, then its replies, oldest first."""
    channel = _readable(slack, caller, arguments)
    parent = slack.world.find_message(channel["id"], arguments["ts"])
    if parent is None:
        raise Refusal("thread_not_found")
    root = parent.get("thread_ts", parent["ts"])
    found = [m for m in slack.world.messages[channel["id"]] if root in {m["ts"], m.get("thread_ts")}]
    if root == parent["ts"]:
        found = [parent, *_between([m for m in found if m is not parent], arguments)]
    some, meta = page(found, arguments)
    with_metadata = flag(arguments.get("include_all_metadata"))
    more = bool(meta["next_cursor"])
    shown = [message_object(slack, message, metadata=with_metadata) for message in some]
    return {"messages": shown, "has_more": more, **({"response_metadata": meta} if more else {})}


async def open_direct(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """The direct message with one user."""
    world = slack.world
    if arguments.get("channel"):
        channel = world.channel_for(arguments["channel"], caller.user_id)
    else:
        users = [user for user in str(arguments.get("users") or "").split(",") if user]
        if not users:
            raise Refusal("users_list_not_supplied")
        if len(users) > 1:
            raise Refusal("too_many_users")
        if users[0] not in world.users:
            raise Refusal("user_not_found")
        channel = world.direct_message(caller.user_id, users[0])
    if flag(arguments.get("return_im")):
        return {"channel": conversation(world, channel, caller.user_id)}
    return {"channel": {"id": channel["id"]}}


def add_member(slack: Slack, channel: Json, user_id: str, inviter: str | None) -> None:
    """Lets the user in and says so to the page and the app."""
    channel["members"].append(user_id)
    slack.feed.tell({"type": "channel", "channel": channel["id"]})
    kind = {"channel": "C", "group": "G"}[channel_type(channel)]
    event: Json = {"type": "member_joined_channel", "user": user_id, "channel": channel["id"], "channel_type": kind}
    event |= {"team": slack.world.user_team(user_id), "event_ts": slack.world.next_ts()}
    announce(slack, {**event, **({"inviter": inviter} if inviter else {})}, channel)


async def join(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Joins a public channel."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    if channel.get("is_im") or channel.get("is_private"):
        raise Refusal("method_not_supported_for_channel_type")
    answer: Json = {}
    if slack.world.is_member(channel, caller.user_id):
        answer["warning"] = "already_in_channel"
        answer["response_metadata"] = {"warnings": ["already_in_channel"]}
    else:
        add_member(slack, channel, caller.user_id, None)
    return {"channel": conversation(slack.world, channel, caller.user_id), **answer}


async def invite(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Brings users into a channel."""
    channel = _readable(slack, caller, arguments)
    if channel.get("is_im"):
        raise Refusal("method_not_supported_for_channel_type")
    for user_id in str(arguments["users"]).split(","):
        if user_id not in slack.world.users:
            raise Refusal("user_not_found")
        if slack.world.is_member(channel, user_id):
            raise Refusal("already_in_channel")
        add_member(slack, channel, user_id, caller.user_id)
    return {"channel": conversation(slack.world, channel, caller.user_id)}


async def kick(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Takes a user out of a channel."""
    channel = _readable(slack, caller, arguments)
    if not slack.world.is_member(channel, arguments["user"]):
        raise Refusal("not_in_channel")
    channel["members"].remove(arguments["user"])
    slack.feed.tell({"type": "channel", "channel": channel["id"]})
    return {}


METHODS = {
    "conversations.info": Method(info, ("channel",), _READ),
    "conversations.members": Method(members, ("channel",), _READ),
    "conversations.list": Method(listing, (), _READ),
    "users.conversations": Method(joined, (), _READ),
    "conversations.history": Method(history, ("channel",), _HISTORY, json=True),
    "conversations.replies": Method(replies, ("channel", "ts"), _HISTORY),
    "conversations.open": Method(open_direct, (), ("im:write", "mpim:write", "channels:manage"), json=True),
    "conversations.join": Method(join, ("channel",), ("channels:join",), json=True),
    "conversations.invite": Method(
        invite, ("channel", "users"), ("channels:manage", "channels:write.invites"), json=True
    ),
    "conversations.kick": Method(kick, ("channel", "user"), ("channels:manage", "groups:write"), json=True),
}
