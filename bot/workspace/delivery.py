"""Socket Mode: which connection gets a payload, what happens until it is acknowledged, and when it comes again.

docs.slack.dev/apis/events-api/using-socket-mode: up to ten connections, each payload to any one of them; an event that
is not acknowledged within three seconds is sent again up to three times. Kinder than Slack in one point: an event waits
while no socket is connected, as Slack's Delayed Events would have it, because a laptop's bot is often down.
"""

import asyncio
import itertools
import json
import secrets
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json
from bot.workspace.state import World

MAX_CONNECTIONS = 10  # docs.slack.dev/apis/events-api/using-socket-mode, "Using multiple connections"
TICKET_SECONDS = 30.0  # a URL of apps.connections.open is for one connection, soon
APPROXIMATE_CONNECTION_SECONDS = 18060  # what Slack's own hello says


class NoSocket(Exception):  # noqa: N818 - the state of the world, answered as `dispatch_failed`
    """No app is connected."""


class NotAcknowledged(Exception):  # noqa: N818 - the app's silence, answered as `operation_timeout`
    """The app did not acknowledge in time, or its socket went away. `reason` is Slack's retry reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    waiting: dict[str, "asyncio.Future[Json | None]"] = field(default_factory=dict)


class SocketHub:
    """All Socket Mode connections of the app, and the events that it has not acknowledged yet."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._connections: list[_Connection] = []
        self._turn = itertools.count()
        self._connected = asyncio.Event()
        self._tickets: dict[str, float] = {}
        self._carriers: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """How many sockets are open."""
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
        if len(self._connections) >= MAX_CONNECTIONS:
            await self._part(socket, "too_many_websockets")
            return
        connection = _Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._connected.set()
            await self._listen(connection)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the peer is gone; what it had not acknowledged is sent again below
        finally:
            self._connections.remove(connection)
            if not self._connections:
                self._connected.clear()
            for future in connection.waiting.values():
                if not future.done():
                    future.set_exception(NotAcknowledged("connection_failed"))

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "connection_info": {"app_id": self._world.app["id"]},
            "debug_info": {
                "host": "applink-local",
                "build_number": 1,
                "approximate_connection_time": APPROXIMATE_CONNECTION_SECONDS,
            },
        }

    @staticmethod
    async def _listen(connection: _Connection) -> None:
        async for text in connection.socket.iter_text():
            try:
                frame = json.loads(text)
            except ValueError:
                continue
            if not isinstance(frame, dict):
                continue
            future = connection.waiting.get(str(frame.get("envelope_id")))
            if future is not None and not future.done():
                payload = frame.get("payload")
                future.set_result(payload if isinstance(payload, dict) else None)

    @staticmethod
    async def _part(socket: WebSocket, reason: str) -> None:
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}})
        await socket.close()

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Asks every connection to go and come back, as Slack does every few hours (`warning`: only announces it)."""
        for connection in list(self._connections):
            if reason == "warning":
                await connection.socket.send_json({"type": "disconnect", "reason": reason})
            else:
                await self._part(connection.socket, reason)

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
        connection.waiting[envelope_id] = future
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
            connection.waiting.pop(envelope_id, None)

    # --- events ---------------------------------------------------------------------------------------------------

    def enqueue(self, payload: Json) -> None:
        """Takes an event into the queue; it stays there until acknowledged or given up after the last retry."""
        for _ in range(self._faults.deliver_times):
            item: Json = {"payload": payload, "attempt": 0, "reason": "", "due": 0.0}
            self._world.pending.append(item)
            self._start(item)
        self._world.touch()

    def resume(self) -> None:
        """Takes up what a former run left in the queue."""
        for item in self._world.pending:
            self._start(item)

    def _start(self, item: Json) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(item))
        self._carriers.add(task)
        task.add_done_callback(self._carriers.discard)

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
        carriers = list(self._carriers)
        for task in carriers:
            task.cancel()
        await asyncio.gather(*carriers, return_exceptions=True)
