"""Posting, changing and deleting messages: the history, the page's feed and the app's events move together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.workspace import pictures
from bot.workspace.core import Slack
from bot.workspace.events import announce_change, announce_message
from bot.workspace.objects import message_object
from bot.workspace.shapes import Json, Refusal
from bot.workspace.text import resolve_handles, store

KEPT_EPHEMERALS = 100
"""Of one person. Slack's own are gone with the next reload; all of these go to the disk with each that comes."""


@dataclass(frozen=True)
class Draft:
    """A message that is to be posted. `text` is as its author wrote it; blocks are already checked."""

    author: str
    text: str = ""
    blocks: Sequence[Json] | None = None
    attachments: Sequence[Json] | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    files: Sequence[str] = field(default=())


def post(slack: Slack, channel: Json, draft: Draft) -> Json:
    """Posts the message and returns it as stored."""
    world = slack.world
    pictures.check(slack, draft.author, draft.blocks)
    message = _compose(slack, draft)
    parent = _parent(slack, channel, draft.thread_ts)
    if parent is not None:
        message["thread_ts"] = parent["ts"]
        message["parent_user_id"] = parent["user"]
        if draft.broadcast:
            message["subtype"] = "thread_broadcast"
    if draft.metadata is not None:
        message["metadata"] = draft.metadata
    for file_id in draft.files:
        place = {"channel": channel["id"], "ts": message["ts"], "thread_ts": message.get("thread_ts")}
        world.files[file_id]["shares"].append(place)
        world.touch(("files", file_id))
    pictures.share(slack, channel, message)
    world.messages.setdefault(channel["id"], []).append(message)
    _tell(slack, "message", channel, message)
    if parent is not None:
        _count_reply(parent, message)
        _tell(slack, "message_changed", channel, parent)
    announce_message(slack, channel, message)
    return message


def post_ephemeral(slack: Slack, channel: Json, user_id: str, draft: Draft) -> Json:
    """Shows a message to one user only; it never enters the history."""
    message = {**_compose(slack, draft), "channel": channel["id"], "is_ephemeral": True}
    if draft.thread_ts:
        message["thread_ts"] = draft.thread_ts
    shown = slack.world.ephemerals.setdefault(user_id, [])
    shown.append(message)
    del shown[:-KEPT_EPHEMERALS]
    _tell(slack, "ephemeral", channel, message, only=user_id)
    return message


def change(slack: Slack, channel: Json, message: Json, changes: Json, editor: str) -> Json:
    """Changes text, blocks, attachments or metadata in place; unnamed parts stay as they were."""
    pictures.check(slack, editor, changes.get("blocks"))
    before = dict(message)
    ts = slack.world.next_ts()
    if "text" in changes:
        changes = {**changes, "text": store(changes["text"])}
    message.update(changes)
    message["edited"] = {"user": editor, "ts": ts}
    if message.get("is_ephemeral"):
        slack.world.touch(("ephemerals",))
        return message
    pictures.share(slack, channel, message)
    _tell(slack, "message_changed", channel, message)
    announce_change(slack, channel, before, message, ts)
    return message


def delete(slack: Slack, channel: Json, message: Json) -> None:
    """Takes the message out of the history."""
    history = slack.world.messages[channel["id"]]
    history[:] = [other for other in history if other is not message]
    parent = slack.world.find_message(channel["id"], message.get("thread_ts"))
    _tell(slack, "message_deleted", channel, message)
    if parent is not None and parent is not message:
        replies = list(slack.world.replies(channel["id"], parent["ts"]))
        parent["reply_count"] = len(replies)
        parent["reply_users"] = list(dict.fromkeys(reply["user"] for reply in replies))
        _tell(slack, "message_changed", channel, parent)
    announce_change(slack, channel, message, None, slack.world.next_ts())


def drop_ephemeral(slack: Slack, user_id: str, message: Json) -> None:
    """Takes an ephemeral message away from its one reader."""
    shown = slack.world.ephemerals.get(user_id, [])
    shown[:] = [other for other in shown if other is not message]
    event = {"type": "message_deleted", "channel": message["channel"], "thread_ts": message.get("thread_ts")}
    slack.feed.tell({**event, "ts": message["ts"], "message": message_object(slack, message)}, only=user_id)


def show_changed_ephemeral(slack: Slack, user_id: str, message: Json) -> None:
    """Tells the one reader that an ephemeral message now reads differently."""
    channel = slack.world.channels[message["channel"]]
    _tell(slack, "message_changed", channel, message, only=user_id)


def _compose(slack: Slack, draft: Draft) -> Json:
    world = slack.world
    by_bot = draft.author == world.bot_user
    text = draft.text
    if not by_bot:
        text = resolve_handles(text, {user["name"].lower(): user_id for user_id, user in world.users.items()})
    message: Json = {"type": "message", "user": draft.author, "ts": world.next_ts(), "text": store(text)}
    message["team"] = world.user_team(draft.author)
    if world.is_foreign(draft.author):
        message |= {"user_team": message["team"], "source_team": message["team"]}
    if by_bot:
        message |= {"bot_id": world.bot_id, "app_id": world.app["id"], "bot_profile": bot_profile(slack)}
    if draft.blocks:
        message["blocks"] = list(draft.blocks)
    if draft.attachments:
        message["attachments"] = list(draft.attachments)
    if draft.files:
        message["files"] = list(draft.files)
    return message


def bot_profile(slack: Slack) -> Json:
    """The short description of the app that its messages carry."""
    world = slack.world
    profile: Json = {"id": world.bot_id, "app_id": world.app["id"], "user_id": world.bot_user}
    return {**profile, "name": world.app["name"], "deleted": False, "updated": 0, "team_id": world.team["id"]}


def _parent(slack: Slack, channel: Json, thread_ts: Any) -> Json | None:
    if not thread_ts:
        return None
    parent = slack.world.find_message(channel["id"], thread_ts)
    if parent is not None and parent.get("thread_ts") not in {None, parent["ts"]}:
        parent = slack.world.find_message(channel["id"], parent["thread_ts"])
    if parent is None:
        raise Refusal("cannot_reply_to_message")
    return parent


def _count_reply(parent: Json, reply: Json) -> None:
    users = parent.setdefault("reply_users", [])
    if reply["user"] not in users:
        users.append(reply["user"])
    parent["thread_ts"] = parent["ts"]
    parent["reply_count"] = parent.get("reply_count", 0) + 1
    parent["reply_users_count"] = len(users)
    parent["latest_reply"] = reply["ts"]


def _tell(slack: Slack, kind: str, channel: Json, message: Json, only: str | None = None) -> None:
    event: Json = {"type": kind, "channel": channel["id"], "thread_ts": message.get("thread_ts"), "ts": message["ts"]}
    slack.feed.tell({**event, "message": message_object(slack, message)}, only)
