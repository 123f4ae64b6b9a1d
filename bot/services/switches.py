"""Switches: proposed by one person, approved by both sides, bound to exactly what was shown (design, "switch")."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.gateways.handshake import Handshake
from bot.services.approval_rules import Act, Case, Ruling, rule
from bot.services.chains import Chains
from bot.services.errors import AlreadyThere, BadInput, NotAllowed, NotFound, Outdated, ServiceError
from bot.services.people import SYSTEM, Person, PersonRole, Spot, require
from bot.services.preflight import TO_DECIDE, TO_PROPOSE, Facts, Obstacle, Stop, first_stop
from bot.services.sightings import proof_of, sighting
from bot.services.switch_facts import facts_of, facts_to_propose
from bot.services.switch_ledger import Docket, docket, move, record, subject_of, wrong_state
from bot.services.switch_report import SwitchLine, SwitchReport, read_lines, read_report
from bot.services.wording import MAX_NAME, MAX_REASON, free_text
from storage.records import OPEN_STATES, Side, Switch, SwitchState
from storage.store import Store
from storage.switches import NewApproval, NewSwitch

__all__ = ["PROPOSAL_LIVES", "Side", "SwitchLine", "SwitchReport", "SwitchState", "Switches"]

# Two weeks let a partner's change board meet once; older facts should be looked at again.
PROPOSAL_LIVES = timedelta(days=14)

# Before the gateway is touched nothing has to be undone.
_CANCELLABLE = frozenset({SwitchState.PROPOSED, SwitchState.APPROVED, SwitchState.SCHEDULED})
_BOTH = frozenset(Side)


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
        self, person: Person, connection_id: int, partner_certificate_id: int, reason: str, spot: Spot
    ) -> Switch:
        """Ask for a change of the connection's certificate.

        Raises:
            NotAllowed: not one of our operators.
            NotFound: `connection` or `certificate`.
            BadInput: `reason` empty or too long; `certificate` with the obstacle as the reason; `connection` of another
                partner than the one whose people read the place.
            AlreadyThere: `switch`: the connection has an open one (data: `public_id`).
        """
        require(person, PersonRole.OPERATOR)
        reason = free_text("reason", reason, MAX_REASON)
        at = self._clock()
        with self._store.begin() as tx:
            open_switch = tx.switches.open_for(connection_id)
        self._expire_if_overdue(open_switch)
        with self._store.begin() as tx:
            facts = facts_to_propose(tx, self._chains, connection_id, partner_certificate_id, at)
            stop = first_stop(TO_PROPOSE, facts)
            if stop is not None:
                raise _refusal_to_propose(stop)
            here = tx.partners.by_channel(spot.channel)
            if here is not None and here.id != facts.connection.partner_id:
                raise BadInput("connection", "other_partners_channel")
            switch = tx.switches.add(_proposal(facts, person, reason))
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
        with self._store.begin() as tx:
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
        with self._store.begin() as tx:
            return read_report(tx, self._chains, public_id, self._clock())

    def list(self, *, open_only: bool = True, partner_id: int | None = None) -> tuple[SwitchLine, ...]:
        """The switches, newest first."""
        with self._store.begin() as tx:
            return read_lines(tx, tx.switches.list(OPEN_STATES if open_only else None, partner_id))

    def _decide(self, person: Person, public_id: str, act: Act, decision: NewApproval) -> None:
        with self._store.begin() as tx:
            case = self._open_case(docket(tx, public_id, decision.at), person, act)
            stop = first_stop(TO_DECIDE, facts_of(case, self._chains, self._lives))
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
        decided_by = {one.side: one.user_id for one in case.tx.switches.approvals(case.switch)}
        ruling = rule(Case(act, person, case.switch.requested_by, case.partner, decided_by))
        if ruling is not Ruling.ALLOWED:
            raise NotAllowed(ruling.value, public_id=case.switch.public_id, partner=case.partner.name)
        if case.switch.state not in states:
            raise wrong_state(case)
        return case

    def _expire_if_overdue(self, switch: Switch | None) -> bool:
        if switch is None or self._clock() - switch.requested_at <= self._lives:
            return False
        with self._store.begin() as tx:
            case = docket(tx, switch.public_id, self._clock())
            stop = first_stop(TO_DECIDE, facts_of(case, self._chains, self._lives))
            if case.switch.state is not SwitchState.PROPOSED or stop is None or stop.obstacle is not Obstacle.OVERDUE:
                return False
            _expire(case, stop)
        return True

    def _public_ids(self, states: tuple[SwitchState, ...], wanted: Callable[[Switch], bool]) -> tuple[str, ...]:
        with self._store.begin() as tx:
            found = tx.switches.list(states)
        return tuple(switch.public_id for switch in reversed(found) if wanted(switch))


def _proposal(facts: Facts, person: Person, reason: str) -> NewSwitch:
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
    )


def _approve(case: Docket, person: Person, decision: NewApproval) -> None:
    kept = case.tx.switches.decide(case.switch, decision)
    approvals = {one.side: one for one in case.tx.switches.approvals(case.switch)}
    if kept is None:
        first = approvals[decision.side]
        raise AlreadyThere("approval", side=first.side.value, by=first.user_id, at=first.at)
    recorded = {"side": decision.side.value, "word": decision.word_name is not None}
    record(case, person, "switch.approval", recorded)
    if {side for side, one in approvals.items() if one.approved} == _BOTH:
        move(case, person, SwitchState.APPROVED)


def _expire(case: Docket, stop: Stop) -> None:
    move(case, SYSTEM, SwitchState.EXPIRED, {"code": stop.obstacle.value})


def _refusal_to_propose(stop: Stop) -> ServiceError:
    if stop.obstacle is Obstacle.OPEN_SWITCH:
        return AlreadyThere("switch", **stop.data)
    return BadInput("certificate", stop.obstacle.value, **stop.data)
