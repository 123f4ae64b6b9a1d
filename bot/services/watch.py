"""The look at the endpoints that a waiting switch depends on: has the partner put the new certificate live?"""

from collections.abc import Callable
from datetime import datetime

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.services.errors import NotFound
from bot.services.overlaps import Overlaps
from bot.services.schedule import Schedule
from storage.store import Store


class Watch:
    """What `Schedule` and `Overlaps` are fed with; `timeout_s` are the seconds for one handshake."""

    def __init__(
        self, store: Store, schedule: Schedule, overlaps: Overlaps, clock: Callable[[], datetime], timeout_s: float
    ) -> None:
        self._store = store
        self._schedule = schedule
        self._overlaps = overlaps
        self._clock = clock
        self._timeout_s = timeout_s

    def due(self) -> tuple[str, ...]:
        """The switches whose endpoint is to be looked at now; those whose window is over end here."""
        return (*self._schedule.watched(), *self._overlaps.watched())

    def look(self, public_id: str) -> None:
        """One handshake, and what follows from it. A switch that has moved on meanwhile stays as it is.

        A partner that only comes to us has no endpoint, and nothing follows.

        Raises:
            NotFound: no such switch. EndpointRefused: the address on record is none that we use any more.
        """
        with self._store.reading() as tx:
            switch = tx.switches.by_public_id(public_id)
            connection = tx.connections.get(switch.connection_id) if switch else None
        if connection is None:
            raise NotFound("switch", public_id)
        if connection.comes_to_us:
            return
        seen = probe.look(Endpoint.parse(connection.uri), self._clock(), self._timeout_s)
        self._schedule.seen(public_id, seen)
        self._overlaps.seen(public_id, seen)
