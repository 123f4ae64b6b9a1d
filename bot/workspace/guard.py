"""Who may talk to the server at all: programs and pages of this machine.

Listening on loopback does not keep a web site's script out: it may point a name of its own at 127.0.0.1 (DNS
rebinding). So the Host header must be a loopback name, and an Origin, where a browser sends one, must be this server.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}


class LoopbackOnly:
    """ASGI middleware: refuses foreign hosts and origins, and sends the security headers with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if not _allowed(Headers(scope=scope)):
            refusal = WebSocketClose(1008) if scope["type"] == "websocket" else PlainTextResponse("loopback only", 403)
            await refusal(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in _HEADERS.items() if h[0] not in present)]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _allowed(headers: Headers) -> bool:
    host = headers.get("host", "")
    if _hostname(f"http://{host}") not in LOOPBACK_NAMES:
        return False
    origin = headers.get("origin")
    return origin is None or origin.lower() == f"http://{host}".lower()


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
