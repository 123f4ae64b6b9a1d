"""Switches: proposed by one person, approved by both sides, bound to exactly what was shown (design, "switch")."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.gateways.handshake import Handshake
from bot.services.approval_rules import Act, Case, Ruling, deciders, rule
from bot.services.chains import Chains
from bot.services.consent import Consent
from bot.services.errors import AlreadyThere, BadInput, NotAllowed, NotFound, Outdated, ServiceError
from bot.services.people import SYSTEM, Person, PersonRole, Spot, require
from bot.services.preflight import TO_DECIDE, TO_PROPOSE, Facts, Obstacle, Stop, first_stop
from bot.services.sightings import proof_of, sighting
from bot.services.switch_facts import facts_of, facts_to_propose
from bot.services.switch_ledger import Docket, docket, move, record, subject_of, wrong_state
from bot.services.switch_report import SwitchLine, SwitchReport, read_lines, read_report
from bot.services.timing import AT_ONCE, Timing, checked
from bot.services.wording import MAX_NAME, MAX_REASON, free_text
from storage.records import OPEN_STATES, Side, Switch, SwitchMode, SwitchState
from storage.store import Store
from storage.switches import NewApproval, NewSwitch

__all__ = ["PROPOSAL_LIVES", "Side", "SwitchLine", "SwitchMode", "SwitchReport", "SwitchState", "Switches", "Timing"]

# Two weeks let a partner's change board meet once; older facts should be looked at again.
PROPOSAL_LIVES = timedelta(days=14)

# Before the gateway is touched nothing has to be undone.
_CANCELLABLE = frozenset({SwitchState.PROPOSED, SwitchState.APPROVED, SwitchState.SCHEDULED})


class Switches:
    """The use cases of a proposal, from the request to the last approval; `Rollout` takes over from there.

    Every decision is one transaction: look the switch up, ask the rule who may, check state and facts, write. A refusal
    is a `ServiceError` and leaves everything as it was, with one exception: an overdue proposal expires at the click.
    """

    def __init__(
        self,
        store: Store,
        chains: Chains,
        clock: Callable[[], datetime],
        proposal_lives: timedelta = PROPOSAL_LIVES,
    ) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock
        self._lives = proposal_lives

    def propose(
        self,
        person: Person,
        connection_id: int,
        partner_certificate_id: int,
        reason: str,
        spot: Spot,
        timing: Timing = AT_ONCE,
    ) -> Switch:
        """Ask for a change of the connection's certificate.

        Raises:
            NotAllowed: not one of our operators.
            NotFound: `connection` or `certificate`.
            BadInput: `reason` empty or too long; `certificate` with the obstacle as the reason; `connection` of another
                partner than the one whose people read the place; `due_at`, `until` or `mode` (see `timing.checked`).
            AlreadyThere: `switch`: the connection has an open one (data: `public_id`).
        """
        require(person, PersonRole.OPERATOR)
        return self._propose(person, connection_id, partner_certificate_id, reason, spot, timing)

    def propose_undo(self, person: Person, public_id: str, reason: str, spot: Spot) -> Switch:
        """Ask for the way back to the certificate that a proven switch replaced; it needs the approvals of any other.

        Raises:
            NotAllowed: neither one of our operators nor of our approvers.
            NotFound: `switch`; WrongState: it is not proven; Outdated: `current_changed` (the connection has moved on)
                or `certificate_gone` (there is nothing to go back to); otherwise as `propose`.
        """
        if not person.has(PersonRole.APPROVER):
            require(person, PersonRole.OPERATOR)
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            switch, back = case.switch, case.switch.from_partner_certificate_id
            if switch.state is not SwitchState.PROVEN:
                raise wrong_state(case)
            if case.connection.partner_certificate_id != switch.to_partner_certificate_id:
                raise Outdated(reason=Obstacle.CURRENT_CHANGED.value, public_id=public_id)
            before = tx.certificates.entry(back) if back is not None else None
        if before is None or before.sha256 != switch.from_sha256:
            raise Outdated(reason=Obstacle.CERTIFICATE_GONE.value, public_id=public_id)
        return self._propose(person, switch.connection_id, before.id, reason, spot, AT_ONCE, undoes=public_id)

    def _propose(
        self,
        person: Person,
        connection_id: int,
        partner_certificate_id: int,
        reason: str,
        spot: Spot,
        timing: Timing,
        undoes: str | None = None,
    ) -> Switch:
        reason = free_text("reason", reason, MAX_REASON)
        at = self._clock()
        with self._store.begin() as tx:
            open_switch = tx.switches.open_for(connection_id)
        self._expire_if_overdue(open_switch)
        when = timing.due_at if timing.due_at and timing.due_at.tzinfo else None
        with self._store.begin() as tx:
            facts = facts_to_propose(tx, self._chains, connection_id, partner_certificate_id, at, when)
            timing = checked(timing, facts)
            stop = first_stop(TO_PROPOSE, facts)
            if stop is not None:
                raise _refusal_to_propose(stop)
            here = tx.partners.by_channel(spot.channel)
            if here is not None and here.id != facts.connection.partner_id:
                raise BadInput("connection", "other_partners_channel")
            switch = tx.switches.add(_proposal(facts, person, reason, timing, undoes))
            if switch is None:
                raise AlreadyThere("switch")
            tx.places.open(subject_of(switch.public_id), spot.channel, spot.thread_ts)
            record(docket(tx, switch.public_id, at), person, "switch.proposed")
        return switch

    def observe(self, public_id: str, handshake: Handshake) -> None:
        """Keep what the endpoint presents now. Only an undecided or waiting proposal still shows it."""
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state not in _CANCELLABLE:
                return
            known = tx.certificates.entries(case.partner.id)
            tx.switches.observe(case.switch, sighting(handshake, known))
            tx.switches.add_proof(case.switch, proof_of(handshake, "before", None, known))
            tx.notices.add(subject_of(public_id), case.at)

    def approve(self, person: Person, public_id: str, side: Side) -> None:
        """Approve for one side; the last approval makes the switch due.

        Raises:
            NotFound, NotAllowed (with the ruling as reason), WrongState (with who decided), Outdated (with the obstacle
            as `reason`), AlreadyThere: `approval` (data: `side`, `by`, `at`).
        """
        act = Act.APPROVE if side is Side.OURS else Act.CONFIRM
        self._decide(person, public_id, act, NewApproval(side, True, person.user_id, person.team_id, self._clock()))

    def record_word(self, person: Person, public_id: str, name: str, channel: str, at: datetime) -> None:
        """Keep the word that the partner gave elsewhere: whose (`name`), how (`channel`: "telephone") and when.

        Raises:
            BadInput: `name`, `channel` or `at` (`in_future`, `naive`); otherwise as `approve`.
        """
        name, channel = free_text("name", name, MAX_NAME), free_text("channel", channel, MAX_NAME)
        now = self._clock()
        if at.tzinfo is None:
            raise BadInput("at", "naive")
        if at > now:
            raise BadInput("at", "in_future")
        word = NewApproval(
            Side.PARTNER, True, person.user_id, person.team_id, now, word_name=name, word_channel=channel, word_at=at
        )
        self._decide(person, public_id, Act.RECORD_WORD, word)

    def reject(self, person: Person, public_id: str, reason: str) -> None:
        """Say no, for our side or the partner's; possible also when the proposal is out of date.

        Raises:
            BadInput: `reason`; NotFound, NotAllowed, WrongState.
        """
        reason = free_text("reason", reason, MAX_REASON)
        with self._store.begin() as tx:
            case = self._open_case(docket(tx, public_id, self._clock()), person, Act.REJECT)
            side = Side.OURS if person.is_home else Side.PARTNER
            no = NewApproval(side, False, person.user_id, person.team_id, case.at, reason=reason)
            tx.switches.decide(case.switch, no)  # a side that had approved keeps its approval on record
            outcome = {"code": "rejected", "by": person.user_id, "team": person.team_id, "side": side, "reason": reason}
            move(case, person, SwitchState.REJECTED, outcome, {"side": side})

    def cancel(self, person: Person, public_id: str) -> None:
        """Take the proposal back, until the roll-out begins.

        Raises:
            NotFound, NotAllowed, WrongState.
        """
        with self._store.begin() as tx:
            case = self._open_case(docket(tx, public_id, self._clock()), person, Act.CANCEL, _CANCELLABLE)
            outcome = {"code": "cancelled", "by": person.user_id, "team": person.team_id}
            move(case, person, SwitchState.CANCELLED, outcome)

    def expire_overdue(self) -> tuple[str, ...]:
        """Let every proposal go that nobody decided on in time; the public ids of those that went."""
        with self._store.reading() as tx:
            proposed = tx.switches.list((SwitchState.PROPOSED,))
        return tuple(switch.public_id for switch in proposed if self._expire_if_overdue(switch))

    def due(self) -> tuple[str, ...]:
        """The switches that the roll-out has to take up, also after a restart; oldest first."""
        return self._public_ids((SwitchState.APPROVED, SwitchState.SWITCHING), lambda _: True)

    def unobserved(self) -> tuple[str, ...]:
        """The proposals whose endpoint has not been looked at yet; oldest first."""
        return self._public_ids((SwitchState.PROPOSED,), lambda switch: not switch.observed)

    def report(self, public_id: str) -> SwitchReport:
        """All that there is to show about one switch.

        Raises:
            NotFound: no such switch.
        """
        with self._store.reading() as tx:
            return read_report(tx, self._chains, public_id, self._clock())

    def list(self, *, open_only: bool = True, partner_id: int | None = None) -> tuple[SwitchLine, ...]:
        """The switches, newest first."""
        with self._store.begin() as tx:
            return read_lines(tx, tx.switches.list(OPEN_STATES if open_only else None, partner_id))

    def _decide(self, person: Person, public_id: str, act: Act, decision: NewApproval) -> None:
        with self._store.begin() as tx:
            case = self._open_case(docket(tx, public_id, decision.at), person, act)
            stop = first_stop(TO_DECIDE, facts_of(case, self._chains, self._lives_of(case)))
            if stop is None:
                _approve(case, person, decision)
            elif stop.obstacle is Obstacle.OVERDUE:
                _expire(case, stop)
        # Raised after the commit, so that an overdue proposal stays expired.
        if stop is not None:
            raise Outdated(reason=stop.obstacle.value, public_id=public_id, **stop.data)

    @staticmethod
    def _open_case(
        case: Docket, person: Person, act: Act, states: frozenset[SwitchState] = frozenset({SwitchState.PROPOSED})
    ) -> Docket:
        """The case, if this person may do this and it is still undecided."""
        decided_by = deciders(case.tx.switches.approvals(case.switch))
        ruling = rule(Case(act, person, case.switch.requested_by, case.partner, decided_by))
        if ruling is not Ruling.ALLOWED:
            raise NotAllowed(ruling.value, public_id=case.switch.public_id, partner=case.partner.name)
        if case.switch.state not in states:
            raise wrong_state(case)
        return case

    def _expire_if_overdue(self, switch: Switch | None) -> bool:
        if switch is None or switch.state is not SwitchState.PROPOSED:
            return False
        with self._store.begin() as tx:
            case = docket(tx, switch.public_id, self._clock())
            if self._clock() - case.switch.requested_at <= self._lives_of(case):
                return False
            stop = first_stop(TO_DECIDE, facts_of(case, self._chains, self._lives_of(case)))
            if case.switch.state is not SwitchState.PROPOSED or stop is None or stop.obstacle is not Obstacle.OVERDUE:
                return False
            _expire(case, stop)
        return True

    def _lives_of(self, case: Docket) -> timedelta:
        days = case.tx.partners.policy(case.partner.id).lives_days
        return self._lives if days is None else timedelta(days=days)

    def _public_ids(self, states: tuple[SwitchState, ...], wanted: Callable[[Switch], bool]) -> tuple[str, ...]:
        with self._store.reading() as tx:
            found = tx.switches.list(states)
        return tuple(switch.public_id for switch in reversed(found) if wanted(switch))


def _proposal(facts: Facts, person: Person, reason: str, timing: Timing, undoes: str | None) -> NewSwitch:
    if facts.new is None:
        raise NotFound("certificate", "")
    return NewSwitch(
        public_id=secrets.token_hex(8),
        connection_id=facts.connection.id,
        connection_version=facts.connection.version,
        from_partner_certificate_id=facts.old.id if facts.old else None,
        from_sha256=facts.old.sha256 if facts.old else None,
        to_partner_certificate_id=facts.new.id,
        to_sha256=facts.new.sha256,
        reason=reason,
        requested_by=person.user_id,
        requested_team=person.team_id,
        requested_at=facts.at,
        mode=timing.mode,
        due_at=timing.due_at,
        until=timing.until,
        undoes=undoes,
    )


def _approve(case: Docket, person: Person, decision: NewApproval) -> None:
    policy = case.tx.partners.policy(case.partner.id)
    given = Consent.of(policy, case.tx.switches.approvals(case.switch)).given(decision.side)
    mine = next((one for one in given if one.user_id == person.user_id), None)
    if mine or given[max(policy.ours, 1) - 1 :] or (given and decision.side is Side.PARTNER):
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


def _expire(case: Docket, stop: Stop) -> None:
    move(case, SYSTEM, SwitchState.EXPIRED, {"code": stop.obstacle.value})


def _refusal_to_propose(stop: Stop) -> ServiceError:
    if stop.obstacle is Obstacle.OPEN_SWITCH:
        return AlreadyThere("switch", **stop.data)
    return BadInput("certificate", stop.obstacle.value, **stop.data)
