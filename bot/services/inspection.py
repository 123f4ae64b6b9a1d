"""One connection as it stands: on record, at its gateway right now, under decision, and proven when. Reads only."""

import difflib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.gateways.base import Gateway
from bot.gateways.errors import GatewayError
from bot.pki.chain import ChainReport
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.connections import ConnectionReport, Connections
from bot.services.drift_ledger import DriftReport, Standing, drift_subject_of, held_against, read_drift, standing
from bot.services.errors import AlreadyThere, BadInput, NotFound
from bot.services.preflight import TO_PROPOSE, Obstacle, first_stop
from bot.services.switch_facts import facts_to_propose
from bot.services.switch_ledger import shown_in
from bot.services.switch_report import SwitchReport, read_report
from storage.records import PartnerCertificate, Place
from storage.store import Store, Transaction
from storage.switch_records import Connection, DriftState, Switch

ANSWERS_WITHIN_S: Final = 1.0
"""Whoever asks has to be acknowledged within three seconds (docs.slack.dev, "Acknowledgment response")."""

AT_ONCE: Final = 4
"""Gateways that are asked at the same time: one that hangs must not keep the others from answering."""


class AtTheGateway(StrEnum):
    """What the gateway itself said just now."""

    AGREES = "agrees"  # it answers, and holds what is on record
    DIFFERS = "differs"  # it answers, and holds something else
    SILENT = "silent"  # it cannot be asked, or not in time
    NOT_ASKED = "not_asked"  # there is nothing to hold, or it is being changed right now


@dataclass(frozen=True, slots=True)
class Inspected:
    """A connection with everything that a person wants to know of it.

    `chain` is that of the certificate in use. `drift` and `switch` are the open ones, `proven` is the last switch that
    was proven on it, `mended` the last drift that was put back and proven, where that was later. `ready` is the newest
    certificate that it could be switched to and that ends later than the one in use.
    The places are where in Slack switch and drift are talked about.
    """

    report: ConnectionReport
    chain: ChainReport | None
    gateway: AtTheGateway
    drift: DriftReport | None
    switch: SwitchReport | None
    proven: SwitchReport | None
    mended: DriftReport | None
    ready: PartnerCertificate | None
    switch_place: Place | None
    drift_place: Place | None

    @property
    def in_place(self) -> bool:
        """Whether the last proven switch can be taken back."""
        if self.proven is None or self.proven.switch.from_sha256 is None:
            return False
        return self.report.connection.partner_certificate_id == self.proven.switch.to_partner_certificate_id


class Inspection:
    """The use cases of a close look at one connection.

    `gateways` opens the gateway of a name; `answers_within_s` are the seconds that a gateway is given to answer.
    """

    def __init__(
        self,
        store: Store,
        chains: Chains,
        gateways: Callable[[str], Gateway],
        clock: Callable[[], datetime],
        connections: Connections,
        answers_within_s: float = ANSWERS_WITHIN_S,
    ) -> None:
        self._store = store
        self._chains = chains
        self._gateways = gateways
        self._clock = clock
        self._connections = connections
        self._answers_within_s = answers_within_s
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="inspection")

    def of(self, name: str, within: int | None = None) -> Inspected:
        """The connection of this name; `within` is the id of the one partner that the answer may be about.

        Raises:
            NotFound: `connection`, with the nearest names of those that it may be about.
        """
        with self._store.reading() as tx:
            connection = _named(tx, name, within)
            stand = standing(tx, connection)
            newest = tx.drifts.newest_for(connection.id)
            drift = read_drift(tx, stand.drift) if stand.drift else None
            last = read_drift(tx, newest) if newest and newest.state is DriftState.MENDED else None
            open_switch, proven = tx.switches.open_for(connection.id), tx.switches.last_proven(connection.id)
            mended = last if last and _proven_after(last, proven) else None
            switch = self._switch(tx, open_switch)
            found = (drift, switch, self._switch(tx, proven), mended)
            places = (
                tx.places.get(shown_in(open_switch)) if open_switch else None,
                tx.places.get(drift_subject_of(drift.drift.public_id)) if drift else None,
            )
        report = self._connections.by_id(connection.id)
        known = [one if one and _may_be_told(one, stand, within) else None for one in places]
        chain = self._chains.report(report.certificate) if report.certificate else None
        return Inspected(report, chain, self._asked(stand), *found, self._ready(report), *known)

    def is_known(self, name: str) -> bool:
        """Whether there is such a connection, whoever's it is."""
        with self._store.reading() as tx:
            return tx.connections.by_name(name) is not None

    def check_proposal(self, connection_id: int, partner_certificate_id: int) -> None:
        """Refuse what `Switches.propose` would refuse now, before anybody is asked for the rest.

        Raises:
            NotFound: `connection` or `certificate`. BadInput: `certificate` with the obstacle as the reason.
            AlreadyThere: `switch`: the connection has an open one.
        """
        with self._store.reading() as tx:
            facts = facts_to_propose(tx, self._chains, connection_id, partner_certificate_id, self._clock())
        stop = first_stop(TO_PROPOSE, facts)
        if stop is None or stop.obstacle is Obstacle.NOT_YET_VALID:  # which a later moment may heal
            return
        if stop.obstacle is Obstacle.OPEN_SWITCH:
            raise AlreadyThere("switch", **stop.data)
        raise BadInput("certificate", stop.obstacle.value, **stop.data)

    def _switch(self, tx: Transaction, switch: Switch | None) -> SwitchReport | None:
        return read_report(tx, self._chains, switch.public_id, self._clock()) if switch else None

    def _ready(self, report: ConnectionReport) -> PartnerCertificate | None:
        ends = report.certificate.not_after if report.certificate else None
        for entry in self._connections.candidates(report.connection):
            if ends is None or certificate_of(entry.der).not_after > ends:
                return entry
        return None

    def _asked(self, stand: Standing) -> AtTheGateway:
        """By another thread: how long a gateway may take is its own setting, and longer than anybody waits here."""
        if not stand.is_settled:
            return AtTheGateway.NOT_ASKED
        asking = self._pool.submit(self._ask, stand)
        try:
            return asking.result(self._answers_within_s)
        except TimeoutError:
            asking.cancel()
            return AtTheGateway.SILENT

    def _ask(self, stand: Standing) -> AtTheGateway:
        try:
            found = held_against(stand, self._gateways(stand.connection.gateway))
        except GatewayError:
            return AtTheGateway.SILENT
        return AtTheGateway.AGREES if found is None else AtTheGateway.DIFFERS


def _named(tx: Transaction, name: str, within: int | None) -> Connection:
    connection = tx.connections.by_name(name)
    if connection is not None and within in {None, connection.partner_id}:
        return connection
    known = tx.connections.all() if within is None else tx.connections.of_partner(within)
    raise NotFound("connection", name, difflib.get_close_matches(name, [one.name for one in known]))


def _proven_after(mended: DriftReport, proven: Switch | None) -> bool:
    ended = mended.drift.ended_at
    is_proven = mended.drift.outcome.get("proven") is True and ended is not None
    return is_proven and (proven is None or ended is None or ended > proven.changed_at)


def _may_be_told(place: Place, stand: Standing, within: int | None) -> bool:
    """A partner's people get to know of their own channels only."""
    return within is None or place.channel in stand.partner.channels
