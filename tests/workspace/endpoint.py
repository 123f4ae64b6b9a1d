"""An app's end of signed HTTP, for tests: a bare endpoint that answers as told, and a Bolt app behind uvicorn."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.patience import eventually
from tests.workspace.place import Json


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON."""
        content: Json = json.loads(self.body)
        return content

    @property
    def retry(self) -> tuple[str | None, str | None]:
        """Number and reason of a repeated delivery."""
        return self.headers.get("x-slack-retry-num"), self.headers.get("x-slack-retry-reason")


@dataclass(frozen=True)
class Reply:
    """What to answer; `hang_up` closes the connection without a word."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


class _Server(ThreadingHTTPServer):
    """Whoever asked may be gone before it is answered: that is the other side's decision and no error of ours."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Endpoint:
    """Records what is posted and answers what `reply` says. A challenge is answered by itself."""

    def __init__(self, reply: Callable[[Post], Reply]) -> None:
        self.posts: list[Post] = []
        self.reply = reply
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                post = Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                endpoint.answer(self, post)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, post: Post) -> None:
        """Serves one request."""
        reply = self._challenge(post)
        if reply is None:
            self.posts.append(post)
            reply = self.reply(post)
        if reply.hang_up:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        handler.send_response(reply.status)
        for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)

    @staticmethod
    def _challenge(post: Post) -> Reply | None:
        if b'"url_verification"' not in post.body:
            return None
        return Reply(body=str(post.json["challenge"]).encode())

    def close(self) -> None:
        """No more connections."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def endpoint(reply: Callable[[Post], Reply] = lambda _post: Reply()) -> Iterator[Endpoint]:
    """An endpoint until the block ends."""
    served = Endpoint(reply)
    try:
        yield served
    finally:
        served.close()


@contextmanager
def served(app: App) -> Iterator[str]:
    """The Bolt app at a request URL, by Bolt's own Starlette adapter, until the block ends."""
    handler = SlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=[Route("/slack/events", events, methods=["POST"])]), log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        thread.join()
