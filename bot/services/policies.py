"""The approval policy of a partner: how many of ours, whether the partner confirms, how long a proposal lives."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.services.errors import BadInput
from bot.services.journal import record
from bot.services.partners import partner_of
from bot.services.people import Person, PersonRole, require
from bot.services.switch_ledger import shown_in
from storage.records import Policy, QuietHours
from storage.store import Store
from storage.switch_records import SwitchState

MOST_APPROVALS: Final = 5
"""A switch that needs more people than that is decided in a meeting, and its outcome recorded here."""

LONGEST_LIFE_DAYS: Final = 60
"""The facts of a proposal are as old as the proposal."""

MINUTES_A_DAY: Final = 24 * 60


class Policies:
    """The use cases of approval policies."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def of(self, partner_key: str) -> Policy:
        """The policy in force.

        Raises:
            NotFound: `partner`, with the nearest keys.
        """
        with self._store.reading() as tx:
            return tx.partners.policy(partner_of(tx, partner_key).id)

    def change(self, person: Person, partner_key: str, policy: Policy, source: str = "") -> Policy:
        """Another policy, from the next decision on; approvals that were given stay, and nothing starts by it.

        A trust admin's job: whoever could lower the bar must not be among those who jump over it.

        Raises:
            NotAllowed: not one of our trust admins. NotFound: `partner`.
            BadInput: `ours` or `lives_days` (`out_of_range`, data: `least`, `most`), `quiet` (`out_of_range`,
                `unknown_zone`).
        """
        require(person, PersonRole.TRUST_ADMIN)
        _in_range("ours", policy.ours, 1, MOST_APPROVALS)
        if policy.lives_days is not None:
            _in_range("lives_days", policy.lives_days, 1, LONGEST_LIFE_DAYS)
        if policy.quiet is not None:
            _check_quiet(policy.quiet)
        with self._store.begin() as tx:
            partner, at = partner_of(tx, partner_key), self._clock()
            tx.partners.set_policy(partner.id, policy, person.user_id, at)
            for undecided in tx.switches.list((SwitchState.PROPOSED,), partner.id):
                tx.notices.add(shown_in(undecided), at)  # it says who is still asked
            record(
                tx, at, person, "partner.policy_changed", f"partner:{partner.id}", source, _plain(partner.id, policy)
            )
        return policy


def _in_range(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadInput(field, "out_of_range", least=least, most=most)


def _check_quiet(quiet: QuietHours) -> None:
    for minute in (quiet.start, quiet.end):
        _in_range("quiet", minute, 0, MINUTES_A_DAY - 1)
    try:
        ZoneInfo(quiet.zone)
    except (KeyError, ValueError, OSError):  # not found, a path that climbs, a folder
        raise BadInput("quiet", "unknown_zone", zone=quiet.zone) from None


def _plain(partner_id: int, policy: Policy) -> dict[str, object]:
    quiet = policy.quiet
    return {
        "partner_id": partner_id,
        "ours": policy.ours,
        "partner_confirms": policy.partner_confirms,
        "lives_days": policy.lives_days,
        "quiet": [quiet.start, quiet.end, quiet.zone] if quiet else None,
    }
