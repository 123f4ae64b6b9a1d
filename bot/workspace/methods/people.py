"""users.*, usergroups.*."""

from bot.workspace import rules
from bot.workspace.core import Slack
from bot.workspace.methods.table import Method, flag, page
from bot.workspace.methods.visible import may_know
from bot.workspace.objects import email_of, user_object
from bot.workspace.shapes import Caller, Json, Refusal


async def info(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """One user."""
    if arguments["user"] not in slack.world.users:
        raise Refusal("user_not_found")
    if not may_know(slack.world, caller.user_id, arguments["user"]):
        raise Refusal("user_not_visible")
    return {"user": user_object(slack.world, arguments["user"])}


async def listing(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Everybody whom the caller may know, partners' users included, as in a workspace with shared channels."""
    known = [user_id for user_id in slack.world.users if may_know(slack.world, caller.user_id, user_id)]
    some, meta = page([user_object(slack.world, user_id) for user_id in known], arguments)
    return {"members": some, "cache_ts": int(slack.world.clock()), "response_metadata": meta}


async def lookup(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """The user with this e-mail address."""
    for user_id, user in slack.world.users.items():
        if not user.get("is_bot") and email_of(slack.world, user_id) == arguments["email"]:
            return {"user": user_object(slack.world, user_id)}
    raise Refusal("users_not_found")


async def groups(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """All user groups."""
    world = slack.world
    rules.check_paid(world)
    if arguments.get("team_id") and arguments["team_id"] != world.team["id"]:
        raise Refusal("invalid_team")
    found: list[Json] = []
    for group in world.usergroups.values():
        shown: Json = {"id": group["id"], "team_id": world.team["id"], "is_usergroup": True, "is_subteam": True}
        shown |= {"name": group["name"], "handle": group.get("handle", group["name"]), "is_external": False}
        shown |= {"description": group.get("description", ""), "date_create": 0, "date_update": 0, "date_delete": 0}
        shown |= {"auto_type": None, "created_by": "", "updated_by": "", "deleted_by": None}
        shown["prefs"] = {"channels": [], "groups": []}
        if flag(arguments.get("include_count")):
            shown["user_count"] = len(group["users"])
        if flag(arguments.get("include_users")):
            shown["users"] = list(group["users"])
        found.append(shown)
    return {"usergroups": found}


async def group_users(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Members of a user group."""
    rules.check_paid(slack.world)
    group = slack.world.usergroups.get(arguments["usergroup"])
    if group is None:
        raise Refusal("no_such_subteam")
    return {"users": list(group["users"])}


METHODS = {
    "users.info": Method(info, ("user",), ("users:read",)),
    "users.list": Method(listing, (), ("users:read",)),
    "users.lookupByEmail": Method(lookup, ("email",), ("users:read.email",)),
    "usergroups.list": Method(groups, (), ("usergroups:read",)),
    "usergroups.users.list": Method(group_users, ("usergroup",), ("usergroups:read",)),
}
