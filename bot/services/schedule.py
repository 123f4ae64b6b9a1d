"""What happens to switches by the clock: their moment comes, the partner is seen to move, people are asked once more.

Every replica runs this. Each act is one transaction that looks the switch up again, so that whoever comes second finds
nothing to do.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.gateways.handshake import Handshake
from bot.services.consent import is_overdue, is_quiet, reminder_due
from bot.services.people import SYSTEM
from bot.services.sightings import proof_of, sighting
from bot.services.switch_ledger import Docket, docket, dockets, move, reminder_subject_of, shown_in, thread_of
from storage.store import Store
from storage.switch_records import Switch, SwitchMode, SwitchState

SEEN = "seen"
"""The purpose of the handshake that set a switch of mode FIRST_SEEN going."""


class Schedule:
    """The clock's side of switches."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def release_due(self) -> tuple[str, ...]:
        """Hand every switch whose agreed moment has come to the roll-out; the public ids of those handed over."""
        now = self._clock()
        coming = (one for one in self._scheduled(SwitchMode.AT) if one.due_at is not None and one.due_at <= now)
        return tuple(one.public_id for one in coming if self._release(one.public_id))

    def watched(self) -> tuple[str, ...]:
        """The switches whose endpoint is to be looked at now, oldest first; those whose window is over end here."""
        return tuple(one.public_id for one in self._scheduled(SwitchMode.FIRST_SEEN) if not self._closed(one))

    def seen(self, public_id: str, handshake: Handshake) -> bool:
        """Take note of what the endpoint presents; True when that sets the switch going.

        Raises:
            NotFound: no such switch.
        """
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state is not SwitchState.SCHEDULED:
                return False
            known = tx.certificates.entries(case.partner.id)
            if handshake.leaf != case.switch.observed.get("sha256"):
                tx.switches.observe(case.switch, sighting(handshake, known))
                tx.notices.add(shown_in(case.switch), case.at)
            if handshake.leaf != case.switch.to_sha256:
                return False
            tx.switches.add_proof(case.switch, proof_of(handshake, SEEN, None, known))
            move(case, SYSTEM, SwitchState.APPROVED, data={"first_seen": handshake.at.isoformat()})
        return True

    def remind(self) -> tuple[str, ...]:
        """Ask those who have not decided once more, after longer and longer pauses, never in the partner's quiet hours.

        On a proposal, and on how an overlap ends whose window is over while nothing can be seen of the partner. The
        public ids of the switches that a reminder goes out for.
        """
        with self._store.reading() as tx:
            found = tx.switches.list((SwitchState.PROPOSED, SwitchState.OVERLAP))
        return tuple(one.public_id for one in reversed(found) if self._remind(one))

    def _scheduled(self, mode: SwitchMode) -> Iterator[Switch]:
        with self._store.reading() as tx:
            found = tx.switches.list((SwitchState.SCHEDULED,))
        return (one for one in reversed(found) if one.mode is mode)

    def _release(self, public_id: str) -> bool:
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            due_at = case.switch.due_at
            if case.switch.state is not SwitchState.SCHEDULED or due_at is None or case.at < due_at:
                return False
            move(case, SYSTEM, SwitchState.APPROVED, data={"due_at": due_at.isoformat()})
        return True

    def _closed(self, switch: Switch) -> bool:
        """Whether the window is over; the switch has then been let go."""
        if switch.until is None or self._clock() <= switch.until:
            return False
        with self._store.begin() as tx:
            case = docket(tx, switch.public_id, self._clock())
            if case.switch.state is SwitchState.SCHEDULED:
                move(case, SYSTEM, SwitchState.EXPIRED, {"code": "never_seen", "until": switch.until.isoformat()})
        return True

    def _remind(self, switch: Switch) -> bool:
        if not _is_due(switch, self._clock()):
            return False
        with self._store.begin() as tx:
            together = dockets(tx, switch.public_id, self._clock())
            waiting = [one for one in together if _waits_for_people(one)]
            # One reminder for all; the others are counted with it, in case that this one ends before them.
            case = next((one for one in waiting if _to_be_reminded(one)), None)
            if case is None or not all(tx.switches.remind(one.switch, one.at) for one in waiting):
                return False
            place = tx.places.get(shown_in(case.switch))
            if place is not None:
                subject = reminder_subject_of(case.switch.public_id, case.switch.reminders + 1)
                tx.places.open(subject, place.channel, thread_of(place))
                tx.notices.add(subject, case.at)
        return True


def _to_be_reminded(case: Docket) -> bool:
    """Asked again in the transaction: another replica, or the last approval, may have been faster."""
    return _is_due(case.switch, case.at) and not is_quiet(case.tx.partners.policy(case.partner.id).quiet, case.at)


def _waits_for_people(case: Docket) -> bool:
    state = case.switch.state
    return state is SwitchState.PROPOSED or (state is SwitchState.OVERLAP and case.connection.comes_to_us)


def _is_due(switch: Switch, at: datetime) -> bool:
    if switch.state is SwitchState.PROPOSED:
        return reminder_due(switch.requested_at, switch.reminders, switch.reminded_at, at)
    return switch.until is not None and is_overdue(switch.until, switch.reminded_at, at)
