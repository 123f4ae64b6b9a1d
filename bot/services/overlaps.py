"""The time in which a gateway accepts old and new: until the new one has been seen for a while, or somebody decides."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.gateways.handshake import Handshake
from bot.services.errors import Outdated
from bot.services.people import SYSTEM, Person, PersonRole, require
from bot.services.sightings import sighting
from bot.services.switch_ledger import Docket, docket, dockets, move, named, shown_in, wrong_state
from storage.store import Store, Transaction
from storage.switch_records import Switch, SwitchState

SETTLES_AFTER: Final = timedelta(minutes=10)
"""A partner's farm of servers moves one by one: as long as one of them may still show the old certificate."""


class Overlaps:
    """The use cases of an overlap; `settles_after` is how long only the new one must have been seen."""

    def __init__(self, store: Store, clock: Callable[[], datetime], settles_after: timedelta = SETTLES_AFTER) -> None:
        self._store = store
        self._clock = clock
        self.settles_after = settles_after

    def watched(self) -> tuple[str, ...]:
        """The overlaps whose endpoint is to be looked at now, oldest first; those whose window is over end here.

        A partner that comes to us has no endpoint: whichever certificate went by itself might be the one that it uses,
        so both stay until somebody decides, who is asked again and again (`Schedule.remind`).
        """
        with self._store.reading() as tx:
            found = tx.switches.list((SwitchState.OVERLAP,))
            over = {one.id: one for one in tx.connections.some({one.connection_id for one in found})}
        return tuple(
            one.public_id for one in reversed(found) if over[one.connection_id].comes_to_us or not self._over(one)
        )

    def seen(self, public_id: str, handshake: Handshake) -> None:
        """Take note of what the endpoint presents; when the new one has been seen for long enough, retire the old one.

        Raises:
            NotFound: no such switch.
        """
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            switch = case.switch
            if switch.state is not SwitchState.OVERLAP or handshake.leaf is None:
                return
            if handshake.leaf != switch.observed.get("sha256"):
                tx.switches.observe(switch, sighting(handshake, tx.certificates.entries(case.partner.id)))
                tx.notices.add(shown_in(switch), case.at)
            since = _new_since(case, handshake)
            if since is not None and case.at - since >= self.settles_after:
                _retire(case, SYSTEM, since)

    def retire(self, person: Person, public_id: str) -> None:
        """Stop accepting the old certificate now, on every connection of the switch that is in its overlap.

        Raises:
            NotAllowed: neither one of our operators nor of our approvers. NotFound: `switch`.
            WrongState: there is no overlap (any more).
            Outdated: `not_seen`: the endpoint was not seen with the new certificate last, so traffic would break (data:
                `connection`, where there are several; none is retired then). Where there is no endpoint people answer
                for it.
        """
        with self._store.begin() as tx:
            cases = self._open(dockets(tx, public_id, self._clock()), person)
            for case in cases:
                seen = case.switch.observed.get("sha256")
                if seen != case.switch.to_sha256 and not case.connection.comes_to_us:
                    raise Outdated(reason="not_seen", public_id=public_id, **named(cases, case))
            for case in cases:
                _retire(case, person, None)

    def abandon(self, person: Person, public_id: str) -> None:
        """Stop accepting the new certificate, wherever it is in its overlap, and prove that the old state is back.

        Raises:
            NotAllowed, NotFound, WrongState: as `retire`.
        """
        with self._store.begin() as tx:
            for case in self._open(dockets(tx, public_id, self._clock()), person):
                _give_back(case, person, "abandoned")

    @staticmethod
    def _open(cases: tuple[Docket, ...], person: Person) -> tuple[Docket, ...]:
        if not person.has(PersonRole.APPROVER):
            require(person, PersonRole.OPERATOR)
        overlapping = tuple(case for case in cases if case.switch.state is SwitchState.OVERLAP)
        if not overlapping:
            raise wrong_state(cases[0])
        return overlapping

    def _over(self, switch: Switch) -> bool:
        """Whether the window is over. The partner that was seen to have moved is taken at its sight, as if it had
        settled: the way back would cut it off. Otherwise the old state is on its way back.
        """
        if switch.until is None or self._clock() <= switch.until:
            return False
        with self._store.begin() as tx:
            case = docket(tx, switch.public_id, self._clock())
            if case.switch.state is SwitchState.OVERLAP:
                since = case.switch.outcome.get("new_since")
                if isinstance(since, str):
                    _retire(case, SYSTEM, datetime.fromisoformat(since))
                else:
                    _give_back(case, SYSTEM, "never_seen")
        return True


def overdue(tx: Transaction, at: datetime) -> tuple[str, ...]:
    """The switches, oldest first, whose overlap lasts longer than agreed because only a person can end it.

    By public id; of those that were decided together, and are ended together, one.
    """
    found = [one for one in tx.switches.list((SwitchState.OVERLAP,)) if one.until is not None and one.until < at]
    over = {one.id: one for one in tx.connections.some({one.connection_id for one in found})}
    late: dict[str, str] = {}
    for one in reversed(found):
        if over[one.connection_id].comes_to_us:
            late.setdefault(shown_in(one), one.public_id)
    return tuple(late.values())


def _new_since(case: Docket, handshake: Handshake) -> datetime | None:
    """Since when nothing but the new certificate has been seen, kept in the outcome as `new_since`."""
    outcome = dict(case.switch.outcome)
    kept = outcome.get("new_since")
    if handshake.leaf != case.switch.to_sha256:
        if kept is not None:
            case.tx.switches.note_outcome(case.switch, {key: outcome[key] for key in outcome if key != "new_since"})
        return None
    if isinstance(kept, str):
        return datetime.fromisoformat(kept)
    case.tx.switches.note_outcome(case.switch, {**outcome, "new_since": handshake.at.isoformat()})
    return handshake.at


def _retire(case: Docket, person: Person, since: datetime | None) -> None:
    outcome = {key: value for key, value in case.switch.outcome.items() if key != "trouble"}
    data = {"new_since": since.isoformat()} if since else {}
    move(case, person, SwitchState.SWITCHING, {**outcome, "retiring": True}, data)


def _give_back(case: Docket, person: Person, code: str) -> None:
    outcome = {**case.switch.outcome, "undo": True, "code": code, "by": person.user_id, "team": person.team_id}
    move(case, person, SwitchState.SWITCHING, outcome, {"code": code})
