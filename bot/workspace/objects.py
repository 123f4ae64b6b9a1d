"""Users, conversations, files and messages as Slack's Web API shows them (docs.slack.dev/reference/objects)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.workspace.core import Slack
from bot.workspace.shapes import Json
from bot.workspace.state import World

DEFAULT_ZONE = "Europe/Berlin"


def user_object(world: World, user_id: str) -> Json:
    """A user. Slack has no single "external" flag: a partner's user has another `team_id` and carries `is_stranger`."""
    user = world.users[user_id]
    zone = str(user.get("tz") or DEFAULT_ZONE)
    team_id = world.user_team(user_id)
    real_name = user.get("real_name", user["name"])
    bot = bool(user.get("is_bot"))
    shown: Json = {
        "id": user_id,
        "team_id": team_id,
        "name": user["name"],
        "deleted": bool(user.get("deleted")),
        "color": "4a5568",
        "real_name": real_name,
        "tz": zone,
        "tz_label": zone,
        "tz_offset": _offset(world, zone),
        "profile": {
            "title": user.get("title", ""),
            "status_text": "",
            "status_emoji": "",
            "real_name": real_name,
            "real_name_normalized": real_name,
            "display_name": user.get("display_name", user["name"]),
            "display_name_normalized": user.get("display_name", user["name"]),
            "team": team_id,
            **({"bot_id": world.bot_id, "api_app_id": world.app["id"]} if bot else {"email": email_of(world, user_id)}),
        },
        "is_admin": bool(user.get("is_admin")),
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": bool(user.get("is_restricted")),
        "is_ultra_restricted": False,
        "is_bot": bot,
        "is_app_user": False,
        "updated": 0,
    }
    if world.is_foreign(user_id):
        shown["is_stranger"] = _is_stranger(world, user_id)
    return shown


def _is_stranger(world: World, user_id: str) -> bool:
    """Of another team and in no channel that the app is in (docs.slack.dev/reference/objects/user-object)."""
    together = {user_id, world.bot_user}
    return not any(together <= set(c["members"]) for c in world.channels.values() if not c.get("is_im"))


def email_of(world: World, user_id: str) -> str:
    """The seed's address, or one under the reserved `.example` (RFC 2606)."""
    user = world.users[user_id]
    team = world.team_record(world.user_team(user_id)) or world.team
    return str(user.get("email") or f"{user['name']}@{team.get('domain', 'workspace')}.example")


def _offset(world: World, zone: str) -> int:
    try:
        offset = datetime.fromtimestamp(world.clock(), UTC).astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    return int(offset.total_seconds()) if offset else 0


def channel_type(channel: Json) -> str:
    """The `channel_type` of events: `im`, `mpim`, `group` or `channel`."""
    if channel.get("is_im"):
        return "im"
    if channel.get("is_mpim"):
        return "mpim"
    return "group" if channel.get("is_private") else "channel"


def conversation(world: World, channel: Json, viewer: str) -> Json:
    """A conversation as this user sees it."""
    shared = [team for team in channel.get("shared_with", ()) if team != world.team["id"]]
    base: Json = {
        "id": channel["id"],
        "created": channel["created"],
        "is_archived": bool(channel.get("is_archived")),
        "is_im": bool(channel.get("is_im")),
        "is_org_shared": False,
        "context_team_id": world.team["id"],
        "updated": channel["created"] * 1000,
    }
    if channel.get("is_im"):
        other = next((member for member in channel["members"] if member != viewer), viewer)
        return {**base, "user": other, "is_user_deleted": False, "priority": 0}
    topic = {"value": channel.get("topic", ""), "creator": "", "last_set": 0}
    return {
        **base,
        "name": channel["name"],
        "name_normalized": channel["name"],
        "is_channel": not channel.get("is_private"),
        "is_group": channel_type(channel) == "group",
        "is_mpim": bool(channel.get("is_mpim")),
        "is_private": bool(channel.get("is_private")),
        "is_general": bool(channel.get("is_general")),
        "is_frozen": False,
        "parent_conversation": None,
        "is_member": world.is_member(channel, viewer),
        "is_shared": bool(shared),
        "is_ext_shared": bool(shared),
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [world.team["id"], *shared],
        "connected_team_ids": shared,
        "unlinked": 0,
        "creator": channel.get("creator", ""),
        "topic": topic,
        "purpose": {**topic, "value": channel.get("purpose", "")},
        "previous_names": list(channel.get("previous_names", ())),
        "num_members": len(channel["members"]),
    }


def file_object(slack: Slack, file: Json) -> Json:
    """A file. `mimetype` and `filetype` say no more than Slack knows: text or not; they are not to be trusted."""
    url = f"{slack.url}/files/{slack.world.team['id']}-{file['id']}"
    title, name = file["title"], file["name"]
    text = bool(file["is_text"])
    channels = sorted({place["channel"] for place in file["shares"]})
    public = _public_shares(slack.world, file)
    shown: Json = {
        "id": file["id"],
        "created": file["created"],
        "timestamp": file["created"],
        "name": name,
        "title": title,
        "mimetype": file["mimetype"],
        "filetype": file["filetype"],
        "pretty_type": file["pretty_type"],
        "user": file["user"],
        "user_team": slack.world.user_team(file["user"]),
        "editable": text,
        "size": file["size"],
        "mode": "snippet" if text else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": bool(channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{url}/{file['url_name']}",
        "url_private_download": f"{url}/download/{file['url_name']}",
        "permalink": f"{slack.url}/#file/{file['id']}",
        "permalink_public": f"{slack.url}/#file/{file['id']}",
        "comments_count": 0,
        "is_starred": False,
        "shares": {"public": public} if public else {},
        "channels": channels,
        "groups": [],
        "ims": [],
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if file.get("alt_txt"):
        shown["alt_txt"] = file["alt_txt"]
    return shown


def _public_shares(world: World, file: Json) -> dict[str, list[Json]]:
    """Where the file was shared, by channel."""
    public: dict[str, list[Json]] = {}
    for place in file["shares"]:
        share: Json = {"ts": place["ts"], "team_id": world.team["id"]}
        share["channel_name"] = world.channels[place["channel"]].get("name", "")
        if place.get("thread_ts"):
            share["thread_ts"] = place["thread_ts"]
        public.setdefault(place["channel"], []).append(share)
    return public


def message_object(slack: Slack, message: Json, *, metadata: bool = False) -> Json:
    """A stored message as the history shows it: files in full, `metadata` only when asked for."""
    shown = {key: value for key, value in message.items() if key not in {"files", "metadata", "channel"}}
    if message.get("files"):
        known = (slack.world.files.get(file_id) for file_id in message["files"])
        shown["files"] = [file_object(slack, file) if file else {"id": "", "mode": "tombstone"} for file in known]
        shown["upload"] = False
    if metadata and message.get("metadata"):
        shown["metadata"] = message["metadata"]
    return shown
