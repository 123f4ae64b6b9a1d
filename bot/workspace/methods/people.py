"""users.*, usergroups.users.list."""

from bot.workspace.core import Slack
from bot.workspace.methods.table import Method, page
from bot.workspace.objects import email_of, user_object
from bot.workspace.shapes import Caller, Json, Refusal


async def info(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """One user."""
    if arguments["user"] not in slack.world.users:
        raise Refusal("user_not_found")
    return {"user": user_object(slack.world, arguments["user"])}


async def listing(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Everybody, partners' users included, as in a workspace with shared channels."""
    some, meta = page([user_object(slack.world, user_id) for user_id in slack.world.users], arguments)
    return {"members": some, "cache_ts": int(slack.world.clock()), "response_metadata": meta}


async def lookup(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """The user with this e-mail address."""
    for user_id, user in slack.world.users.items():
        if not user.get("is_bot") and email_of(slack.world, user_id) == arguments["email"]:
            return {"user": user_object(slack.world, user_id)}
    raise Refusal("users_not_found")


async def group_users(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Members of a user group."""
    group = slack.world.usergroups.get(arguments["usergroup"])
    if group is None:
        raise Refusal("no_such_subteam")
    return {"users": list(group["users"])}


METHODS = {
    "users.info": Method(info, ("user",), ("users:read",)),
    "users.list": Method(listing, (), ("users:read",)),
    "users.lookupByEmail": Method(lookup, ("email",), ("users:read.email",)),
    "usergroups.users.list": Method(group_users, ("usergroup",), ("usergroups:read",)),
}
