"""How a change of a switch is written: the row, the audit and the outbox, in one transaction or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.errors import NotFound, WrongState
from bot.services.people import Person
from storage.records import Partner, Place
from storage.store import Transaction
from storage.switch_records import Approval, Connection, Switch, SwitchState

# The outcomes that are worth a reply of their own in the thread, beside the proposal that is updated in place.
_TOLD = frozenset(
    {
        SwitchState.PROVEN,
        SwitchState.ROLLED_BACK,
        SwitchState.FAILED,
        SwitchState.REJECTED,
        SwitchState.CANCELLED,
        SwitchState.EXPIRED,
    }
)

_BEGUN = frozenset({SwitchState.SWITCHING, SwitchState.OVERLAP})


@dataclass(frozen=True, slots=True)
class Docket:
    """A switch under decision: nobody else can move it before the transaction ends."""

    tx: Transaction
    at: datetime
    switch: Switch
    connection: Connection
    partner: Partner

    def refresh(self) -> "Docket":
        """The same after a write of this transaction."""
        return docket(self.tx, self.switch.public_id, self.at)


def docket(tx: Transaction, public_id: str, at: datetime) -> Docket:
    """Take the switch up.

    Raises:
        NotFound: there is no such switch.
    """
    switch = tx.switches.locked(public_id)
    connection = tx.connections.get(switch.connection_id) if switch else None
    partner = tx.partners.by_id(connection.partner_id) if connection else None
    if switch is None or connection is None or partner is None:
        raise NotFound("switch", public_id)
    return Docket(tx, at, switch, connection, partner)


def dockets(tx: Transaction, public_id: str, at: datetime) -> tuple[Docket, ...]:
    """Take up all that were asked for together with this one, the leading one first.

    Raises:
        NotFound: there is no such switch.
    """
    switch = tx.switches.by_public_id(public_id)
    if switch is None:
        raise NotFound("switch", public_id)
    together = tx.switches.together(switch)
    # Always in one order, so that two who decide at once wait for each other and never both for ever (PostgreSQL).
    taken = {one.id: docket(tx, one.public_id, at) for one in sorted(together, key=lambda one: one.id)}
    return tuple(taken[one.id] for one in together)


def named(cases: Sequence[Docket], case: Docket) -> dict[str, object]:
    """For a refusal: which connection it is about, where that is not plain."""
    return {"connection": case.connection.name} if len(cases) > 1 else {}


def subject_of(public_id: str) -> str:
    """What the audit calls a switch; of one that stands alone or leads others, also the subject of its message."""
    return f"switch:{public_id}"


def shown_in(switch: Switch) -> str:
    """The subject of the message that shows the switch: of several that go together, the leading one's."""
    return subject_of(switch.bundle or switch.public_id)


def proof_subject_of(public_id: str) -> str:
    """The subject of the reply that tells the outcome."""
    return f"proof:{public_id}"


def reminder_subject_of(public_id: str, number: int) -> str:
    """The subject of one reminder, counted from 1."""
    return f"reminder:{public_id}/{number}"


def move(
    case: Docket,
    person: Person,
    to: SwitchState,
    outcome: Mapping[str, object] | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Move the switch by compare-and-set, and let the audit and the messages follow.

    `outcome` replaces the switch's; `data` is added to the audit entry, whose action is `switch.<state>`.

    Raises:
        WrongState: somebody else has moved it.
    """
    if not case.tx.switches.move(case.switch, to, case.at, outcome):
        raise wrong_state(case.refresh())
    record(case, person, f"switch.{to.value}", data)
    if to in _TOLD:
        tell_outcome(case)


def move_all(
    cases: Sequence[Docket],
    person: Person,
    to: SwitchState,
    outcome: Mapping[str, object],
    data: Mapping[str, object] | None = None,
) -> None:
    """Move all of them by one decision, which one reply tells.

    Raises:
        WrongState: somebody else has moved one of them.
    """
    for case in cases:
        if not case.tx.switches.move(case.switch, to, case.at, outcome):
            raise wrong_state(case.refresh())
        record(case, person, f"switch.{to.value}", data)
    for case in cases[:1]:
        tell_outcome(case)


def void(tx: Transaction, connection_id: int, person: Person, at: datetime, code: str) -> str | None:
    """End the connection's open proposal, because what its approvals were given for is no longer so.

    Its public id; None where there was none. The outcome names, as `voided`, those whose approvals are void now.

    Raises:
        WrongState: the roll-out has begun, or the gateway accepts both; what is to be proven or undone must not change
            under it.
    """
    found = tx.switches.open_for(connection_id)
    case = docket(tx, found.public_id, at) if found is not None else None
    # Found open, and ended by somebody else before it could be taken up (PostgreSQL).
    if case is None or not case.switch.state.is_open:
        return None
    if case.switch.state in _BEGUN:
        raise wrong_state(case)
    voided = [one.user_id for one in tx.switches.approvals(case.switch) if one.approved]
    outcome = {"code": code, "by": person.user_id, "team": person.team_id, "voided": voided}
    move(case, person, SwitchState.EXPIRED, outcome, {"code": code, "voided": voided})
    return case.switch.public_id


def record(case: Docket, person: Person, action: str, data: Mapping[str, object] | None = None) -> None:
    """One audit entry (fingerprints, ids and codes only), and a notice for the proposal's message."""
    place = case.tx.places.get(shown_in(case.switch))
    case.tx.audit.add(
        case.at,
        person.user_id,
        person.team_id,
        action,
        subject_of(case.switch.public_id),
        f"slack:{place.channel}/{thread_of(place) or ''}" if place else "",
        {
            "partner_id": case.partner.id,
            "connection": case.connection.name,
            "connection_version": case.switch.connection_version,
            "from_sha256": case.switch.from_sha256,
            "to_sha256": case.switch.to_sha256,
            **(data or {}),
        },
    )
    case.tx.notices.add(shown_in(case.switch), case.at)


def tell_outcome(case: Docket) -> None:
    """A reply in the proposal's thread, which the proposal's own message opens where it stands alone in a channel."""
    subject = proof_subject_of(case.switch.public_id)
    place = case.tx.places.get(shown_in(case.switch))
    if place is not None:
        case.tx.places.open(subject, place.channel, thread_of(place))
        case.tx.notices.add(subject, case.at)


def wrong_state(case: Docket) -> WrongState:
    """The refusal that says how the switch stands, and who brought it there."""
    by, at = _last_word(case.switch, case.tx.switches.approvals(case.switch))
    return WrongState(case.switch.state.value, public_id=case.switch.public_id, by=by, at=at or case.switch.changed_at)


def _last_word(switch: Switch, approvals: tuple[Approval, ...]) -> tuple[str | None, datetime | None]:
    by = switch.outcome.get("by")
    if isinstance(by, str):
        return by, switch.changed_at
    return (approvals[-1].user_id, approvals[-1].at) if approvals else (None, None)


def thread_of(place: Place) -> str | None:
    """The thread that replies to the subject go into; a message that stands alone begins one."""
    return place.thread_ts or place.ts
