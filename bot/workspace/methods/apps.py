"""auth.test, auth.revoke, api.test, apps.connections.open, team.info, bots.info."""

from bot.workspace import installation
from bot.workspace.core import Slack
from bot.workspace.methods.table import APP, Method, flag
from bot.workspace.shapes import Caller, Json, Refusal
from bot.workspace.state import World


async def auth_test(slack: Slack, caller: Caller, _arguments: Json) -> Json:
    """Who the token is."""
    world = slack.world
    if caller.kind == "app":
        return {"app_name": world.app["name"], "app_id": world.app["id"]}
    team = world.team_record(world.user_team(caller.user_id)) or world.team
    who: Json = {
        "url": slack.url + "/",
        "team": team["name"],
        "user": world.users[caller.user_id]["name"],
        "team_id": team["id"],
        "user_id": caller.user_id,
        "is_enterprise_install": False,
    }
    return {**who, "bot_id": world.bot_id} if caller.kind == "bot" else who


async def auth_revoke(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Revokes the token that calls; with the app's last one the app is uninstalled."""
    if caller.kind == "app":
        raise Refusal("not_bearer_token")
    if not flag(arguments.get("test")):
        installation.revoke(slack, caller)
    return {"revoked": not flag(arguments.get("test"))}


async def connections_open(slack: Slack, _caller: Caller, _arguments: Json) -> Json:
    """A WebSocket URL for one connection."""
    base = slack.url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={slack.sockets.ticket()}&app_id={slack.world.app['id']}"}


async def team_info(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """The installing team, or a partner's team by id."""
    world = slack.world
    team = world.team_record(arguments.get("team") or world.team["id"])
    if team is None:
        raise Refusal("team_not_found")
    icon: Json = {"image_default": True}
    return {"team": {**team, "url": slack.url + "/", "email_domain": "", "icon": icon}}


async def bots_info(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """The app's bot by its `B...` id; the only one here."""
    if not arguments.get("bot"):
        raise Refusal("missing_argument")
    if arguments.get("team_id") and arguments["team_id"] != slack.world.team["id"]:
        raise Refusal("team_not_found")
    if arguments["bot"] != slack.world.bot_id:
        raise Refusal("bot_not_found")
    return {"bot": _bot(slack.world)}


def _bot(world: World) -> Json:
    ids: Json = {"id": world.bot_id, "app_id": world.app["id"], "user_id": world.bot_user}
    return {**ids, "name": world.app["name"], "deleted": False, "updated": 0, "icons": {}}


async def api_test(_slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Echo."""
    if arguments.get("error"):
        raise Refusal(str(arguments["error"]))
    return {"args": arguments}


METHODS = {
    "auth.test": Method(auth_test, tokens=("bot", "user", "app"), json=True),
    "auth.revoke": Method(auth_revoke, tokens=("bot", "user", "app")),
    "api.test": Method(api_test, tokens=("bot", "user", "app"), json=True),
    "apps.connections.open": Method(connections_open, tokens=APP, json=True, post_only=True),
    "team.info": Method(team_info, scopes=("team:read",), json=True),
    "bots.info": Method(bots_info, scopes=("users:read",)),
}
