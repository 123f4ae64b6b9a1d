"""What the app is told: events until it acknowledges them, commands and interactions while somebody waits.

docs.slack.dev/apis/events-api, "Retries": an event that is not acknowledged within three seconds is sent again up to
three times. How it travels is the business of a `Transport`.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

from bot.workspace.faults import Faults
from bot.workspace.recorder import Recorder
from bot.workspace.shapes import Json
from bot.workspace.state import World
from bot.workspace.transport import Kind, NoApp, NotAcknowledged, Outbound, Transport


class Delivery:
    """The queue of events, and one exchange at a time for whoever acts. `transport` may be changed while it runs."""

    def __init__(self, world: World, faults: Faults, recorder: Recorder, transport: Transport) -> None:
        self.transport = transport
        self._world = world
        self._faults = faults
        self._recorder = recorder
        self._unanswered = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def unanswered(self) -> int:
        """How many payloads are on their way and not acknowledged."""
        return self._unanswered

    async def ask(self, kind: Kind, payload: Json, *, answerable: bool) -> Json | None:
        """Delivers an interaction or command, once, and returns what the acknowledgement carries.

        Raises:
            NoApp: there is nobody to deliver to.
            NotAcknowledged: not within three seconds, or refused.
        """
        return await self._attempt(Outbound(kind, payload, answerable))

    async def _attempt(self, outbound: Outbound) -> Json | None:
        exchange = self._recorder.delivery(*_described(outbound, self.transport.name))
        outcome, answer = "no app", None
        self._unanswered += 1
        try:
            answer = await self.transport.send(outbound)
            outcome = "acknowledged"
        except NotAcknowledged as failure:
            outcome = failure.reason
            raise
        finally:
            self._unanswered -= 1
            self._recorder.done(exchange, outcome, answer)
        return answer

    def enqueue(self, payload: Json) -> None:
        """Takes an event into the queue; it stays there until acknowledged or given up after the last retry."""
        copies = self._faults.deliver_times + self._faults.strikes("duplicate_share")
        for _ in range(copies):
            late = self._faults.late_seconds if self._faults.strikes("late_share") else 0.0
            item: Json = {"payload": payload, "attempt": 0, "reason": "", "due": self._world.clock() + late}
            item["id"] = secrets.token_hex(8)
            self._world.pending.append(item)
            self._world.touch(("pending", item["id"]))
            self._start(self._carry(item))

    def resume(self) -> None:
        """Takes up what a former run left in the queue."""
        for item in self._world.pending:
            self._start(self._carry(item))

    async def _carry(self, item: Json) -> None:
        while not await self._delivered(item):
            pass
        self._world.pending[:] = [other for other in self._world.pending if other is not item]
        self._world.touch(("pending", item["id"]))

    async def _delivered(self, item: Json) -> bool:
        """One attempt when it is due; whether the event is done with, acknowledged or given up."""
        await asyncio.sleep(max(0.0, item["due"] - self._world.clock()))
        await self.transport.ready()
        outbound = Outbound("events_api", item["payload"], attempt=item["attempt"], reason=item["reason"])
        try:
            await self._attempt(outbound)
        except NoApp:
            reason = "connection_failed"
        except NotAcknowledged as failure:
            reason = failure.reason
            if failure.final:
                return True
        else:
            return True
        delays = self._faults.delays()
        if item["attempt"] >= len(delays):
            return True
        item["due"] = self._world.clock() + delays[item["attempt"]]
        item["attempt"] += 1
        item["reason"] = reason
        self._world.touch(("pending", item["id"]))
        return False

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends all deliveries; what is unacknowledged stays in the queue."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _described(outbound: Outbound, transport: str) -> tuple[str, Json, Json]:
    """Title, details and payload for the inspector."""
    payload = outbound.payload
    event = payload.get("event") or {}
    title = event.get("subtype") or event.get("type") or payload.get("command") or payload.get("type")
    details: Json = {"transport": transport, "kind": outbound.kind}
    if outbound.attempt:
        details |= {"retry": outbound.attempt, "reason": outbound.reason}
    return str(title), details, payload
