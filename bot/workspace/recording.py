"""The app's side of the inspector: an endpoint's wrapper that records what the app asked for and what it got."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from bot.workspace.core import Slack
from bot.workspace.recorder import MAX_BODY_CHARACTERS, masked
from bot.workspace.shapes import Json, parsed
from bot.workspace.tokens import bearer

MAX_BODY = 1_000_000  # as the Web API's own; a longer body is passed on unread

Answer = Callable[[Request, Slack], Awaitable[Response]]


def recorded(answer: Answer) -> Answer:
    """`answer`, with everything that is not a person's own request kept for the inspector."""

    async def endpoint(request: Request, slack: Slack) -> Response:
        if _by_person(slack, request):
            return await answer(request, slack)
        wire, sent = await _sent(request)
        title = request.path_params.get("method") or masked(request.url.path)
        exchange = slack.recorder.request(str(title), {"method": request.method, "wire": wire}, sent)
        try:
            response = await answer(request, slack)
        except BaseException:
            slack.recorder.done(exchange, "500")
            raise
        body = _body(response)
        outcome = str(response.status_code)
        if isinstance(body, dict) and body.get("ok") is False:
            outcome = f"{outcome} {body.get('error')}"
        retry = response.headers.get("retry-after")
        slack.recorder.done(exchange, outcome, body, **({"retry_after": retry} if retry else {}))
        return response

    return endpoint


def _by_person(slack: Slack, request: Request) -> bool:
    token = bearer(request.headers.get("authorization"))
    return slack.world.tokens.get(token or "", {}).get("kind") == "user"


async def _sent(request: Request) -> tuple[str, Any]:
    """The wire form, and the arguments as they came: query, form fields or JSON; other bodies by their size only."""
    query: Json = dict(request.query_params)
    if place := request.path_params.get("place"):
        query["file_id"] = place.rpartition("-")[2]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    length = request.headers.get("content-length", "")
    if request.method == "GET" or not length.isdecimal() or not 0 < int(length) <= MAX_BODY:
        return "query" if query else "empty", query
    body = await request.body()
    try:
        if kind == "application/json":
            return "JSON", query | parsed(body) if query else parsed(body)
        if kind in {"", "application/x-www-form-urlencoded"}:
            return "form", query | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except (ValueError, TypeError):
        pass
    return kind or "unknown", body[:MAX_BODY_CHARACTERS].decode(errors="replace")


def _body(response: Response) -> Any:
    if isinstance(response, (FileResponse, StreamingResponse)):
        headers = response.headers
        return {"content-type": headers.get("content-type"), "content-length": headers.get("content-length")}
    try:
        return json.loads(bytes(response.body))
    except ValueError:
        return {"content-type": response.headers.get("content-type"), "content-length": len(response.body)}
