"""The bot's side of Socket Mode: slack-sdk's client, watched, and drained before it goes.

The SDK reconnects by itself; asynchronous variants of it have a record of connections that stayed dead (facts on
slack-bolt), so how long nothing was heard is looked at from outside as well.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.obstacles import slack
from bot.slack_client import open_client

log = structlog.get_logger(__name__)

# How often the SDK pings, and looks whether it is still connected: so long may a cut connection stay unnoticed.
PING_SECONDS = 3.0
WATCH_SECONDS = 5.0
DISCONNECTED_SECONDS = 30.0  # the SDK has had several tries by then
# Slack refreshes a connection every few hours anyway, so a needless refresh in a quiet workspace costs nothing.
SILENT_SECONDS = 1800.0
DRAIN_SECONDS = 3.0  # Slack gives up an unacknowledged envelope after three seconds


class SocketMode:
    """One Socket Mode connection of the app. Build it, `start` it; `stop` ends it and lets nothing half-handled go."""

    def __init__(self, app: App, app_token: str, base_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = base_url
        self._clock = clock
        web_client = open_client(app_token, base_url)
        self._handler = SocketModeHandler(app, app_token, web_client=web_client, ping_interval=PING_SECONDS)
        self._client: SocketModeClient = self._handler.client
        self._client.socket_mode_request_listeners = [self._take]
        self._client.on_message_listeners.append(self._heard)
        self._last_heard = clock()
        self._connected_at = clock()
        self._under_way = 0
        self._idle = threading.Condition()
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="socket-mode", daemon=True)

    def start(self) -> None:
        """Connect, then listen.

        Raises:
            CannotStart: Slack does not accept the token, or cannot be reached.
        """
        with slack("SLACK_APP_TOKEN", self._url):
            self._handler.connect()  # type: ignore[no-untyped-call] # slack-bolt leaves it unannotated
        self._last_heard = self._connected_at = self._clock()
        self._watcher.start()

    def stop(self) -> None:
        """Take nothing more, acknowledge what is being handled, then close. What was not taken Slack delivers again."""
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._under_way == 0, DRAIN_SECONDS)
        if self._watcher.is_alive():
            self._watcher.join(WATCH_SECONDS)
        self._hurry()
        self._handler.close()  # type: ignore[no-untyped-call]

    def _hurry(self) -> None:
        """Let the SDK's two threads come to their ends at once.

        Its `close` waits for both: for the one that reads, three seconds at most, until something comes; for the one
        that hands on, one second at most, until something is there to hand on. Slack answers a ping at once.
        """
        self._client.closed = self._client.current_session_state.terminated = True
        self._client.enqueue_message("")
        session = self._client.current_session
        if session is not None:
            with suppress(OSError):  # it is gone already
                session.ping("last")  # the SDK takes an answer without a word for the first half of one

    def trouble(self) -> str | None:
        """Why nothing can arrive, or None."""
        if self._stopping.is_set():
            return "stopping"
        return None if self._client.is_connected() else "not connected"

    @property
    def silent_seconds(self) -> float:
        """Age of the last frame that Slack sent."""
        return self._clock() - self._last_heard

    def _heard(self, _message: str) -> None:
        self._last_heard = self._clock()

    def _take(self, _client: object, request: SocketModeRequest) -> None:
        with self._idle:
            if self._stopping.is_set():
                return
            self._under_way += 1
        try:
            self._handler.handle(self._client, request)
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            if self._client.is_connected():
                self._connected_at = self._clock()
            lost = self._clock() - self._connected_at > DISCONNECTED_SECONDS
            if lost or self.silent_seconds > SILENT_SECONDS:
                self._reconnect("disconnected" if lost else "silent")

    def _reconnect(self, why: str) -> None:
        log.warning("socket_reconnect", why=why)
        try:
            self._client.connect_to_new_endpoint(force=True)
        except Exception as error:
            # Whatever it was, the next look tries again; the bot must outlive Slack's bad hours.
            log.warning("socket_reconnect_failed", error=type(error).__name__)
        self._last_heard = self._connected_at = self._clock()
