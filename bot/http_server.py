"""The bot's HTTP side: Slack's request URL where Socket Mode is off, and the health endpoints in both modes."""

import socket
import threading
import time
from collections.abc import Callable, Mapping

import anyio.to_thread
import uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.obstacles import CannotStart

EVENTS_PATH = "/slack/events"  # Bolt's customary one
MAX_BODY = 2_000_000  # a view of 250 kB (docs.slack.dev/surfaces/modals) in a form's encoding, with room
START_SECONDS = 10.0
DRAIN_SECONDS = 5  # Slack waits three seconds for an answer
READY_SECONDS = 3.0  # a readiness probe's customary patience

Report = Mapping[str, str | int]
"""By name of a part `ok` or what is wrong with it; numbers are for people and say nothing about being ready."""


class HttpServer:
    """Serves from `start` to `stop`.

    Args:
        host, port: where to listen; port 0 takes a free one.
        report: what `/readyz` tells.
        app: serves Slack's requests at EVENTS_PATH; None for the health endpoints alone.
    """

    def __init__(self, host: str, port: int, report: Callable[[], Report], app: App | None = None) -> None:
        self._host = host
        self._port = port
        self._report = report
        self._app = app
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base address, known once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen; returns when connections are accepted.

        Raises:
            CannotStart: the address cannot be had.
        """
        try:
            listener = socket.create_server(
                (self._host, self._port), family=socket.AF_INET6 if ":" in self._host else socket.AF_INET
            )
        except OSError as error:
            msg = f"HTTP_HOST and HTTP_PORT cannot be used ({error.strerror or error})"
            raise CannotStart(msg) from None
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._application(),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, kwargs={"sockets": [listener]}, name="http", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                msg = "the HTTP server did not start"
                raise CannotStart(msg)
            time.sleep(0.01)

    def stop(self) -> None:
        """Accept nothing more, answer what is being handled, then close."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(DRAIN_SECONDS + 1)

    def trouble(self) -> str | None:
        """Why nothing can arrive, or None."""
        return None if self._thread is not None and self._thread.is_alive() else "not listening"

    def _application(self) -> Starlette:
        routes = [Route("/healthz", _healthz), Route("/readyz", self._readyz)]
        if self._app is not None:
            routes.append(Route(EVENTS_PATH, self._events, methods=["POST"]))
        return Starlette(routes=routes)

    async def _readyz(self, _request: Request) -> Response:
        report: Report = {"service": "no answer in time"}
        with anyio.move_on_after(READY_SECONDS):
            report = await anyio.to_thread.run_sync(self._report, abandon_on_cancel=True)
        ready = all(state == "ok" for state in report.values() if isinstance(state, str))
        return JSONResponse({"ready": ready, **report}, 200 if ready else 503)

    async def _events(self, request: Request) -> Response:
        """One request of Slack; Bolt checks its signature and age (five minutes) over the raw body.

        Bolt's own Starlette handler runs the listener on the event loop; here a thread does, so that one slow
        acknowledgement does not hold up the next.
        """
        assert self._app is not None  # noqa: S101 - the route is there only with an app
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    return PlainTextResponse("too large", 413)
            bolt_request = to_bolt_request(request, bytes(body))
        except ClientDisconnect:
            return Response(status_code=400)
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8", 400)
        return to_starlette_response(await anyio.to_thread.run_sync(self._app.dispatch, bolt_request))


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")
