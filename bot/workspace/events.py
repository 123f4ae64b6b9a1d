"""What the app hears: the event objects and the envelope around them (docs.slack.dev/apis/events-api)."""

import base64
import json
import secrets

from bot.workspace.core import Slack
from bot.workspace.objects import channel_type, message_object
from bot.workspace.shapes import Json
from bot.workspace.state import World
from bot.workspace.text import mentions

DEFAULT_SUBSCRIPTIONS = (
    "app_home_opened", "app_mention", "app_uninstalled", "member_joined_channel", "message.channels", "message.groups",
    "message.im", "tokens_revoked",
)  # fmt: skip
"""Without `events` in the seed's app. `file_shared` is left out: it has no thread, and `message` carries the files."""

_MESSAGE_SUBSCRIPTION = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
_SCOPE_PREFIX = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_BY_CHANNEL: dict[str, str] = {
    "message": "history", "channel_archive": "read", "channel_id_changed": "read", "channel_left": "read",
    "channel_rename": "read", "channel_shared": "read", "channel_unarchive": "read", "group_archive": "read",
    "group_left": "read", "group_rename": "read", "group_unarchive": "read", "member_joined_channel": "read",
    "member_left_channel": "read",
}  # fmt: skip
"""Events that need the `read` or `history` scope of their kind of conversation."""
_SCOPES = {
    "app_mention": "app_mentions:read",
    "file_shared": "files:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
_FAREWELLS = frozenset({"tokens_revoked", "app_uninstalled"})


def event_callback(world: World, event: Json, channel: Json | None) -> Json:
    """The envelope around an event; `event_id` is the app's key against doing the same thing twice."""
    shared = bool(channel and channel.get("shared_with"))
    author = event.get("user")
    team_id = world.user_team(author) if isinstance(author, str) and author in world.users else world.team["id"]
    context = {"aid": world.app["id"], "tid": team_id, "cid": (channel or {}).get("id", "")}
    return {
        "token": world.verification_token,
        "team_id": team_id,
        "context_team_id": world.team["id"],
        "context_enterprise_id": None,
        "api_app_id": world.app["id"],
        "event": event,
        "type": "event_callback",
        "event_id": "Ev0" + secrets.token_hex(6).upper(),
        "event_time": int(world.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": world.team["id"],
                "user_id": world.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": "4-" + base64.urlsafe_b64encode(json.dumps(context).encode()).decode(),
    }


def _permitted(world: World, name: str, channel: Json | None) -> bool:
    """Whether the app's scopes open this event to it; a seed without scopes grants all."""
    scopes = world.app.get("scopes")
    needed = _SCOPES.get(name)
    if name in _BY_CHANNEL and channel is not None:
        needed = f"{_SCOPE_PREFIX[channel_type(channel)]}:{_BY_CHANNEL[name]}"
    return not scopes or needed is None or needed in scopes


def _installed(world: World) -> bool:
    return any(owner["kind"] == "bot" and not owner.get("revoked") for owner in world.tokens.values())


def announce(slack: Slack, event: Json, channel: Json | None, *, member: bool = True) -> None:
    """Queues the event for the app, where it is installed, has subscribed to it, holds the scope, and its bot is in.

    `member=False`: also where the bot is not in the conversation, because it has just left.
    """
    world = slack.world
    name = event["type"]
    if not _permitted(world, name, channel) or not (name in _FAREWELLS or _installed(world)):
        return
    if channel is not None and name == "message":
        name = _MESSAGE_SUBSCRIPTION[channel_type(channel)]
    if name not in world.app.get("events", DEFAULT_SUBSCRIPTIONS):
        return
    if member and channel is not None and not world.is_member(channel, world.bot_user):
        return
    slack.hub.enqueue(event_callback(world, event, channel))


def announce_message(slack: Slack, channel: Json, message: Json) -> None:
    """A new message: `message` (subtype `file_share` with files), and `app_mention` where the bot is mentioned."""
    world = slack.world
    event = _message_event(slack, channel, message)
    announce(slack, event, channel)
    by_bot = message.get("user") == world.bot_user
    if not by_bot and not channel.get("is_im") and mentions(message["text"], world.bot_user):
        kept = (
            "user",
            "text",
            "ts",
            "team",
            "user_team",
            "source_team",
            "thread_ts",
            "blocks",
            "files",
            "channel",
            "event_ts",
        )
        announce(slack, {"type": "app_mention", **{key: event[key] for key in kept if key in event}}, channel)
    for file in event.get("files", ()):
        shared = {"type": "file_shared", "file_id": file["id"], "file": {"id": file["id"]}, "user_id": message["user"]}
        announce(slack, {**shared, "channel_id": channel["id"], "event_ts": message["ts"]}, channel)


def announce_change(slack: Slack, channel: Json, before: Json, after: Json | None, ts: str) -> None:
    """`message_changed`, or `message_deleted` where nothing came after; `ts` is the moment of the change."""
    event: Json = {
        "type": "message",
        "subtype": "message_changed" if after else "message_deleted",
        "hidden": True,
        "channel": channel["id"],
        "channel_type": channel_type(channel),
        "ts": ts,
        "event_ts": ts,
        "previous_message": message_object(slack, before),
    }
    if after is None:
        event["deleted_ts"] = before["ts"]
    else:
        event["message"] = message_object(slack, after)
    announce(slack, event, channel)


def _message_event(slack: Slack, channel: Json, message: Json) -> Json:
    event = {**message_object(slack, message, metadata=True), "channel": channel["id"]}
    event |= {"channel_type": channel_type(channel), "event_ts": message["ts"]}
    if "files" in event:
        event["subtype"] = "file_share"
        # Reported by several projects: a file_share event names no team, unlike a plain message.
        event.pop("team", None)
        if slack.faults.check_file_info and channel.get("shared_with"):
            event["files"] = [_reference(file["id"]) for file in event["files"]]
    return event


def _reference(file_id: str) -> Json:
    return {"id": file_id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
