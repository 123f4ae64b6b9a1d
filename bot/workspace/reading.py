"""What a person reads in Slack's own client: conversations with their unread marks, a channel, a thread.

How far somebody has read is kept for each person on the server (as conversations.mark does), so that unread marks
survive a reload and another window agrees.
"""

import re
from typing import Any

from bot.workspace.core import Slack
from bot.workspace.objects import conversation, message_object
from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World
from bot.workspace.text import mentions

_TS = re.compile(r"\d{1,11}\.\d{6}")
_TO_ALL = re.compile(r"<!(channel|here|everyone)(\|[^>]*)?>")


def read_until(world: World, user_id: str, channel_id: str, thread_ts: str | None = None) -> str:
    """The ts up to which this person has read the conversation or thread; `0` when never."""
    return world.reads.get(user_id, {}).get(_place(channel_id, thread_ts), "0")


def _place(channel_id: str, thread_ts: str | None) -> str:
    return f"{channel_id}:{thread_ts}" if thread_ts else channel_id


def _top_level(message: Json) -> bool:
    return message.get("thread_ts", message["ts"]) == message["ts"] or message.get("subtype") == "thread_broadcast"


def unread(world: World, channel: Json, user_id: str) -> tuple[int, int]:
    """How many top-level messages of others this person has not read, and how many of them address this person."""
    until = float(read_until(world, user_id, channel["id"]))
    news = addressed = 0
    for message in reversed(world.messages.get(channel["id"], [])):
        if float(message["ts"]) <= until:
            break
        if message["user"] == user_id or not _top_level(message):
            continue
        news += 1
        text = message["text"]
        addressed += bool(channel.get("is_im") or mentions(text, user_id) or _TO_ALL.search(text))
    return news, addressed


async def sidebar(slack: Slack, user_id: str, _arguments: Json) -> Json:
    """Every conversation that this person is in, with what is unread there."""
    world = slack.world
    conversations = [described(slack, c, user_id) for c in world.channels.values() if world.is_member(c, user_id)]
    return {"conversations": conversations, "last_event": slack.feed.position}


def described(slack: Slack, channel: Json, user_id: str) -> Json:
    """A conversation for the page: as Slack shows it, with members, sharing teams and unread counts."""
    world = slack.world
    news, addressed = unread(world, channel, user_id)
    shown = {"members": channel["members"], "shared_with": channel.get("shared_with", [])}
    shown |= {"unread": news, "mentions": addressed, "last_read": read_until(world, user_id, channel["id"])}
    history = world.messages.get(channel["id"])
    return {**conversation(world, channel, user_id), **shown, "latest": history[-1]["ts"] if history else None}


async def channel(slack: Slack, user_id: str, arguments: Json) -> Json:
    """Top-level messages, and this person's ephemeral ones, oldest first; how far they, and threads, were read."""
    world = slack.world
    found = world.channel_for(arguments.get("channel"), user_id)
    top = [message for message in world.messages.get(found["id"], []) if _top_level(message)]
    mine = world.ephemerals.get(user_id, ())
    top += [m for m in mine if m["channel"] == found["id"] and not m.get("thread_ts")]
    top.sort(key=lambda message: float(message["ts"]))
    threads = f"{found['id']}:"
    reads = world.reads.get(user_id, {}).items()
    return {
        "messages": [message_object(slack, message) for message in top],
        "channel": described(slack, found, user_id),
        "members": found["members"],
        "last_read": read_until(world, user_id, found["id"]),
        "thread_reads": {place.removeprefix(threads): ts for place, ts in reads if place.startswith(threads)},
        "last_event": slack.feed.position,
    }


async def thread(slack: Slack, user_id: str, arguments: Json) -> Json:
    """The parent and its replies, with this person's ephemeral ones."""
    world = slack.world
    found = world.channel_for(arguments.get("channel"), user_id)
    parent = world.find_message(found["id"], arguments.get("ts"))
    if parent is None:
        raise Refusal("thread_not_found")
    replies = list(world.replies(found["id"], parent["ts"]))
    mine = world.ephemerals.get(user_id, ())
    replies += [m for m in mine if m["channel"] == found["id"] and m.get("thread_ts") == parent["ts"]]
    replies.sort(key=lambda message: float(message["ts"]))
    last_read = read_until(world, user_id, found["id"], parent["ts"])
    shown = [message_object(slack, message) for message in (parent, *replies)]
    return {"messages": shown, "last_read": last_read, "last_event": slack.feed.position}


async def mark(slack: Slack, user_id: str, body: Json) -> Json:
    """This person has read up to `ts`, in the channel or in the thread `thread_ts`. It never goes back."""
    world = slack.world
    found = world.channel_for(body.get("channel"), user_id)
    ts, thread_ts = _ts(body.get("ts"), "ts"), body.get("thread_ts")
    if thread_ts is not None:
        thread_ts = _ts(thread_ts, "thread_ts")
        if world.find_message(found["id"], thread_ts) is None:
            raise Refusal("thread_not_found")
    if float(ts) > float(read_until(world, user_id, found["id"], thread_ts)):
        world.reads.setdefault(user_id, {})[_place(found["id"], thread_ts)] = ts
        slack.feed.tell({"type": "read", "channel": found["id"], "thread_ts": thread_ts, "ts": ts}, only=user_id)
    return {}


def _ts(raw: Any, name: str) -> str:
    if not isinstance(raw, str) or not _TS.fullmatch(raw):
        raise Refusal("invalid_arguments", [f"[ERROR] must provide a message ts [json-pointer:/{name}]"])
    return raw
