"""Switches: proposed by one person, approved by both sides, bound to exactly what was shown (design, "switch")."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.gateways.handshake import Handshake
from bot.services.approval_rules import Act
from bot.services.chains import Chains
from bot.services.deciding import CANCELLABLE, approve, lives_of, open_cases, why_not
from bot.services.errors import BadInput, Outdated
from bot.services.people import SYSTEM, Person, PersonRole, Spot, require
from bot.services.preflight import Obstacle
from bot.services.proposing import Request, put_forward, replaced
from bot.services.sightings import proof_of, sighting
from bot.services.switch_ledger import docket, dockets, move_all, named, shown_in
from bot.services.switch_report import SwitchLine, SwitchReport, read_lines, read_report, read_speaker
from bot.services.timing import AT_ONCE, Timing
from bot.services.wording import MAX_NAME, MAX_REASON, free_text
from storage.store import Store
from storage.switch_entries import NewApproval
from storage.switch_records import OPEN_STATES, DriftState, Side, Switch, SwitchMode, SwitchState

__all__ = ["PROPOSAL_LIVES", "Side", "SwitchLine", "SwitchMode", "SwitchReport", "SwitchState", "Switches", "Timing"]

# Two weeks let a partner's change board meet once; older facts should be looked at again.
PROPOSAL_LIVES = timedelta(days=14)


class Switches:
    """The use cases of a proposal, from the request to the last approval; `Rollout` takes over from there.

    Every decision is one transaction: look the switch up, ask the rule who may, check state and facts, write. Where
    several were asked for together, it is about all of them that are still open, and all or none follow it. A refusal
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
        also: Sequence[int] = (),
    ) -> Switch:
        """Ask for a change of the connection's certificate, and of the same on the connections `also`; all or none.

        Those are approved together, in one message; each is rolled out and proven for itself.

        Raises:
            NotAllowed: not one of our operators.
            NotFound: `connection` or `certificate`.
            BadInput: `reason` empty or too long; `certificate` with the obstacle as the reason; `connection` of another
                partner than the one whose people read the place; `due_at`, `until` or `mode` (see `timing.checked`);
                `also` with an obstacle, `not_alike` (another certificate in use, role or partner) or `too_many`.
            AlreadyThere: `switch`: the connection has an open one (data: `public_id`).
            Where there are several connections, the data has the name of the one it is about as `connection`.
        """
        require(person, PersonRole.OPERATOR)
        together = tuple(dict.fromkeys((connection_id, *also)))
        return self._propose(Request(person, together, partner_certificate_id, reason, spot, timing))

    def propose_undo(self, person: Person, public_id: str, reason: str, spot: Spot) -> Switch:
        """Ask for the way back to the certificate that a proven switch replaced; it needs the approvals of any other.

        What was asked for together with it goes back together with it, where it is proven and still in use.

        Raises:
            NotAllowed: neither one of our operators nor of our approvers.
            NotFound: `switch`; WrongState: it is not proven; Outdated: `current_changed` (the connection has moved on)
                or `certificate_gone` (there is nothing to go back to); otherwise as `propose`.
        """
        if not person.has(PersonRole.APPROVER):
            require(person, PersonRole.OPERATOR)
        with self._store.begin() as tx:
            before, undoes = replaced(dockets(tx, public_id, self._clock()), public_id)
        return self._propose(Request(person, tuple(undoes), before.id, reason, spot, undoes=undoes))

    def _propose(self, request: Request) -> Switch:
        request = replace(request, reason=free_text("reason", request.reason, MAX_REASON))
        at = self._clock()
        with self._store.begin() as tx:
            open_switches = [tx.switches.open_for(one) for one in request.connection_ids]
        for one in open_switches:
            self._expire_if_overdue(one)
        with self._store.begin() as tx:
            return put_forward(tx, self._chains, request, at)

    def observe(self, public_id: str, handshake: Handshake | None) -> None:
        """Keep what the endpoint presents now, or that there is none to look at (None).

        Only an undecided or waiting proposal still shows it.
        """
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state not in CANCELLABLE:
                return
            if handshake is None:
                tx.switches.observe(case.switch, {"verdict": "no_endpoint", "at": case.at.isoformat()})
            else:
                known = tx.certificates.entries(case.partner.id)
                tx.switches.observe(case.switch, sighting(handshake, known))
                tx.switches.add_proof(case.switch, proof_of(handshake, "before", None, known))
            tx.notices.add(shown_in(case.switch), case.at)

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
            cases = open_cases(dockets(tx, public_id, self._clock()), person, Act.REJECT)
            side = Side.OURS if person.is_home else Side.PARTNER
            no = NewApproval(side, False, person.user_id, person.team_id, cases[0].at, reason=reason)
            for case in cases:
                tx.switches.decide(case.switch, no)  # a side that had approved keeps its approval on record
            outcome = {"code": "rejected", "by": person.user_id, "team": person.team_id, "side": side, "reason": reason}
            move_all(cases, person, SwitchState.REJECTED, outcome, {"side": side})

    def cancel(self, person: Person, public_id: str) -> None:
        """Take the proposal back, until the roll-out begins.

        Raises:
            NotFound, NotAllowed, WrongState.
        """
        with self._store.begin() as tx:
            cases = open_cases(dockets(tx, public_id, self._clock()), person, Act.CANCEL, CANCELLABLE)
            outcome = {"code": "cancelled", "by": person.user_id, "team": person.team_id}
            move_all(cases, person, SwitchState.CANCELLED, outcome)

    def expire_overdue(self) -> tuple[str, ...]:
        """Let every proposal go that nobody decided on in time; the public ids of those that went."""
        with self._store.reading() as tx:
            proposed = tx.switches.list((SwitchState.PROPOSED,))
        return tuple(switch.public_id for switch in proposed if self._expire_if_overdue(switch))

    def due(self) -> tuple[str, ...]:
        """The switches that the roll-out has to take up, also after a restart; oldest first.

        What is approved waits while the connection's gateway is being put right.
        """
        with self._store.reading() as tx:
            found = tx.switches.list((SwitchState.APPROVED, SwitchState.SWITCHING))
            mending = {one.connection_id for one in tx.drifts.in_state(DriftState.MENDING)}
        due = (one for one in found if one.state is SwitchState.SWITCHING or one.connection_id not in mending)
        return tuple(one.public_id for one in reversed(tuple(due)))

    def unobserved(self) -> tuple[str, ...]:
        """The proposals whose endpoint has not been looked at yet; oldest first."""
        with self._store.reading() as tx:
            proposed = tx.switches.list((SwitchState.PROPOSED,))
        return tuple(one.public_id for one in reversed(proposed) if not one.observed)

    def report(self, public_id: str) -> SwitchReport:
        """All that there is to show about one switch.

        Raises:
            NotFound: no such switch.
        """
        with self._store.reading() as tx:
            return read_report(tx, self._chains, public_id, self._clock())

    def shown(self, public_id: str) -> SwitchReport:
        """What the message of a switch shows; of several that go together, the report of the one that speaks for all.

        Raises:
            NotFound: no such switch.
        """
        with self._store.reading() as tx:
            return read_report(tx, self._chains, read_speaker(tx, public_id), self._clock())

    def list(
        self, *, open_only: bool = True, partner_id: int | None = None, most: int | None = None
    ) -> tuple[SwitchLine, ...]:
        """The switches, newest first, `most` of them."""
        with self._store.reading() as tx:
            return read_lines(tx, tx.switches.list(OPEN_STATES if open_only else None, partner_id, most))

    def count(self, partner_id: int | None = None) -> int:
        """How many there are, open or over."""
        with self._store.reading() as tx:
            return tx.switches.count(partner_id)

    def _decide(self, person: Person, public_id: str, act: Act, decision: NewApproval) -> None:
        with self._store.begin() as tx:
            cases = open_cases(dockets(tx, public_id, decision.at), person, act)
            stopped = why_not(cases, self._chains, self._lives)
            if stopped is None:
                for case in cases:
                    approve(case, person, decision)
            elif stopped[1].obstacle is Obstacle.OVERDUE:
                move_all(cases, SYSTEM, SwitchState.EXPIRED, {"code": Obstacle.OVERDUE.value})
        # Raised after the commit, so that an overdue proposal stays expired.
        if stopped is not None:
            case, stop = stopped
            raise Outdated(reason=stop.obstacle.value, public_id=public_id, **named(cases, case), **stop.data)

    def _expire_if_overdue(self, switch: Switch | None) -> bool:
        if switch is None or switch.state is not SwitchState.PROPOSED:
            return False
        with self._store.begin() as tx:
            together = dockets(tx, switch.public_id, self._clock())
            cases = [one for one in together if one.switch.state is SwitchState.PROPOSED]
            if not cases or cases[0].at - switch.requested_at <= lives_of(cases[0], self._lives):
                return False
            stopped = why_not(cases, self._chains, self._lives)
            if stopped is None or stopped[1].obstacle is not Obstacle.OVERDUE:
                return False
            move_all(cases, SYSTEM, SwitchState.EXPIRED, {"code": Obstacle.OVERDUE.value})
        return True
