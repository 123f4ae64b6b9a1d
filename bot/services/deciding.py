"""A decision about a proposal: who may, whether it still stands, and what the last approval sets going."""

from collections.abc import Sequence
from datetime import timedelta

from bot.services.approval_rules import Act, Case, Ruling, deciders, rule
from bot.services.chains import Chains
from bot.services.consent import Consent
from bot.services.errors import AlreadyThere, NotAllowed
from bot.services.people import Person
from bot.services.preflight import TO_DECIDE, Stop, first_stop
from bot.services.switch_facts import facts_of
from bot.services.switch_ledger import Docket, move, record, wrong_state
from storage.switch_entries import NewApproval
from storage.switch_records import Side, SwitchMode, SwitchState

# Before the gateway is touched nothing has to be undone.
CANCELLABLE = frozenset({SwitchState.PROPOSED, SwitchState.APPROVED, SwitchState.SCHEDULED})


def open_cases(
    cases: tuple[Docket, ...],
    person: Person,
    act: Act,
    states: frozenset[SwitchState] = frozenset({SwitchState.PROPOSED}),
) -> tuple[Docket, ...]:
    """Those that are still undecided, if this person may do this.

    Raises:
        NotAllowed: with the ruling as reason. WrongState: none is.
    """
    still = tuple(case for case in cases if case.switch.state in states)
    case = (still or cases)[0]
    decided_by = deciders(case.tx.switches.approvals(case.switch))
    ruling = rule(Case(act, person, case.switch.requested_by, case.partner, decided_by))
    if ruling is not Ruling.ALLOWED:
        raise NotAllowed(ruling.value, public_id=case.switch.public_id, partner=case.partner.name)
    if not still:
        raise wrong_state(case)
    return still


def why_not(cases: Sequence[Docket], chains: Chains, lives: timedelta) -> tuple[Docket, Stop] | None:
    """Why none of them is decided on, and which one it is about; `lives` is how long a proposal does by default."""
    for case in cases:
        stop = first_stop(TO_DECIDE, facts_of(case, chains, lives_of(case, lives)))
        if stop is not None:
            return case, stop
    return None


def lives_of(case: Docket, otherwise: timedelta) -> timedelta:
    """How long the proposal may wait for its approvals, by the partner's policy."""
    days = case.tx.partners.policy(case.partner.id).lives_days
    return otherwise if days is None else timedelta(days=days)


def approve(case: Docket, person: Person, decision: NewApproval) -> None:
    """Keep one approval; the last one makes the switch due.

    Raises:
        AlreadyThere: `approval`: this person, or enough of the side, have decided; but not where nobody else is waited
            for (`Consent.awaits`).
    """
    policy = case.tx.partners.policy(case.partner.id)
    before = Consent.of(policy, case.tx.switches.approvals(case.switch))
    given = before.given(decision.side)
    mine = next((one for one in given if one.user_id == person.user_id), None)
    is_enough = mine or given[max(policy.ours, 1) - 1 :] or (given and decision.side is Side.PARTNER)
    if is_enough and not before.complete:
        first = mine or given[0]
        raise AlreadyThere("approval", side=first.side.value, by=first.user_id, at=first.at)
    case.tx.switches.decide(case.switch, decision)
    recorded = {"side": decision.side.value, "word": decision.word_name is not None}
    record(case, person, "switch.approval", recorded)
    if Consent.of(policy, case.tx.switches.approvals(case.switch)).complete:
        move(case, person, _after_the_last_approval(case))


def _after_the_last_approval(case: Docket) -> SwitchState:
    """The roll-out takes up what is approved; what has to wait for its moment is taken up by the `Schedule`."""
    switch = case.switch
    waits = switch.mode is SwitchMode.FIRST_SEEN or (switch.due_at is not None and switch.due_at > case.at)
    return SwitchState.SCHEDULED if waits else SwitchState.APPROVED
