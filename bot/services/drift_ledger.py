"""How a drift is read and written: the row, the audit and the outbox, in one transaction or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.gateways.base import Gateway
from bot.gateways.condition import Source
from bot.gateways.errors import GatewayDamaged, GatewayError
from bot.services.drift_facts import Found, compare, unreadable
from bot.services.errors import NotFound
from bot.services.mend_proof import proofs_kept
from bot.services.people import SYSTEM, Person
from bot.services.switch_facts import in_use
from bot.services.switch_ledger import thread_of
from storage.records import Partner
from storage.store import Transaction
from storage.switch_records import Connection, Drift, DriftState, Proof, Role, SwitchState


@dataclass(frozen=True, slots=True)
class Standing:
    """A connection as the store has it.

    `recorded` is the certificate in use, in an overlap the new one before it; empty where there is none.
    """

    connection: Connection
    partner: Partner
    recorded: tuple[str, ...]
    is_switching: bool
    drift: Drift | None

    @property
    def is_settled(self) -> bool:
        """Whether the gateway has to hold exactly what is on record, now: nobody of us is about to change it."""
        is_mending = self.drift is not None and self.drift.state is DriftState.MENDING
        return bool(self.recorded) and not self.is_switching and not is_mending


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A drift with everything that its messages show.

    `names` are those of the partner's certificates, by SHA-256; `proofs` the tries that were made after a mending.
    """

    drift: Drift
    found: Found
    connection: Connection
    partner: Partner
    names: Mapping[str, str]
    proofs: tuple[Proof, ...] = ()

    @property
    def is_open_to_approval(self) -> bool:
        """Whether an approver is asked to have it put back."""
        return self.drift.state is DriftState.OPEN and self.found.can_be_put_back


def standing(tx: Transaction, connection: Connection) -> Standing:
    """How the connection stands.

    Raises:
        NotFound: its partner is gone.
    """
    partner = tx.partners.by_id(connection.partner_id)
    if partner is None:
        raise NotFound("partner", str(connection.partner_id))
    switch, entry = tx.switches.open_for(connection.id), in_use(tx, connection)
    both = (switch.to_sha256,) if switch is not None and switch.state is SwitchState.OVERLAP else ()
    return Standing(
        connection=connection,
        partner=partner,
        recorded=(*both, *((entry.sha256,) if entry is not None else ())),
        is_switching=switch is not None and switch.state is SwitchState.SWITCHING,
        drift=tx.drifts.open_for(connection.id),
    )


def standing_of(tx: Transaction, drift: Drift) -> Standing:
    """How the connection of a drift stands.

    Raises:
        NotFound: the connection is gone.
    """
    connection = tx.connections.get(drift.connection_id)
    if connection is None:
        raise NotFound("connection", str(drift.connection_id))
    return standing(tx, connection)


def held_against(stand: Standing, gateway: Gateway) -> Found | None:
    """What differs between the store and the gateway right now; None where nothing does.

    Raises:
        GatewayError: the gateway cannot be asked, which is no drift.
    """
    name, role = stand.connection.name, stand.connection.role
    try:
        live = gateway.current(name)
        found = compare(stand.recorded, role, live, gateway.drift(name) if live else None)
    except GatewayDamaged:
        found = unreadable(stand.recorded)
    if found is None or found.memory is not None or role is not Role.ACCEPTS:
        return found
    return replace(found, memory=_admitted(gateway, name))


def _admitted(gateway: Gateway, name: str) -> tuple[str, ...] | None:
    """What the program says that it accepts, whatever its files hold; None where it does not say."""
    try:
        told = gateway.accepted(name)
    except GatewayError:
        return None
    return tuple(sorted(told.pins)) if told.source is Source.MEMORY else None


def read_drift(tx: Transaction, drift: Drift) -> DriftReport:
    """What there is to show about a drift.

    Raises:
        NotFound: its connection is gone.
    """
    stand = standing_of(tx, drift)
    # Of this partner's list alone: its people may read it, and another partner's certificate is none of their business.
    names = {one.sha256: one.display_name for one in tx.certificates.entries(stand.partner.id)}
    return DriftReport(
        drift, Found.from_json(drift.found), stand.connection, stand.partner, names, proofs_kept(drift.outcome)
    )


def drift_subject_of(public_id: str) -> str:
    """The subject of the message that shows the drift, and what the audit calls it."""
    return f"drift:{public_id}"


def record(
    tx: Transaction,
    stand: Standing,
    drift: Drift,
    at: datetime,
    action: str,
    data: Mapping[str, object],
    person: Person = SYSTEM,
) -> None:
    """One audit entry (fingerprints, ids and codes only), and a notice for the drift's message."""
    subject = drift_subject_of(drift.public_id)
    place = tx.places.get(subject)
    source = f"slack:{place.channel}/{thread_of(place) or ''}" if place else ""
    about = {"partner_id": stand.partner.id, "connection": stand.connection.name}
    tx.audit.add(at, person.user_id, person.team_id, action, subject, source, {**about, **data})
    tx.notices.add(subject, at)


def gone(tx: Transaction, stand: Standing, drift: Drift, at: datetime) -> bool:
    """The gateway holds what is on record again, and nobody of us saw to it; False where the drift has moved."""
    if not tx.drifts.move(drift, DriftState.GONE, at, {"code": "gone"}):
        return False
    record(tx, stand, drift, at, "drift.gone", {"recorded": list(stand.recorded)})
    return True
