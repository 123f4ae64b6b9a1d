"""conversations.*, the other half: opening, joining, leaving, renaming, archiving and sharing channels."""

from bot.workspace import membership
from bot.workspace.core import Slack
from bot.workspace.methods.table import Method, flag
from bot.workspace.methods.visible import may_know, share_a_channel
from bot.workspace.objects import channel_type, conversation
from bot.workspace.shapes import Caller, Json, Refusal

MAX_DIRECT = 8  # conversations.open, too_many_users
MAX_CHANNEL_NAME = 80  # docs.slack.dev/reference/methods/conversations.rename
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_MANAGE = ("channels:manage", "groups:write", "im:write", "mpim:write")


async def open_direct(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """The direct message with one user, or the group message with up to eight."""
    world = slack.world
    if arguments.get("channel"):
        channel = world.channel_for(arguments["channel"], caller.user_id)
        if channel_type(channel) not in {"im", "mpim"}:
            raise Refusal("method_not_supported_for_channel_type")
    else:
        channel = _direct(slack, caller, arguments)
    if flag(arguments.get("return_im")):
        return {"channel": conversation(world, channel, caller.user_id)}
    return {"channel": {"id": channel["id"]}}


def _direct(slack: Slack, caller: Caller, arguments: Json) -> Json:
    world = slack.world
    users = list(dict.fromkeys(user for user in str(arguments.get("users") or "").split(",") if user))
    if not users:
        raise Refusal("users_list_not_supplied")
    if len(users) > MAX_DIRECT:
        raise Refusal("too_many_users")
    for user_id in users:
        if user_id not in world.users:
            raise Refusal("user_not_found")
        if not may_know(world, caller.user_id, user_id):
            raise Refusal("user_not_visible")
        if world.users[user_id].get("deleted"):
            raise Refusal("user_disabled")
    everybody = {caller.user_id, *users}
    strange = len({world.user_team(user_id) for user_id in everybody}) > 1
    if strange and not share_a_channel(world, everybody):
        raise Refusal("invalid_user_combination")
    if len(everybody) <= 2:
        return world.direct_message(caller.user_id, users[0])
    return membership.group_message(slack, everybody)


async def join(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Joins a public channel."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    if channel_type(channel) != "channel":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    answer: Json = {}
    if slack.world.is_member(channel, caller.user_id):
        answer["warning"] = "already_in_channel"
        answer["response_metadata"] = {"warnings": ["already_in_channel"]}
    else:
        membership.add(slack, channel, caller.user_id, None)
    return {"channel": conversation(slack.world, channel, caller.user_id), **answer}


def _managed(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """The channel, where the caller is in it and it is no direct message."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    if channel_type(channel) in {"im", "mpim"}:
        raise Refusal("method_not_supported_for_channel_type")
    if not slack.world.is_member(channel, caller.user_id):
        raise Refusal("not_in_channel")
    return channel


async def invite(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Brings users into a channel."""
    channel = _managed(slack, caller, arguments)
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    for user_id in str(arguments["users"]).split(","):
        if user_id not in slack.world.users:
            raise Refusal("user_not_found")
        if slack.world.is_member(channel, user_id):
            raise Refusal("already_in_channel")
        membership.add(slack, channel, user_id, caller.user_id)
    return {"channel": conversation(slack.world, channel, caller.user_id)}


async def kick(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Takes a user out of a channel."""
    channel = _managed(slack, caller, arguments)
    if not slack.world.is_member(channel, arguments["user"]):
        raise Refusal("not_in_channel")
    membership.remove(slack, channel, arguments["user"])
    return {}


async def leave(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Leaves a channel."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    if channel.get("is_im"):
        raise Refusal("method_not_supported_for_channel_type")
    if not slack.world.is_member(channel, caller.user_id):
        return {"not_in_channel": True}
    if channel.get("is_general"):
        raise Refusal("cant_leave_general")
    membership.remove(slack, channel, caller.user_id)
    return {}


async def rename(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Gives a channel another name."""
    channel = _managed(slack, caller, arguments)
    name = str(arguments["name"])
    if not 0 < len(name) <= MAX_CHANNEL_NAME or not set(name) <= _NAME_CHARACTERS:
        raise Refusal("invalid_name_specials")
    if any(other.get("name") == name for other in slack.world.channels.values() if other is not channel):
        raise Refusal("name_taken")
    membership.rename(slack, channel, name)
    return {"channel": conversation(slack.world, channel, caller.user_id)}


async def archive(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Archives a channel: it can be read, and nothing can be said in it."""
    channel = _managed(slack, caller, arguments)
    if channel.get("is_archived"):
        raise Refusal("already_archived")
    membership.archive(slack, channel, caller.user_id, archived=True)
    return {}


async def unarchive(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Takes a channel back into use."""
    channel = _managed(slack, caller, arguments)
    if not channel.get("is_archived"):
        raise Refusal("not_archived")
    membership.archive(slack, channel, caller.user_id, archived=False)
    return {}


async def invite_shared(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Shares a channel with the team of a partner's user. The local partner accepts at once.

    On Slack somebody of the other team accepts; that person's steps are not the app's and are left out here.
    """
    channel = _managed(slack, caller, arguments)
    user_id = str(arguments.get("user_ids") or "").strip('[]" ')
    if user_id not in slack.world.users or not slack.world.is_foreign(user_id):
        raise Refusal("user_not_found")
    membership.share(slack, channel, slack.world.user_team(user_id), user_id, caller.user_id)
    return {"invite_id": slack.world.new_id("I"), "is_legacy_shared_channel": False}


METHODS = {
    "conversations.open": Method(open_direct, (), _MANAGE, json=True),
    "conversations.join": Method(join, ("channel",), ("channels:join",), json=True),
    "conversations.invite": Method(
        invite, ("channel", "users"), ("channels:manage", "channels:write.invites"), json=True
    ),
    "conversations.kick": Method(kick, ("channel", "user"), ("channels:manage", "groups:write"), json=True),
    "conversations.leave": Method(leave, ("channel",), _MANAGE, json=True),
    "conversations.rename": Method(rename, ("channel", "name"), ("channels:manage", "groups:write"), json=True),
    "conversations.archive": Method(archive, ("channel",), ("channels:manage", "groups:write"), json=True),
    "conversations.unarchive": Method(unarchive, ("channel",), ("channels:manage", "groups:write"), json=True),
    "conversations.inviteShared": Method(invite_shared, ("channel",), ("conversations.connect:write",), json=True),
}
