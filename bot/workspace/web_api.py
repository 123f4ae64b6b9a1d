"""The Web API's door: wire forms, tokens and scopes; the methods themselves are in `methods`.

Slack answers every call with status 200 and `ok`; what went wrong is in `error` (docs.slack.dev/apis/web-api).
"""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.workspace import mishaps
from bot.workspace.core import Slack
from bot.workspace.methods import METHODS, Method
from bot.workspace.mishaps import Unavailable
from bot.workspace.rate_limits import RateLimited
from bot.workspace.shapes import Caller, Json, Refusal, parsed
from bot.workspace.tokens import bearer, caller_of

STRUCTURED = ("view", "files", "post_at", "length")  # required arguments that are objects, arrays or numbers
MAX_BODY = 1_000_000  # far above Slack's largest allowed payload, a view of 250 kB, in the longest encoding


async def call(request: Request, slack: Slack) -> Response:
    """Answers `/api/METHOD`."""
    name = request.path_params["method"]
    headers: dict[str, str] = {}
    try:
        body = await _body(request)
        method = METHODS.get(name)
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        if method.post_only and request.method != "POST":
            raise Refusal("insecure_request")
        arguments = _arguments(request, body, json_allowed=method.json)
        token = bearer(request.headers.get("authorization")) or arguments.pop("token", None)
        caller = _admit(slack, method, token)
        if caller.scopes is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(caller.scopes))
        await mishaps.before(slack, caller, name, arguments)
        _require(method, arguments)
        answer: Json = {"ok": True, **await method.run(slack, caller, arguments)}
        await slack.saver.settled()
        mishaps.after(slack, caller)
    except Refusal as refusal:
        answer = refusal.as_json()
    except (RateLimited, Unavailable) as mishap:
        return mishaps.response(mishap)
    return JSONResponse(answer, headers=headers)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refusal("request_too_large")
    return bytes(body)


def _arguments(request: Request, body: bytes, *, json_allowed: bool) -> Json:
    """Arguments from the query and the body; a JSON body counts only where the method takes JSON, as on Slack."""
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        if not json_allowed or not body:
            return arguments
        try:
            sent = parsed(body)
        except ValueError:
            raise Refusal("invalid_json") from None
        if not isinstance(sent, dict):
            raise Refusal("json_not_object")
        return arguments | sent
    if kind in {"", "application/x-www-form-urlencoded"}:
        try:
            return arguments | dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
        except ValueError:
            raise Refusal("invalid_form_data") from None
    raise Refusal("invalid_post_type")


def _admit(slack: Slack, method: Method, token: Any) -> Caller:
    if not method.tokens:
        return Caller("app", "")  # a public method: whoever asks
    caller = caller_of(slack.world, token if isinstance(token, str) else None)
    if caller.kind not in method.tokens:
        raise Refusal("not_allowed_token_type")
    if method.scopes and not caller.may(*method.scopes):
        provided = ",".join(sorted(caller.scopes or ()))
        raise Refusal("missing_scope", needed=",".join(method.scopes), provided=provided)
    return caller


def _require(method: Method, arguments: Json) -> None:
    missing = [name for name in method.required if arguments.get(name) is None or arguments[name] == ""]
    if missing:
        raise Refusal("invalid_arguments", [f"[ERROR] missing required field: {name}" for name in missing])
    for name in method.required:
        if name not in STRUCTURED and not isinstance(arguments[name], str):
            raise Refusal("invalid_arguments", [f"[ERROR] must provide a string [json-pointer:/{name}]"])
