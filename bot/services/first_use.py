"""The first use of a new certificate by a partner that comes to us, where the gateway's program counts by certificate.

Nothing follows from it: it tells people that the partner's clients have moved, which no look at an endpoint can.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.gateways.base import Gateway
from bot.gateways.condition import Source
from bot.gateways.errors import GatewayError
from bot.services.errors import NotFound
from bot.services.switch_ledger import docket, proof_subject_of, shown_in
from storage.store import Store
from storage.switch_entries import USED, NewProof
from storage.switch_records import Proof, SwitchState, Way

WATCHED_FOR: Final = timedelta(days=30)
"""A partner whose clients have not come by then comes rarely, and the look would go on for ever."""

_IN_FORCE = frozenset({SwitchState.OVERLAP, SwitchState.PROVEN})


class FirstUse:
    """The look at the gateways' counting; `gateways` opens the gateway of a name."""

    def __init__(self, store: Store, gateways: Callable[[str], Gateway], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._gateways = gateways
        self._clock = clock

    def due(self) -> tuple[str, ...]:
        """The public ids of the switches whose new certificate may be seen in use, newest first."""
        with self._store.reading() as tx:
            found = tx.switches.unused(self._clock() - WATCHED_FOR)
            over = {one.id: one for one in tx.connections.some({one.connection_id for one in found})}
        counting = {name for name in {one.gateway for one in over.values()} if self._counts(name)}
        return tuple(one.public_id for one in found if over[one.connection_id].gateway in counting)

    def look(self, public_id: str) -> None:
        """Ask the gateway once, and keep it when a request was made with the new certificate since it is accepted.

        Raises:
            NotFound: no such switch.
        """
        with self._store.reading() as tx:
            switch = tx.switches.by_public_id(public_id)
            connection = tx.connections.get(switch.connection_id) if switch else None
            before = _count_at_first(tx.switches.proofs(switch), switch.to_sha256) if switch else None
        if switch is None or connection is None:
            raise NotFound("switch", public_id)
        if before is None:  # what we present, or rolled out when nobody counted
            return
        try:
            count = self._gateways(connection.gateway).requests(connection.name, switch.to_sha256)
        except GatewayError:  # it is asked again in a moment, and `countersign doctor` says what is wrong
            return
        # Fewer than before: the program has begun to count anew since.
        if count and count != before:
            self._keep(public_id, connection.gateway, count)

    def _counts(self, gateway: str) -> bool:
        try:
            return self._gateways(gateway).counts_requests
        except GatewayError:  # taken out of the configuration since
            return False

    def _keep(self, public_id: str, gateway: str, count: int) -> None:
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            known = any(one.purpose == USED for one in tx.switches.proofs(case.switch))
            if known or case.switch.state not in _IN_FORCE:
                return
            tx.switches.add_proof(
                case.switch,
                NewProof(
                    purpose=USED,
                    choreography=None,
                    endpoint=gateway,
                    at=case.at,
                    duration_ms=0,
                    verdict=USED,
                    presented=(),
                    protocol=None,
                    cipher=None,
                    detail={"source": Source.MEMORY.value, "requests": {case.switch.to_sha256: count}},
                    way=Way.REPORT,
                ),
            )
            for subject in (shown_in(case.switch), proof_subject_of(public_id)):
                tx.notices.add(subject, case.at)


def _count_at_first(proofs: Iterable[Proof], sha256: str) -> int | None:
    """How many requests there were with it when the gateway reported for the first time that it accepts it."""
    for one in proofs:
        counts = one.detail.get("requests")
        if isinstance(counts, dict) and sha256 in counts:
            return int(counts[sha256])
    return None
