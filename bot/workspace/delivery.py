"""Socket Mode: which connection gets a payload, what happens until it is acknowledged, and when it comes again.

docs.slack.dev/apis/events-api/using-socket-mode: up to ten connections, each payload to any one of them; an event that
is not acknowledged within three seconds is sent again up to three times. Kinder than Slack in one point: an event waits
while no socket is connected, as Slack's Delayed Events would have it, because a laptop's bot is often down.
"""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json
from bot.workspace.state import World

MAX_CONNECTIONS = 10  # docs.slack.dev/apis/events-api/using-socket-mode, "Using multiple connections"
TICKET_SECONDS = 30.0  # a URL of apps.connections.open is for one connection, soon
RETIRE_SECONDS = 10.0  # after a `disconnect` frame; the same page speaks of about ten seconds
HOST = "applink-local"
APPROXIMATE_CONNECTION_SECONDS = 18060  # what Slack's own hello says


class NoSocket(Exception):
    """No app is connected."""


class NotAcknowledged(Exception):
    """The app did not acknowledge in time, or its socket went away. `reason` is Slack's retry reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    unacknowledged: set[str] = field(default_factory=set)


class SocketHub:
    """All Socket Mode connections of the app, and the events that it has not acknowledged yet."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._connections: list[_Connection] = []
        self._turn = itertools.count()
        self._connected = asyncio.Event()
        self._tickets: dict[str, float] = {}
        self._acknowledgements: dict[str, asyncio.Future[Json | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """How many sockets take payloads."""
        return len(self._connections)

    @property
    def unanswered(self) -> int:
        """How many payloads are on their way and not acknowledged."""
        return len(self._acknowledgements)

    def ticket(self) -> str:
        """A ticket for one connection."""
        now = self._world.clock()
        self._tickets = {ticket: until for ticket, until in self._tickets.items() if until > now}
        ticket = secrets.token_urlsafe(18)
        self._tickets[ticket] = now + TICKET_SECONDS
        return ticket

    # --- one connection -------------------------------------------------------------------------------------------

    async def serve(self, socket: WebSocket) -> None:
        """Holds one connection from hello to close. An unknown or used ticket is refused with 403."""
        until = self._tickets.pop(socket.query_params.get("ticket", ""), 0.0)
        if until < self._world.clock():
            await socket.close(code=1008)
            return
        await socket.accept()
        if len(self._connections) >= MAX_CONNECTIONS:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return
        connection = _Connection(socket)
        try:
            await socket.send_json(self._hello())
            self._connections.append(connection)
            self._connected.set()
            async for text in socket.iter_text():
                self._acknowledge(text)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the peer is gone; what it had not acknowledged is sent again
        finally:
            self._lose(connection)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": self._world.app["id"]},
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_CONNECTION_SECONDS,
            },
        }

    def _acknowledge(self, text: str) -> None:
        """An acknowledgement counts on whichever connection it comes: a client may have reconnected meanwhile."""
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if not isinstance(frame, dict):
            return
        future = self._acknowledgements.get(str(frame.get("envelope_id")))
        if future is not None and not future.done():
            payload = frame.get("payload")
            future.set_result(payload if isinstance(payload, dict) else None)

    def _retire(self, connection: _Connection) -> None:
        """Gives the connection no further payload."""
        if connection in self._connections:
            self._connections.remove(connection)
        if not self._connections:
            self._connected.clear()

    def _lose(self, connection: _Connection) -> None:
        in_use = connection in self._connections
        self._retire(connection)
        # After an orderly `disconnect` the client acknowledges on its next connection: only a lost one fails at once.
        for envelope_id in connection.unacknowledged if in_use else ():
            future = self._acknowledgements.get(envelope_id)
            if future is not None and not future.done():
                future.set_exception(NotAcknowledged("connection_failed"))

    async def disconnect(self, reason: str) -> None:
        """Sends every connection Slack's `disconnect` frame; `warning` only announces, `drop` cuts without a word."""
        for connection in list(self._connections):
            if reason == "drop":
                await connection.socket.close(code=1011)
                continue
            if reason != "warning":
                self._retire(connection)
                self._start(self._close_later(connection.socket))
            await connection.socket.send_json(_disconnect(reason))

    async def _close_later(self, socket: WebSocket) -> None:
        await asyncio.sleep(RETIRE_SECONDS)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    # --- one exchange ---------------------------------------------------------------------------------------------

    async def ask(self, kind: str, payload: Json, *, answerable: bool) -> Json | None:
        """Delivers an interaction or command and returns the payload of the acknowledgement.

        Raises:
            NoSocket: no app is connected.
            NotAcknowledged: not within three seconds.
        """
        if not self._connections:
            raise NoSocket
        return await self._exchange(kind, payload, answerable=answerable)

    async def _exchange(self, kind: str, payload: Json, *, answerable: bool, retry: Json | None = None) -> Json | None:
        if not self._connections:
            raise NotAcknowledged("connection_failed")
        connection = self._connections[next(self._turn) % len(self._connections)]
        envelope_id = secrets.token_hex(16)
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._acknowledgements[envelope_id] = future
        connection.unacknowledged.add(envelope_id)
        envelope: Json = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = answerable
        try:
            async with asyncio.timeout(self._faults.ack_timeout):
                await connection.socket.send_json({**envelope, **(retry or {})})
                return await future
        except TimeoutError:
            raise NotAcknowledged("timeout") from None
        except (WebSocketDisconnect, RuntimeError):
            raise NotAcknowledged("connection_failed") from None
        finally:
            self._acknowledgements.pop(envelope_id, None)
            connection.unacknowledged.discard(envelope_id)

    # --- events ---------------------------------------------------------------------------------------------------

    def enqueue(self, payload: Json) -> None:
        """Takes an event into the queue; it stays there until acknowledged or given up after the last retry."""
        for _ in range(self._faults.deliver_times):
            item: Json = {"payload": payload, "attempt": 0, "reason": "", "due": 0.0}
            self._world.pending.append(item)
            self._start(self._carry(item))
        self._world.touch()

    def resume(self) -> None:
        """Takes up what a former run left in the queue."""
        for item in self._world.pending:
            self._start(self._carry(item))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, item: Json) -> None:
        while True:
            await asyncio.sleep(max(0.0, item["due"] - self._world.clock()))
            await self._connected.wait()
            retry = {"retry_attempt": item["attempt"], "retry_reason": item["reason"]}
            try:
                await self._exchange("events_api", item["payload"], answerable=False, retry=retry)
            except NotAcknowledged as failure:
                delays = self._faults.retry_delays
                if item["attempt"] >= len(delays):
                    break
                item["due"] = self._world.clock() + delays[item["attempt"]]
                item["attempt"] += 1
                item["reason"] = failure.reason
                self._world.touch()
            else:
                break
        self._world.pending[:] = [other for other in self._world.pending if other is not item]
        self._world.touch()

    async def close(self) -> None:
        """Ends all deliveries; what is unacknowledged stays in the queue."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
