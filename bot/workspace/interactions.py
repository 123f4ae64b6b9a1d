"""What a person does to the app: commands, shortcuts, buttons, modals. Each is sent and waits to be acknowledged."""

from typing import Any

from bot.workspace import blocks, inputs, payloads, responses, views
from bot.workspace.core import Slack
from bot.workspace.elements import PRESSED
from bot.workspace.events import announce
from bot.workspace.shapes import Json, Refusal
from bot.workspace.transport import Kind, NoApp, NotAcknowledged


async def _ask(slack: Slack, kind: Kind, payload: Json) -> Json | None:
    try:
        return await slack.hub.ask(kind, payload, answerable=True)
    except NoApp:
        raise Refusal("dispatch_failed") from None
    except NotAcknowledged as failure:
        raise Refusal(failure.shown) from None


async def command(slack: Slack, user_id: str, body: Json) -> Json:
    """A slash command. Slack has none in threads, and none for users of a partner's team."""
    world = slack.world
    if "thread_ts" in body:
        raise Refusal("not_allowed", ["Slash commands cannot be used in threads."])
    if world.is_foreign(user_id):
        raise Refusal("not_allowed", ["Only users of the app's own workspace have its commands."])
    channel = member_channel(slack, user_id, body)
    name, text = body.get("command"), body.get("text", "")
    if not isinstance(text, str) or name not in [known["command"] for known in world.app["commands"]]:
        raise Refusal("invalid_command")
    payload = payloads.command(slack, user_id, channel, str(name), text.strip())
    response = await _ask(slack, "slash_commands", payload)
    if response and (response.get("text") or response.get("blocks")):
        # The acknowledgement may be the answer; Slack shows it to the user only, unless it says in_channel.
        responses.respond(slack, {"channel": channel["id"], "user": user_id}, response)
    return {"response": response}


def member_channel(slack: Slack, user_id: str, body: Json) -> Json:
    """The conversation named in the request, where the user is in it."""
    channel = slack.world.channel_for(body.get("channel"), user_id)
    if not slack.world.is_member(channel, user_id):
        raise Refusal("not_in_channel")
    return channel


async def shortcut(slack: Slack, user_id: str, body: Json) -> Json:
    """A message shortcut, or a global one where no message is named."""
    wanted = "message" if body.get("message_ts") else "global"
    known = [s["callback_id"] for s in slack.world.app["shortcuts"] if s.get("type", "message") == wanted]
    if body.get("callback_id") not in known:
        raise Refusal("invalid_shortcut")
    if slack.world.is_foreign(user_id):
        raise Refusal("not_allowed", ["Only users of the app's own workspace have its shortcuts."])
    callback_id = str(body["callback_id"])
    if wanted == "global":
        await _ask(slack, "interactive", payloads.global_shortcut(slack, user_id, callback_id))
        return {}
    channel = member_channel(slack, user_id, body)
    message = slack.world.find_message(channel["id"], body["message_ts"])
    if message is None:
        raise Refusal("message_not_found")
    await _ask(slack, "interactive", payloads.message_action(slack, user_id, channel, message, callback_id))
    return {}


def _place(slack: Slack, user_id: str, body: Json) -> tuple[str, Json, Json | None]:
    """Where an element is: (key of its inputs, message or view, conversation or None)."""
    if body.get("view_id"):
        owner, view = views.find(slack, body["view_id"])
        if owner != user_id:
            raise Refusal("not_found")
        return view["id"], view, None
    channel = member_channel(slack, user_id, body)
    ts = body.get("message_ts")
    message = slack.world.find_message(channel["id"], ts) or slack.world.find_ephemeral(user_id, channel["id"], ts)
    if message is None:
        raise Refusal("message_not_found")
    return f"{channel['id']}:{ts}", message, channel


async def action(slack: Slack, user_id: str, body: Json) -> Json:
    """A press or a choice. What is not on the stored message or view (a stale page) is refused."""
    key, place, channel = _place(slack, user_id, body)
    element = inputs.find_element(place.get("blocks", []), body.get("block_id"), body.get("action_id"))
    if element is None:
        raise Refusal("action_not_found")
    if channel is None and body.get("values") is not None:
        slack.world.inputs[key] = inputs.read_values(slack, user_id, place["blocks"], body["values"])
    value: Json = {}
    if element["type"] == "feedback_buttons":
        value = inputs.chosen_feedback(element, body.get("value"))
    elif element["type"] not in PRESSED:
        value = inputs.read_value(slack, user_id, element, body)
        if element["type"] != "overflow":
            entered = slack.world.inputs.setdefault(key, {}).setdefault(body["block_id"], {})
            entered[body["action_id"]] = value
    slack.world.touch(("inputs",))
    one = payloads.action(slack, element, body["block_id"], value)
    if channel is None:
        payload = payloads.view_actions(slack, user_id, place, one)
    else:
        payload = payloads.message_actions(slack, user_id, channel, place, one)
    await _ask(slack, "interactive", payload)
    return {}


async def suggestion(slack: Slack, user_id: str, body: Json) -> Json:
    """Options for an external select."""
    _, place, channel = _place(slack, user_id, body)
    element = inputs.find_element(place.get("blocks", []), body.get("block_id"), body.get("action_id"))
    if element is None or "external" not in element["type"]:
        raise Refusal("action_not_found")
    if channel is None:
        where: Json = {"view": payloads.with_state(slack, place), "container": {"type": "view", "view_id": place["id"]}}
    else:
        where = {"channel": {"id": channel["id"], "name": payloads.channel_name(channel)}}
        where["container"] = {"type": "message", "message_ts": place["ts"], "channel_id": channel["id"]}
    ids = (str(body["block_id"]), str(body["action_id"]))
    payload = payloads.block_suggestion(slack, user_id, where, *ids, str(body.get("value") or ""))
    response = await _ask(slack, "interactive", payload) or {}
    return {"options": response.get("options", []), "option_groups": response.get("option_groups")}


def _top_view(slack: Slack, user_id: str, body: Json) -> Json:
    view = next((v for v in slack.world.views.get(user_id, ()) if v["id"] == body.get("view_id")), None)
    if view is None:
        raise Refusal("not_found")
    return view


async def submit(slack: Slack, user_id: str, body: Json) -> Json:
    """Submits a modal: required inputs first, as Slack's client checks them, then the app, then what it answers."""
    view = _top_view(slack, user_id, body)
    values = inputs.read_values(slack, user_id, view["blocks"], body.get("values"))
    complaints = inputs.missing(view["blocks"], values)
    if complaints:
        raise Refusal("missing_required", errors=complaints)
    slack.world.inputs[view["id"]] = values
    slack.world.touch(("inputs",))
    response = await _ask(slack, "interactive", payloads.view_submission(slack, user_id, view, values)) or {}
    return _follow(slack, user_id, view, response)


def _follow(slack: Slack, user_id: str, view: Json, response: Json) -> Json:
    """Does what the acknowledgement says (docs.slack.dev/surfaces/modals, "response_action")."""
    what = response.get("response_action")
    match what:
        case None:
            views.close_view(slack, user_id, view)
        case "errors":
            known = {block["block_id"] for block in view["blocks"]}
            errors = response.get("errors")
            if not isinstance(errors, dict) or not errors or not set(errors) <= known:
                raise Refusal("invalid_response", ["[ERROR] `errors` must name input blocks of the view"])
            return {"response_action": what, "errors": errors}
        case "update":
            views.replace_view(slack, user_id, view, _view_of(response))
        case "push":
            views.push_view(slack, user_id, _view_of(response))
        case "clear":
            for known_view in list(slack.world.views.get(user_id, ())):
                views.close_view(slack, user_id, known_view)
        case _:
            raise Refusal("invalid_response", [f"[ERROR] unknown response_action: {what}"])
    return {"response_action": what}


def _view_of(response: Json) -> Json:
    try:
        return blocks.view(response.get("view"), ("modal",))
    except Refusal as refusal:
        raise Refusal("invalid_response", refusal.messages or [refusal.code]) from None


async def close(slack: Slack, user_id: str, body: Json) -> Json:
    """Closes a modal, or the whole stack (`clear`, or `clear_on_close`); the app hears of it where it asked to."""
    view = _top_view(slack, user_id, body)
    cleared = bool(body.get("clear") or view.get("clear_on_close"))
    going: list[Any] = list(slack.world.views[user_id]) if cleared else [view]
    for gone in reversed(going):
        payload = payloads.view_closed(slack, user_id, gone, cleared=cleared) if gone["notify_on_close"] else None
        views.close_view(slack, user_id, gone)
        if payload is not None:
            await _ask(slack, "interactive", payload)
    return {}


async def open_home(slack: Slack, user_id: str, body: Json) -> Json:
    """Opens the app's Home (or Messages) tab; the app hears `app_home_opened` and publishes when it likes."""
    tab = "messages" if body.get("tab") == "messages" else "home"
    view = slack.world.homes.get(user_id)
    channel = slack.world.direct_message(user_id, slack.world.bot_user)
    event: Json = {"type": "app_home_opened", "user": user_id, "channel": channel["id"], "tab": tab}
    event["event_ts"] = slack.world.next_ts()
    if view is not None and tab == "home":
        event["view"] = payloads.with_state(slack, view)
    announce(slack, event, None)
    return {"view": views.shown(view) if view else None, "channel": channel["id"]}
