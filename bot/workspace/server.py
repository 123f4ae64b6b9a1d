"""The server: one Starlette app on loopback, uvicorn in a thread, and the workspace's public Python door."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.workspace import client_api, files, request_url, responses, scheduled, snapshot, web_api
from bot.workspace.assets import PageFiles
from bot.workspace.core import Slack
from bot.workspace.delivery import Delivery
from bot.workspace.disk import Disk
from bot.workspace.faults import Faults
from bot.workspace.feed import Feed
from bot.workspace.guard import LoopbackOnly
from bot.workspace.rate_limits import RateLimits
from bot.workspace.recorder import Recorder
from bot.workspace.recording import recorded
from bot.workspace.shapes import Json
from bot.workspace.snapshot import Saver
from bot.workspace.sockets import SocketHub
from bot.workspace.state import World
from bot.workspace.tokens import mint_all, token_of
from bot.workspace.triggers import Triggers

START_SECONDS = 30.0
STOP_SECONDS = 2

Answer = Callable[[Request, Slack], Awaitable[Response]]


class WorkspaceServer:
    """A local Slack workspace.

    Args:
        seed: teams, app, users, channels.
        state_file: keeps everything over a restart (mode 0600, it holds tokens; files lie beside it); None: in memory.
        port: 0 takes a free one.
        panel_url: address of the side panel's provider, if there is one.
        clock: epoch seconds, for trigger ids, response URLs and message times.
        app_url: takes this request URL for the app, as if it had been verified; "" is Socket Mode, None what it was.
    """

    def __init__(
        self,
        seed: Json,
        state_file: Path | None = None,
        port: int = 0,
        panel_url: str | None = None,
        clock: Callable[[], float] = time.time,
        app_url: str | None = None,
    ) -> None:
        self._world = World(seed, snapshot.load(state_file), clock)
        if app_url is not None:
            self._world.request_url = app_url
        mint_all(self._world)
        self._state_file = state_file
        self._port = port
        self._panel_url = panel_url
        self._faults = Faults()
        self._slack: Slack | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # --- the public door ------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Base address, without a trailing slash. Known once started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """The `base_url` of slack-sdk clients."""
        return self.url + "/api/"

    @property
    def bot_token(self) -> str:
        """The `xoxb-` token of the app's bot."""
        return token_of(self._world, "bot", self._world.bot_user)

    @property
    def app_token(self) -> str:
        """The `xapp-` token, for Socket Mode only."""
        return token_of(self._world, "app", self._world.app["id"])

    @property
    def signing_secret(self) -> str:
        """The secret behind `X-Slack-Signature`."""
        return str(self._world.signing_secret)

    def user_token(self, user_id: str) -> str:
        """The `xoxp-` token of a person; raises KeyError for an unknown one."""
        if user_id not in self._world.users:
            raise KeyError(user_id)
        return token_of(self._world, "user", user_id)

    @property
    def sockets(self) -> int:
        """How many Socket Mode connections are open."""
        return self._slack.sockets.connections if self._slack else 0

    @property
    def unanswered(self) -> int:
        """How many payloads the app has been sent and has not acknowledged."""
        return self._slack.hub.unanswered if self._slack else 0

    @property
    def pending_events(self) -> int:
        """How many events are not delivered yet: waiting, unacknowledged, or to be sent again."""
        return len(self._world.pending)

    def start(self) -> None:
        """Starts serving; returns when connections are accepted."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._application(),
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, kwargs={"sockets": [listener]}, name="workspace", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the local workspace did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Stops serving and writes the state a last time."""
        if self._server is None or self._thread is None:
            return
        if self._slack is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._slack.feed.close)
            self._loop.call_soon_threadsafe(self._slack.recorder.close)
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._server = self._thread = self._slack = None

    def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Sends Slack's `disconnect` frame to every Socket Mode connection (`drop`: cuts them without one)."""
        if self._slack is None or self._loop is None:
            raise RuntimeError("not started")
        asyncio.run_coroutine_threadsafe(self._slack.sockets.disconnect(reason), self._loop).result(START_SECONDS)

    def set_request_url(self, url: str) -> None:
        """Saves the app's request URL after the challenge; "" goes back to Socket Mode.

        Raises:
            Refusal: the app did not answer the challenge.
        """
        if self._slack is None or self._loop is None:
            raise RuntimeError("not started")
        saved = request_url.save(self._slack, "", {"url": url})
        asyncio.run_coroutine_threadsafe(saved, self._loop).result(START_SECONDS)

    # --- wiring ---------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _running(self, app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        world = self._world
        recorder, sockets = Recorder(), SocketHub(world, self._faults)
        slack = Slack(
            url=self.url,
            world=world,
            feed=Feed(world),
            hub=Delivery(world, self._faults, recorder, sockets),
            sockets=sockets,
            triggers=Triggers(world, self._faults),
            disk=Disk(self._state_file),
            saver=Saver(world, self._state_file),
            faults=self._faults,
            limits=RateLimits(world, self._faults),
            recorder=recorder,
            panel_url=self._panel_url,
        )
        app.state.slack = self._slack = slack
        saving = self._loop.create_task(slack.saver.run())
        posting = self._loop.create_task(scheduled.run(slack))
        world.touch()
        if world.request_url:
            request_url.use(slack, world.request_url)
        sockets.open()
        slack.hub.resume()
        try:
            yield
        finally:
            await slack.hub.close()
            await sockets.close()
            saving.cancel()
            posting.cancel()
            await asyncio.gather(saving, posting, return_exceptions=True)
            await slack.saver.finish()
            slack.disk.close()

    def _application(self) -> Starlette:
        page = PageFiles()
        routes: list[BaseRoute] = [
            Route("/", page.index),
            Route("/api/{method}", _with_slack(recorded(web_api.call)), methods=["GET", "POST"]),
            Route("/upload/{token}", _with_slack(files.take_upload), methods=["POST", "PUT"]),
            Route("/files/{place}/{name}", _with_slack(recorded(files.download))),
            Route("/files/{place}/download/{name}", _with_slack(recorded(files.download))),
            Route("/response/{token}", _with_slack(recorded(responses.answer)), methods=["POST"]),
            WebSocketRoute("/link/", _link),
            *client_api.routes(_with_slack),
            Mount("/static", page),
        ]
        return Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)], lifespan=self._running)


def _with_slack(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answer(request, request.app.state.slack)

    return endpoint


async def _link(websocket: WebSocket) -> None:
    await websocket.app.state.slack.sockets.serve(websocket)
