"""The page's side panel: offered by somebody else over HTTP, and passed through; the workspace knows not what it is."""

import ssl
from functools import cache
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.workspace.core import Slack
from bot.workspace.shapes import Json, Refusal, parsed
from bot.workspace.tokens import bearer, caller_of

TIMEOUT_SECONDS = 15.0
MAX_ANSWER = 16 * 1024 * 1024


@cache
def _trust() -> ssl.SSLContext:
    """Made once: a client that makes its own reads every CA there is, and a page may look every two seconds."""
    return ssl.create_default_context()


async def _fetch(method: str, url: str, body: Json | None = None) -> bytes:
    """The answer's body; anything but a prompt 2xx of bearable size is `panel_unavailable`."""
    try:
        async with (
            httpx.AsyncClient(
                timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False, verify=_trust()
            ) as client,
            client.stream(method, url, json=body) as answer,
        ):
            answer.raise_for_status()
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER:
                    raise Refusal("panel_unavailable")
            return bytes(content)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise Refusal("panel_unavailable") from None


def _json(content: bytes) -> Json:
    try:
        value = parsed(content)
    except ValueError:
        raise Refusal("panel_unavailable") from None
    if not isinstance(value, dict):
        raise Refusal("panel_unavailable")
    return value


def _address(slack: Slack) -> str:
    if slack.panel_url is None:
        raise Refusal("no_panel")
    return slack.panel_url


async def show(slack: Slack, _user_id: str, _arguments: Json) -> Json:
    """The panel's title, text and sections."""
    return _json(await _fetch("GET", _address(slack)))


async def switch(slack: Slack, _user_id: str, body: Json) -> Json:
    """Sets one of the panel's switches."""
    wanted = {"id": body.get("id"), "value": body.get("value")}
    return _json(await _fetch("POST", _address(slack).rstrip("/") + "/switch", wanted))


async def file(request: Request, slack: Slack) -> Response:
    """One of the panel's files. Only addresses under the panel's own are fetched."""
    try:
        caller_of(slack.world, bearer(request.headers.get("authorization")))
        url = request.query_params.get("url", "")
        if not _under(url, _address(slack)):
            raise Refusal("invalid_arguments", ["[ERROR] not a file of the panel"])
        content = await _fetch("GET", url)
    except Refusal as refusal:
        return JSONResponse(refusal.as_json(), 400)
    headers = {"content-disposition": "attachment", "content-security-policy": "default-src 'none'; sandbox"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _under(url: str, base: str) -> bool:
    try:
        wanted, own = urlsplit(url), urlsplit(base)
    except ValueError:
        return False
    same_server = (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc)
    folder = own.path.rstrip("/") + "/"
    return (
        same_server
        and wanted.path.startswith(folder)
        and ".." not in wanted.path.split("/")
        and "%2e" not in url.lower()
    )
