"""Whose word a switch still lacks, by the partner's policy. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from storage.records import Policy, QuietHours
from storage.switch_records import Approval, Side


def wanted(policy: Policy, side: Side) -> int:
    """How many people of the side have to agree."""
    return policy.ours if side is Side.OURS else int(policy.partner_confirms)


@dataclass(frozen=True, slots=True)
class Consent:
    """The decisions so far, held against the policy of the partner."""

    policy: Policy
    decisions: tuple[Approval, ...]

    @classmethod
    def of(cls, policy: Policy, decisions: Iterable[Approval]) -> "Consent":
        """From the decisions in the order in which they were given."""
        return cls(policy, tuple(decisions))

    def wanted(self, side: Side) -> int:
        """How many people of the side have to agree."""
        return wanted(self.policy, side)

    def given(self, side: Side) -> tuple[Approval, ...]:
        """Who of the side has agreed."""
        return tuple(one for one in self.decisions if one.side is side and one.approved)

    def lacks(self, side: Side) -> int:
        """How many more people of the side have to agree."""
        return max(0, self.wanted(side) - len(self.given(side)))

    @property
    def needs(self) -> tuple[Side, ...]:
        """The sides that are not through yet, ours first."""
        return tuple(side for side in Side if self.lacks(side))

    @property
    def awaits(self) -> tuple[Side, ...]:
        """Whose click is waited for while nothing is decided.

        Where the policy has come to ask for less than was given already, one more of ours sets it going: a change of
        the policy alone starts nothing.
        """
        return self.needs or (Side.OURS,)

    @property
    def complete(self) -> bool:
        """Whether nobody else has to be asked."""
        return not self.needs


def is_quiet(hours: QuietHours | None, at: datetime) -> bool:
    """Whether the moment lies in the quiet hours, by the clock on the wall of their time zone."""
    if hours is None or hours.start == hours.end:
        return False
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    if hours.start < hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


REMINDED_AFTER = (timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""After the proposal or the last reminder: each pause longer than the one before, then silence until it expires."""


def reminder_due(asked_at: datetime, reminders: int, reminded_at: datetime | None, at: datetime) -> bool:
    """Whether those who have not decided are to be asked once more."""
    if reminders >= len(REMINDED_AFTER):
        return False
    return at - (reminded_at or asked_at) >= REMINDED_AFTER[reminders]


def is_overdue(until: datetime, reminded_at: datetime | None, at: datetime) -> bool:
    """Whether people are to be asked (again) how an overlap ends that should have ended at `until`.

    At once, then after as long as it has been over each time, between the shortest and the longest pause, and for ever:
    a certificate is accepted that should not be.
    """
    if at <= until or reminded_at is None or reminded_at <= until:
        return at > until
    shortest, longest = REMINDED_AFTER[0], REMINDED_AFTER[-1]
    return at - reminded_at >= min(max(reminded_at - until, shortest), longest)
