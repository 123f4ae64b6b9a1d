"""views.open, push, update, publish."""

from bot.workspace import blocks, views
from bot.workspace.core import Slack
from bot.workspace.methods.table import BOT, Method
from bot.workspace.shapes import Caller, Json, Refusal


def _trigger(slack: Slack, arguments: Json) -> tuple[str, str | None]:
    trigger_id = arguments.get("trigger_id") or arguments.get("interactivity_pointer")
    if not trigger_id:
        raise Refusal("invalid_arguments", ["[ERROR] missing required field: trigger_id"])
    return slack.triggers.spend(trigger_id)


async def open_modal(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Opens a modal for whoever caused the trigger."""
    view = blocks.view(arguments["view"], ("modal",))
    user_id, _ = _trigger(slack, arguments)
    return {"view": views.shown(views.open_view(slack, user_id, view))}


async def push(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Puts a modal on top of the one that caused the trigger."""
    view = blocks.view(arguments["view"], ("modal",))
    user_id, view_id = _trigger(slack, arguments)
    if view_id is None or not any(known["id"] == view_id for known in slack.world.views.get(user_id, ())):
        raise Refusal("not_found")
    return {"view": views.shown(views.push_view(slack, user_id, view))}


async def update(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Changes an open view."""
    if not arguments.get("view_id") and not arguments.get("external_id"):
        raise Refusal("invalid_arguments", ["[ERROR] missing required field: view_id or external_id"])
    user_id, known = views.find(slack, arguments.get("view_id"), arguments.get("external_id"))
    kind = "home" if known["type"] == "home" else "modal"
    view = blocks.view(arguments["view"], ("home",) if kind == "home" else ("modal",))
    views.check_hash(known, arguments.get("hash"))
    return {"view": views.shown(views.replace_view(slack, user_id, known, view))}


async def publish(slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Shows a user's App Home."""
    world = slack.world
    user_id = arguments["user_id"]
    if user_id not in world.users:
        raise Refusal("invalid_arguments", ["[ERROR] user not found [json-pointer:/user_id]"])
    if world.app.get("home_tab") is False:
        raise Refusal("not_enabled")
    view = blocks.view(arguments["view"], ("home",))
    return {"view": views.shown(views.publish_home(slack, user_id, view, arguments.get("hash")))}


METHODS = {
    "views.open": Method(open_modal, ("view",), tokens=BOT, json=True),
    "views.push": Method(push, ("view",), tokens=BOT, json=True),
    "views.update": Method(update, ("view",), tokens=BOT, json=True),
    "views.publish": Method(publish, ("user_id", "view"), tokens=BOT, json=True),
}
