"""Socket Mode: its connections, which of them gets a payload, and how they come and go.

docs.slack.dev/apis/events-api/using-socket-mode: up to ten connections, each payload to any one of them; each is
refreshed every few hours, announced by a `warning` some ten seconds before.
"""

import asyncio
import contextlib
import itertools
import random
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json, parsed
from bot.workspace.state import World
from bot.workspace.transport import NoApp, NotAcknowledged, Outbound

MAX_CONNECTIONS = 10  # docs.slack.dev/apis/events-api/using-socket-mode, "Using multiple connections"
TICKET_SECONDS = 30.0  # a URL of apps.connections.open is for one connection, soon
WARNING_SECONDS = 10.0  # the same page: about ten seconds from `warning` to `refresh_requested`, and to the close
HOST = "applink-local"
UNSUPPORTED_DATA = 1003  # RFC 6455, 7.4.1: Socket Mode is text alone


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    unacknowledged: set[str] = field(default_factory=set)


class SocketHub:
    """All Socket Mode connections of the app."""

    name = "Socket Mode"

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
        refusal = self._refusal()
        if refusal:
            await socket.send_json(_disconnect(refusal))
            await socket.close()
            return
        connection = _Connection(socket)
        try:
            await socket.send_json(self._hello())
            self._connections.append(connection)
            self._connected.set()
            self._start(self._age(connection))
            async for text in socket.iter_text():
                self._acknowledge(text)
        except KeyError:  # a binary frame: Starlette looks for its text all the same
            await socket.close(code=UNSUPPORTED_DATA)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the peer is gone; what it had not acknowledged is sent again
        finally:
            self._lose(connection)

    def _refusal(self) -> str | None:
        if self._world.request_url:
            return "link_disabled"
        return "too_many_websockets" if len(self._connections) >= MAX_CONNECTIONS else None

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": self._world.app["id"]},
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": int(self._faults.connection_seconds),
            },
        }

    def _acknowledge(self, text: str) -> None:
        """An acknowledgement counts on whichever connection it comes: a client may have reconnected meanwhile."""
        try:
            frame = parsed(text)
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

    async def _age(self, connection: _Connection) -> None:
        """The life of a connection: it is warned shortly before its time is over, then refreshed."""
        lives = self._faults.connection_seconds
        await asyncio.sleep(max(0.0, lives - WARNING_SECONDS))
        if connection in self._connections:
            await self._tell(connection, "warning")
        await asyncio.sleep(min(lives, WARNING_SECONDS))
        if connection in self._connections:
            await self._tell(connection, "refresh_requested")

    async def _tell(self, connection: _Connection, reason: str) -> None:
        if reason != "warning":
            self._retire(connection)
            self._start(self._close_later(connection.socket))
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await connection.socket.send_json(_disconnect(reason))

    async def disconnect(self, reason: str) -> None:
        """Sends every connection Slack's `disconnect` frame; `warning` only announces, `drop` cuts without a word."""
        for connection in list(self._connections):
            if reason == "drop":
                await self._cut(connection)
            else:
                await self._tell(connection, reason)

    async def _cut(self, connection: _Connection) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await connection.socket.close(code=1011)

    async def _close_later(self, socket: WebSocket) -> None:
        await asyncio.sleep(WARNING_SECONDS)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    # --- the fault switch -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begins to follow the switch that cuts sockets."""
        self._start(self._cut_now_and_then())

    async def _cut_now_and_then(self) -> None:
        while True:
            every = self._faults.drop_socket_every
            if not await self._faults.changed(every or None) and self._connections:
                luck = random.Random(f"{self._faults.seed}:{next(self._turn)}")  # noqa: S311 - repeatable on purpose
                await self._cut(luck.choice(self._connections))

    # --- one exchange ---------------------------------------------------------------------------------------------

    async def ready(self) -> None:
        """Returns when a socket is open: here an event waits for one, as Slack's Delayed Events would have it."""
        await self._connected.wait()

    async def send(self, outbound: Outbound) -> Json | None:
        """One envelope on one of the connections, and the payload of its acknowledgement."""
        if not self._connections:
            raise NoApp
        connection = self._connections[next(self._turn) % len(self._connections)]
        envelope_id = secrets.token_hex(16)
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._acknowledgements[envelope_id] = future
        connection.unacknowledged.add(envelope_id)
        try:
            async with asyncio.timeout(self._faults.ack_timeout):
                await connection.socket.send_json(_envelope(envelope_id, outbound))
                return await future
        except TimeoutError:
            raise NotAcknowledged("timeout") from None
        except (WebSocketDisconnect, RuntimeError):
            raise NotAcknowledged("connection_failed") from None
        finally:
            self._acknowledgements.pop(envelope_id, None)
            connection.unacknowledged.discard(envelope_id)

    # --- end ------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends what runs beside the connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _envelope(envelope_id: str, outbound: Outbound) -> Json:
    envelope: Json = {"envelope_id": envelope_id, "type": outbound.kind, "payload": outbound.payload}
    envelope["accepts_response_payload"] = outbound.answerable
    if outbound.kind == "events_api":
        envelope |= {"retry_attempt": outbound.attempt, "retry_reason": outbound.reason}
    return envelope


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
