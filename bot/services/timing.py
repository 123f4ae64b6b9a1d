"""When a switch happens: at once, at a moment that both sides agreed on, or when the partner is seen to have moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.services.ca_source import certificate_of
from bot.services.errors import BadInput
from bot.services.preflight import Facts
from storage.switch_records import Role, SwitchMode

FARTHEST: Final = timedelta(days=90)
"""Facts that were approved are older than a quarter year by then: propose again, nearer to the day."""

LONGEST_WINDOW: Final = timedelta(days=30)
"""As long as the endpoint is watched at most; a partner that does not move in a month has other plans."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The mode, with its moment: `due_at` for AT, `until` for FIRST_SEEN and OVERLAP. Both aware.

    `accepts_gap`: whoever proposes knows that the certificate in use ends before the switch happens.
    """

    mode: SwitchMode = SwitchMode.NOW
    due_at: datetime | None = None
    until: datetime | None = None
    accepts_gap: bool = False


AT_ONCE: Final = Timing()


def checked(timing: Timing, facts: Facts) -> Timing:
    """The timing, if it can be kept.

    Raises:
        BadInput: `due_at` or `until`, with `missing`, `naive`, `in_past`, `too_far` (data: `days`), `old_ends_before`
            (data: `not_after`; not raised where the gap is accepted), `new_not_valid_yet` (data: `not_before`),
            `new_has_ended` (data: `not_after`); `mode`, with `nothing_to_see` (a certificate that our own gateway
            presents is not seen at the partner's endpoint, and one handshake shows one certificate), `no_endpoint` (the
            partner comes to us) or `nothing_to_overlap` (the connection has no certificate yet).
    """
    match timing.mode:
        case SwitchMode.NOW:
            return Timing()
        case SwitchMode.AT:
            due_at = _moment("due_at", timing.due_at, facts.at, FARTHEST)
            _fits(due_at, facts, accepts_gap=timing.accepts_gap)
            return Timing(SwitchMode.AT, due_at=due_at)
        case SwitchMode.FIRST_SEEN | SwitchMode.OVERLAP:
            if facts.connection.role is not Role.ACCEPTS:
                raise BadInput("mode", "nothing_to_see", role=facts.connection.role.value)
            if timing.mode is SwitchMode.FIRST_SEEN and facts.connection.comes_to_us:
                raise BadInput("mode", "no_endpoint")
            if timing.mode is SwitchMode.OVERLAP and facts.old is None:
                raise BadInput("mode", "nothing_to_overlap")
            return Timing(timing.mode, until=_moment("until", timing.until, facts.at, LONGEST_WINDOW))


def _moment(field: str, moment: datetime | None, now: datetime, farthest: timedelta) -> datetime:
    if moment is None:
        raise BadInput(field, "missing")
    if moment.tzinfo is None:
        raise BadInput(field, "naive")
    if moment <= now:
        raise BadInput(field, "in_past")
    if moment - now > farthest:
        raise BadInput(field, "too_far", days=farthest.days)
    return moment


def _fits(due_at: datetime, facts: Facts, *, accepts_gap: bool) -> None:
    """Both certificates at that moment (RFC 5280 section 4.1.2.5: both ends belong to the validity)."""
    new, old = facts.certificate, certificate_of(facts.old.der) if facts.old else None
    if new is not None and due_at < new.not_before:
        raise BadInput("due_at", "new_not_valid_yet", not_before=new.not_before)
    if new is not None and due_at > new.not_after:
        raise BadInput("due_at", "new_has_ended", not_after=new.not_after)
    if old is not None and due_at > old.not_after and not accepts_gap:
        raise BadInput("due_at", "old_ends_before", not_after=old.not_after)
