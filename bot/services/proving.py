"""The making of a proof: rounds of fresh looks at a connection by every way that there is, each try kept.

What we accept is proven at the partner's endpoint, through the gateway where its configuration says how to get there,
and by the gateway's own report, which alone tells what a partner that comes to us may present. What we present is
proven by a client's handshake with the gateway, which is the connection's own address.
"""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from bot.gateways import probe
from bot.gateways.base import Gateway
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import GatewayError
from bot.gateways.handshake import ProofVerdict
from bot.gateways.listener import Listener
from bot.gateways.passage import PassageVerdict, pass_through
from bot.gateways.report import ReportVerdict, report
from bot.services.proofs import PROOF_ROUNDS, Yardstick
from bot.services.rollout_journal import Page, RolloutJournal
from storage.switch_records import Connection, Role, Way

# For connect, handshake, request and answer of one choreography. Partners answer in well under a second, and while we
# wait longer an unproven certificate is in use for longer.
PROOF_TIMEOUT_S = 5.0

# Names the choreography that a proving request is made for; percent-encoded where it is not ASCII (RFC 9110 5.5).
CHOREOGRAPHY_HEADER = "X-Choreography"

Listeners = Callable[[str, str], Listener | None]
"""The listener of a gateway, by its name, for a connection, by its name; None where none is set."""

_MATCHED = frozenset({ProofVerdict.MATCHED})
# Where the old certificate had expired already, its return is the old state all the same.
_RESTORED = frozenset({ProofVerdict.MATCHED, ProofVerdict.EXPIRED})


class Prover:
    """Who proves; `timeout_s` are the seconds for one handshake or request."""

    def __init__(
        self,
        journal: RolloutJournal,
        gateways: Callable[[str], Gateway],
        listeners: Listeners,
        clock: Callable[[], datetime],
        timeout_s: float,
    ) -> None:
        self._journal = journal
        self._gateways = gateways
        self._listeners = listeners
        self._clock = clock
        self._timeout_s = timeout_s

    def yardstick(self, page: Page) -> Yardstick:
        """What this phase of the roll-out has to show."""
        ways = _ways(page.connection, self._listener(page.connection))
        return Yardstick(page.purpose, page.pins, ways, page.choreographies)

    def proves(self, page: Page) -> bool:
        """Whether everything is shown, in every round. Stops at the first try that shows something else.

        The sooner an unproven certificate is out of use, the better.
        """
        wanted = self.yardstick(page)
        return all(self._round(page, wanted, _MATCHED) for _ in range(PROOF_ROUNDS))

    def proves_restored(self, page: Page) -> bool:
        """Whether the old state is seen again. A way through that was blocked is no reason to doubt that."""
        old = page.switch.from_sha256
        ways = _ways(page.connection, None)
        wanted = Yardstick("restore", frozenset([old] if old else []), ways, page.choreographies)
        return self._round(page, wanted, _RESTORED)

    def _round(self, page: Page, wanted: Yardstick, accepted: frozenset[ProofVerdict]) -> bool:
        try:
            if Way.REPORT in wanted.ways and not self._reported(page, wanted):
                return False
            if Way.ENDPOINT in wanted.ways and not self._presented(page, wanted, accepted):
                return False
            return Way.THROUGH not in wanted.ways or self._passed(page, wanted)
        except GatewayError as error:
            self._journal.note_trouble(page.switch.public_id, wanted.purpose, error.code)
            return False

    def _reported(self, page: Page, wanted: Yardstick) -> bool:
        told = report(self._gateways(page.connection.gateway), page.connection.name, wanted.pins, self._clock())
        self._journal.keep_proof(page.switch.public_id, wanted.purpose, None, told)
        return told.verdict is ReportVerdict.AGREES

    def _presented(self, page: Page, wanted: Yardstick, accepted: frozenset[ProofVerdict]) -> bool:
        trust = self._gateways(page.connection.gateway).trust(page.connection.name)
        endpoint = Endpoint.parse(page.connection.uri)
        for choreography in wanted.choreographies:
            seen = probe.prove(endpoint, trust, self._clock(), self._timeout_s, _headers(choreography))
            self._journal.keep_proof(page.switch.public_id, wanted.purpose, choreography, seen)
            if seen.verdict not in accepted or seen.leaf not in wanted.pins:
                return False
        return True

    def _passed(self, page: Page, wanted: Yardstick) -> bool:
        listener = self._listener(page.connection)
        if listener is None:
            return False
        for choreography in wanted.choreographies:
            seen = pass_through(listener, self._clock(), self._timeout_s, _headers(choreography))
            self._journal.keep_proof(page.switch.public_id, wanted.purpose, choreography, seen)
            if seen.verdict is not PassageVerdict.ANSWERED:
                return False
        return True

    def _listener(self, connection: Connection) -> Listener | None:
        return self._listeners(connection.gateway, connection.name)


def _ways(connection: Connection, listener: Listener | None) -> tuple[Way, ...]:
    if connection.role is Role.PRESENTS:
        return (Way.ENDPOINT,)
    if connection.comes_to_us:
        return (Way.REPORT,)
    return (Way.REPORT, Way.ENDPOINT, *([Way.THROUGH] if listener else []))


def _headers(choreography: str | None) -> dict[str, str]:
    return {CHOREOGRAPHY_HEADER: quote(choreography, safe=" ")} if choreography else {}
