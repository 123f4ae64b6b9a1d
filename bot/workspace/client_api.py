"""What Slack's own client would use: the page's and the tests' side of the workspace, under `/client/`.

`/client/boot` gives every person's token to whoever asks: on a demo workspace that listens on loopback only, and
refuses foreign hosts and origins, anybody on this machine may act as anybody. That is all its security; put nothing
real in it.
"""

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.workspace import interactions, messages, panel, reading, request_url
from bot.workspace.core import Slack
from bot.workspace.objects import conversation
from bot.workspace.payloads import with_state
from bot.workspace.shapes import Json, Refusal, is_whole, parsed
from bot.workspace.tokens import bearer, caller_of, token_of

MAX_BODY = 1_000_000
MAX_WAIT_SECONDS = 60.0
KEEP_ALIVE_SECONDS = 15.0

Do = Callable[[Slack, str, Json], Awaitable[Json]]
Endpoint = Callable[[Request], Awaitable[Response]]
Wire = Callable[[Callable[[Request, Slack], Awaitable[Response]]], Endpoint]


def user_of(slack: Slack, token: str | None) -> str:
    """The person behind a user token; any other kind is refused."""
    caller = caller_of(slack.world, token)
    if caller.kind != "user":
        raise Refusal("not_allowed_token_type")
    return caller.user_id


def _answers(do: Do) -> Callable[[Request, Slack], Awaitable[Response]]:
    """An endpoint around `do`: token, arguments (query, or JSON body), errors in Slack's words."""

    async def endpoint(request: Request, slack: Slack) -> Response:
        try:
            user_id = user_of(slack, bearer(request.headers.get("authorization")))
            arguments: Json = dict(request.query_params) if request.method == "GET" else await _json(request)
            answer = {"ok": True, **await do(slack, user_id, arguments)}
            if request.method == "POST":
                await slack.saver.settled()
        except Refusal as refusal:
            answer = refusal.as_json()
        return JSONResponse(answer)

    return endpoint


async def _json(request: Request) -> Json:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refusal("request_too_large")
    try:
        value = parsed(bytes(body) or b"{}")
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return value


async def boot(_request: Request, slack: Slack) -> Response:
    """Teams, people with their tokens, channels: all that the page needs to begin."""
    world = slack.world
    people: list[Json] = []
    for user_id, user in world.users.items():
        team = world.team_record(world.user_team(user_id)) or world.team
        person: Json = {"id": user_id, "name": user["name"], "real_name": user.get("real_name", user["name"])}
        person |= {"title": user.get("title", ""), "tz": user.get("tz", "")}
        person |= {"team_id": team["id"], "team_name": team["name"], "is_bot": bool(user.get("is_bot"))}
        person["is_restricted"] = bool(user.get("is_restricted"))
        person["token"] = None if person["is_bot"] else token_of(world, "user", user_id)
        people.append(person)
    channels = [
        {
            **conversation(world, channel, ""),
            "members": channel["members"],
            "shared_with": channel.get("shared_with", []),
        }
        for channel in world.channels.values()
        if not channel.get("is_im")
    ]
    about = {"team": world.team, "partner_teams": world.partner_teams, "app": _app(slack)}
    return JSONResponse({"ok": True, **about, "users": people, "channels": channels, "panel": bool(slack.panel_url)})


def _app(slack: Slack) -> Json:
    app = slack.world.app
    shown = ("id", "name", "bot_user", "handle", "commands", "shortcuts")
    return {**{key: app[key] for key in shown if key in app}, "bot_id": slack.world.bot_id}


async def exchanges(slack: Slack, _user_id: str, arguments: Json) -> Json:
    """Long poll for the inspector: what the app asked for and was sent after `after`.

    With `ts` (and `files`, ids with commas between) only what concerns that message and its files.
    """
    after = _number(arguments.get("after") or "0", "after")
    about = frozenset(filter(None, [arguments.get("ts"), *str(arguments.get("files") or "").split(",")]))
    if not slack.recorder.since(after, about):
        await slack.recorder.wait(max(after, slack.recorder.position), _seconds(arguments))
    return {"exchanges": slack.recorder.since(after, about), "last": slack.recorder.position}


def _seconds(arguments: Json) -> float:
    try:
        wanted = float(arguments.get("wait", 0))
    except ValueError:
        wanted = math.nan
    if math.isnan(wanted):  # the event loop would take it for a deadline, and no timer after it would come in order
        raise Refusal("invalid_arguments", ["[ERROR] must provide a number [json-pointer:/wait]"])
    return min(max(wanted, 0.0), MAX_WAIT_SECONDS)


def _number(raw: Any, name: str) -> int:
    if not is_whole(str(raw)):
        raise Refusal("invalid_arguments", [f"[ERROR] must provide a number [json-pointer:/{name}]"])
    return int(raw)


def _position(slack: Slack, raw: Any) -> int:
    if raw is None or raw == "":
        return slack.feed.position
    return _number(raw, "after")


async def events(slack: Slack, user_id: str, arguments: Json) -> Json:
    """Long poll: what this user may see of what happened after event `after`."""
    after = _position(slack, arguments.get("after"))
    found = await slack.feed.wait(after, user_id, _seconds(arguments))
    return {"events": found, "last": slack.feed.position}


async def stream(request: Request, slack: Slack) -> Response:
    """The same as Server-Sent Events; EventSource cannot send headers, so the token is in the query."""
    try:
        user_id = user_of(slack, request.query_params.get("token"))
        after = _position(slack, request.headers.get("last-event-id") or request.query_params.get("after"))
    except Refusal as refusal:
        return JSONResponse(refusal.as_json(), 401)

    async def lines() -> AsyncIterator[str]:
        position = after
        yield "retry: 500\n\n"
        while not slack.feed.closed and not await request.is_disconnected():
            found = await slack.feed.wait(position, user_id, KEEP_ALIVE_SECONDS)
            position = slack.feed.position
            for event in found:
                yield f"id: {event['n']}\ndata: {json.dumps(event)}\n\n"
            if not found:
                yield ": still here\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


async def open_views(slack: Slack, user_id: str, _arguments: Json) -> Json:
    """The user's modal stack, top last."""
    return {"views": [with_state(slack, view) for view in slack.world.views.get(user_id, ())]}


async def dismiss(slack: Slack, user_id: str, body: Json) -> Json:
    """Takes an ephemeral message away."""
    message = slack.world.find_ephemeral(user_id, str(body.get("channel")), body.get("message_ts"))
    if message is None:
        raise Refusal("message_not_found")
    messages.drop_ephemeral(slack, user_id, message)
    return {}


async def faults(slack: Slack, _user_id: str, _arguments: Json) -> Json:
    """Every fault switch, described for whoever draws it."""
    return {"faults": slack.faults.describe()}


async def set_faults(slack: Slack, _user_id: str, body: Json) -> Json:
    """Changes the fault switches; `disconnect` sends that frame to all Socket Mode connections (`drop`: cuts them)."""
    wanted = dict(body)
    reason = wanted.pop("disconnect", None)
    slack.faults.change(wanted)
    if reason is not None:
        await slack.sockets.disconnect(str(reason))
    return {"faults": slack.faults.describe()}


def routes(wire: Wire) -> list[Route]:
    """All of `/client/*`."""
    reads: dict[str, Do] = {"channel": reading.channel, "thread": reading.thread, "events": events}
    reads |= {"sidebar": reading.sidebar, "views": open_views}
    reads |= {"panel": panel.show, "exchanges": exchanges, "faults": faults, "request_url": request_url.show}
    writes: dict[str, Do] = {
        "command": interactions.command,
        "action": interactions.action,
        "shortcut": interactions.shortcut,
        "block_suggestion": interactions.suggestion,
        "view/submit": interactions.submit,
        "view/close": interactions.close,
        "home": interactions.open_home,
        "dismiss": dismiss,
        "mark": reading.mark,
        "faults": set_faults,
        "request_url": request_url.save,
        "panel/switch": panel.switch,
    }
    return [
        Route("/client/boot", wire(boot)),
        Route("/client/stream", wire(stream)),
        Route("/client/panel/file", wire(panel.file)),
        *(Route(f"/client/{name}", wire(_answers(do))) for name, do in reads.items()),
        *(Route(f"/client/{name}", wire(_answers(do)), methods=["POST"]) for name, do in writes.items()),
    ]
