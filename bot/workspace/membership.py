"""What happens to channels: who comes and goes, names, archiving, sharing. The page and the app are told of each."""

from bot.workspace.core import Slack
from bot.workspace.events import announce
from bot.workspace.objects import channel_type
from bot.workspace.shapes import Json

_EVENT_KIND = {"channel": "C", "group": "G", "mpim": "G"}


def _show(slack: Slack, channel: Json) -> None:
    slack.world.touch()
    slack.feed.tell({"type": "channel", "channel": channel["id"]})


def add(slack: Slack, channel: Json, user_id: str, inviter: str | None) -> None:
    """Lets the user in."""
    channel["members"].append(user_id)
    _show(slack, channel)
    event = _membership_event(slack, "member_joined_channel", channel, user_id)
    announce(slack, {**event, **({"inviter": inviter} if inviter else {})}, channel)


def remove(slack: Slack, channel: Json, user_id: str) -> None:
    """Takes the user out. Of its own leaving the app hears as `channel_left`, or `group_left`."""
    channel["members"].remove(user_id)
    _show(slack, channel)
    if user_id == slack.world.bot_user:
        left = {"type": "channel_left" if channel_type(channel) == "channel" else "group_left"}
        announce(slack, {**left, "channel": channel["id"], "event_ts": slack.world.next_ts()}, channel, member=False)
    announce(slack, _membership_event(slack, "member_left_channel", channel, user_id), channel)


def _membership_event(slack: Slack, kind: str, channel: Json, user_id: str) -> Json:
    event: Json = {"type": kind, "user": user_id, "channel": channel["id"]}
    event["channel_type"] = _EVENT_KIND[channel_type(channel)]
    return {**event, "team": slack.world.user_team(user_id), "event_ts": slack.world.next_ts()}


def rename(slack: Slack, channel: Json, name: str) -> None:
    """Gives the channel another name and keeps the old one as a previous name."""
    channel["previous_names"] = [channel["name"], *channel.get("previous_names", ())]
    channel["name"] = name
    _show(slack, channel)
    described = {"id": channel["id"], "name": name, "created": channel["created"]}
    kind = "channel_rename" if channel_type(channel) == "channel" else "group_rename"
    announce(slack, {"type": kind, "channel": described, "event_ts": slack.world.next_ts()}, channel)


def archive(slack: Slack, channel: Json, user_id: str, *, archived: bool) -> None:
    """Archives the channel, or takes it back into use."""
    channel["is_archived"] = archived
    _show(slack, channel)
    prefix = "channel" if channel_type(channel) == "channel" else "group"
    kind = f"{prefix}_{'archive' if archived else 'unarchive'}"
    event = {"type": kind, "channel": channel["id"], "user": user_id, "event_ts": slack.world.next_ts()}
    announce(slack, event, channel)


def share(slack: Slack, channel: Json, team_id: str, guest: str, inviter: str) -> None:
    """Shares the channel with a partner's team and lets its first user in.

    A private channel gets another id for ever (docs.slack.dev/reference/events/channel_id_changed).
    """
    world = slack.world
    channel.setdefault("shared_with", [])
    if channel["id"].startswith("G"):
        old, new = channel["id"], "C" + channel["id"][1:]
        channel["id"] = new
        world.channels[new] = world.channels.pop(old)
        world.messages[new] = world.messages.pop(old, [])
        _move_references(slack, old, new)
        event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
        announce(slack, {**event, "event_ts": world.next_ts()}, channel)
    if team_id not in channel["shared_with"]:
        channel["shared_with"].append(team_id)
        _show(slack, channel)
        shared: Json = {"type": "channel_shared", "connected_team_id": team_id, "channel": channel["id"]}
        announce(slack, {**shared, "event_ts": world.next_ts()}, channel)
    if not world.is_member(channel, guest):
        add(slack, channel, guest, inviter)


def _move_references(slack: Slack, old: str, new: str) -> None:
    world = slack.world
    places = [place for file in world.files.values() for place in file["shares"]]
    places += [message for shown in world.ephemerals.values() for message in shown]
    places += [*world.responses.values(), *world.scheduled.values()]
    for place in places:
        if place.get("channel") == old:
            place["channel"] = new


def group_message(slack: Slack, users: set[str]) -> Json:
    """The group direct message of exactly these users; made when there is none yet."""
    world = slack.world
    for channel in world.channels.values():
        if channel.get("is_mpim") and set(channel["members"]) == users:
            return channel
    members = sorted(users, key=lambda user_id: str(world.users[user_id]["name"]))
    name = "mpdm-" + "--".join(str(world.users[user_id]["name"]) for user_id in members) + "-1"
    channel = {"id": world.new_id("G"), "name": name, "is_mpim": True, "is_private": True, "members": members}
    channel["created"] = int(world.clock())
    world.channels[channel["id"]] = channel
    _show(slack, channel)
    return channel
