"""A request for a switch, or for the way back, becomes a proposal for each connection it names: all, or none."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.services.chains import Chains
from bot.services.errors import AlreadyThere, BadInput, NotFound, Outdated
from bot.services.people import Person, Spot
from bot.services.preflight import TO_PROPOSE, Facts, Obstacle, Stop, first_stop
from bot.services.switch_facts import facts_to_propose
from bot.services.switch_ledger import Docket, docket, record, subject_of, wrong_state
from bot.services.timing import AT_ONCE, Timing, checked
from storage.records import PartnerCertificate
from storage.store import Transaction
from storage.switch_entries import NewSwitch
from storage.switch_records import Switch, SwitchState

MOST_BESIDE: Final = 10
"""One message shows them all, each with its choreographies and its endpoint; whoever approves reads every one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for; of the connections, the first one leads. `undoes` is by connection."""

    person: Person
    connection_ids: tuple[int, ...]
    partner_certificate_id: int
    reason: str
    spot: Spot
    timing: Timing = AT_ONCE
    undoes: Mapping[int, str] = field(default_factory=dict)


def put_forward(tx: Transaction, chains: Chains, request: Request, at: datetime) -> Switch:
    """Write the proposals down; the leading one.

    Raises:
        NotFound, BadInput, AlreadyThere: as `Switches.propose`.
    """
    if len(request.connection_ids) > 1 + MOST_BESIDE:
        raise BadInput("also", "too_many", limit=MOST_BESIDE)
    due_at = request.timing.due_at
    when = due_at if due_at and due_at.tzinfo else None
    entry = request.partner_certificate_id
    gathered = [facts_to_propose(tx, chains, one, entry, at, when) for one in request.connection_ids]
    timing = [_checked(request.timing, facts, gathered) for facts in gathered].pop()
    here = tx.partners.by_channel(request.spot.channel)
    if here is not None and here.id != gathered[0].connection.partner_id:
        raise BadInput("connection", "other_partners_channel")
    made = _written(tx, request, gathered, timing)
    leading = made[request.connection_ids[0]]
    tx.places.open(subject_of(leading.public_id), request.spot.channel, request.spot.thread_ts)
    data = {"bundle": leading.public_id} if leading.bundle else {}
    for one in request.connection_ids:
        record(docket(tx, made[one].public_id, at), request.person, "switch.proposed", data)
    return leading


def replaced(cases: Sequence[Docket], public_id: str) -> tuple[PartnerCertificate, dict[int, str]]:
    """The certificate that a proven switch replaced, and which switch undoing it undoes, by connection.

    Raises:
        WrongState, Outdated: as `Switches.propose_undo`.
    """
    case = next(one for one in cases if one.switch.public_id == public_id)
    if case.switch.state is not SwitchState.PROVEN:
        raise wrong_state(case)
    if not _in_place(case):
        raise Outdated(reason=Obstacle.CURRENT_CHANGED.value, public_id=public_id)
    back = case.switch.from_partner_certificate_id
    before = case.tx.certificates.entry(back) if back is not None else None
    if before is None or before.sha256 != case.switch.from_sha256:
        raise Outdated(reason=Obstacle.CERTIFICATE_GONE.value, public_id=public_id)
    return before, {one.connection.id: one.switch.public_id for one in (case, *cases) if _in_place(one)}


def _in_place(case: Docket) -> bool:
    """Whether what the switch brought is in use."""
    brought = case.switch.state is SwitchState.PROVEN
    return brought and case.connection.partner_certificate_id == case.switch.to_partner_certificate_id


def _checked(timing: Timing, facts: Facts, gathered: Sequence[Facts]) -> Timing:
    leads, name = gathered[0], {"connection": facts.connection.name} if len(gathered) > 1 else {}
    if facts is not leads and not _alike(facts, leads):
        raise BadInput("also", "not_alike", **name)
    timing = checked(timing, facts)
    stop = first_stop(TO_PROPOSE, facts)
    if stop is None:
        return timing
    if stop.obstacle is Obstacle.OPEN_SWITCH:
        raise AlreadyThere("switch", **stop.data, **name)
    raise _refusal(stop, name, "certificate" if facts is leads else "also")


def _refusal(stop: Stop, name: Mapping[str, str], field: str) -> BadInput:
    return BadInput(field, stop.obstacle.value, **stop.data, **name)


def _alike(one: Facts, leads: Facts) -> bool:
    """Whether one comparison and one decision can stand for both: one partner, role, old and new certificate."""
    return (
        one.old is not None
        and leads.old is not None
        and one.old.sha256 == leads.old.sha256
        and one.connection.role is leads.connection.role
        and one.connection.partner_id == leads.connection.partner_id
    )


def _written(tx: Transaction, request: Request, gathered: Sequence[Facts], timing: Timing) -> dict[int, Switch]:
    """By connection. Always in one order, so that of two requests at once one waits, and never both (PostgreSQL)."""
    leading = secrets.token_hex(8)
    made: dict[int, Switch] = {}
    for facts in sorted(gathered, key=lambda one: one.connection.id):
        public_id = leading if facts is gathered[0] else secrets.token_hex(8)
        bundle = leading if len(gathered) > 1 else None
        switch = tx.switches.add(_proposal(facts, request, timing, public_id, bundle))
        if switch is None:
            raise AlreadyThere("switch", **({"connection": facts.connection.name} if bundle else {}))
        made[facts.connection.id] = switch
    return made


def _proposal(facts: Facts, request: Request, timing: Timing, public_id: str, bundle: str | None) -> NewSwitch:
    if facts.new is None:
        raise NotFound("certificate", "")
    return NewSwitch(
        public_id=public_id,
        connection_id=facts.connection.id,
        connection_version=facts.connection.version,
        from_partner_certificate_id=facts.old.id if facts.old else None,
        from_sha256=facts.old.sha256 if facts.old else None,
        to_partner_certificate_id=facts.new.id,
        to_sha256=facts.new.sha256,
        reason=request.reason,
        requested_by=request.person.user_id,
        requested_team=request.person.team_id,
        requested_at=facts.at,
        mode=timing.mode,
        due_at=timing.due_at,
        until=timing.until,
        undoes=request.undoes.get(facts.connection.id),
        bundle=bundle,
    )
