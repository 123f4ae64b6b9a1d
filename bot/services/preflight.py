"""What must hold before a switch is proposed, decided on or begun: ordered tuples of pure checks over gathered facts.

The caller gathers everything first; a check reads no store, no clock and no gateway. The order is part of the
behaviour: the first check that fails is the one that people are told about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, Verdict
from storage.records import PartnerCertificate
from storage.switch_records import Connection, Switch


class Obstacle(StrEnum):
    """Why a switch may not go on; stable words that logs, messages and the audit share."""

    SAME_AS_CURRENT = "same_as_current"  # the certificate is in use there already
    OTHER_PARTNER = "other_partner"  # it is in another partner's list
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    CHAIN_NOT_COMPLETE = "chain_not_complete"  # it neither leads to a trust anchor nor signs itself
    OPEN_SWITCH = "open_switch"  # another change of this connection is under way
    OVERDUE = "overdue"  # nobody decided in time
    CERTIFICATE_GONE = "certificate_gone"  # deleted from the partner's list since
    CONNECTION_CHANGED = "connection_changed"  # somebody has edited the connection since
    CURRENT_CHANGED = "current_changed"  # the certificate in use is no longer the one that was shown
    GATEWAY_DIFFERS = "gateway_differs"  # the gateway holds something else than the store believes


@dataclass(frozen=True, slots=True)
class Stop:
    """The first check that failed, with the data that its sentence needs."""

    obstacle: Obstacle
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """The proposal as gathered, all at one moment. None says "there is none", or "not asked at this stage"."""

    at: datetime
    happens_at: datetime  # when the gateway would get the certificate: now, or at the agreed moment
    connection: Connection
    old: PartnerCertificate | None
    new: PartnerCertificate | None
    certificate: Certificate | None  # the new one, read
    chain: ChainReport | None  # of the new one, by the CA list of this moment, for `happens_at`
    open_switch: Switch | None = None
    switch: Switch | None = None  # the proposal, once there is one
    lives: timedelta | None = None  # how long a proposal may wait for its approvals
    held: tuple[str, ...] | None = None  # the fingerprints that the gateway holds for the connection


Check = Callable[[Facts], Stop | None]


def first_stop(checks: tuple[Check, ...], facts: Facts) -> Stop | None:
    """The first check that fails; None when all hold."""
    return next((stop for check in checks if (stop := check(facts)) is not None), None)


def belongs_to_the_partner(facts: Facts) -> Stop | None:
    """Byte-equal certificates of two partners are two entries: the entry decides."""
    if facts.new is not None and facts.new.partner_id != facts.connection.partner_id:
        return Stop(Obstacle.OTHER_PARTNER)
    return None


def differs_from_current(facts: Facts) -> Stop | None:
    """A switch to what is in use would prove nothing."""
    if facts.new is not None and facts.old is not None and facts.new.sha256 == facts.old.sha256:
        return Stop(Obstacle.SAME_AS_CURRENT)
    return None


def not_expired(facts: Facts) -> Stop | None:
    """RFC 5280 4.1.2.5: valid up to and including notAfter."""
    if facts.certificate is not None and facts.certificate.not_after < facts.at:
        return Stop(Obstacle.EXPIRED, {"not_after": facts.certificate.not_after})
    return None


def valid_already(facts: Facts) -> Stop | None:
    """A proposal for a later moment may be made early; the gateway gets the certificate only when peers accept it."""
    if facts.certificate is not None and facts.certificate.not_before > facts.happens_at:
        return Stop(Obstacle.NOT_YET_VALID, {"not_before": facts.certificate.not_before})
    return None


def leads_to_trust(facts: Facts) -> Stop | None:
    """Either a path to an approved trust anchor, or a self-signed certificate, which is its own trust as a pin."""
    if facts.chain is not None and facts.chain.verdict not in (Verdict.COMPLETE, Verdict.SELF_SIGNED):
        return Stop(Obstacle.CHAIN_NOT_COMPLETE, {"verdict": facts.chain.verdict.value})
    return None


def no_other_switch(facts: Facts) -> Stop | None:
    """Two changes of one connection must never interleave."""
    if facts.open_switch is not None:
        return Stop(Obstacle.OPEN_SWITCH, {"public_id": facts.open_switch.public_id})
    return None


def in_time(facts: Facts) -> Stop | None:
    """A proposal lives for a while; then its facts have to be looked at afresh."""
    if facts.switch is None or facts.lives is None:
        return None
    if facts.at - facts.switch.requested_at > facts.lives:
        return Stop(Obstacle.OVERDUE, {"requested_at": facts.switch.requested_at, "days": facts.lives.days})
    return None


def still_in_the_list(facts: Facts) -> Stop | None:
    """The entry may have been deleted, and its id is then free for another certificate."""
    if facts.switch is not None and (facts.new is None or facts.new.sha256 != facts.switch.to_sha256):
        return Stop(Obstacle.CERTIFICATE_GONE, {"sha256": facts.switch.to_sha256})
    return None


def same_version(facts: Facts) -> Stop | None:
    """The optimistic lock: any change of the connection voids what was shown."""
    if facts.switch is not None and facts.connection.version != facts.switch.connection_version:
        data = {"shown": facts.switch.connection_version, "now": facts.connection.version}
        return Stop(Obstacle.CONNECTION_CHANGED, data)
    return None


def same_current(facts: Facts) -> Stop | None:
    """The approval was for leaving one certificate, not only for taking another."""
    now = facts.old.sha256 if facts.old is not None else None
    if facts.switch is not None and now != facts.switch.from_sha256:
        return Stop(Obstacle.CURRENT_CHANGED, {"shown": facts.switch.from_sha256, "now": now})
    return None


def gateway_holds_the_old(facts: Facts) -> Stop | None:
    """A roll-back leads to what the gateway holds now, so that has to be what everybody believes it to be, no more."""
    if facts.switch is None or facts.held is None:
        return None
    old = facts.switch.from_sha256
    if set(facts.held) != ({old} if old else set()):
        return Stop(Obstacle.GATEWAY_DIFFERS, {"store": old, "gateway": ", ".join(facts.held) or None})
    return None


TO_PROPOSE: tuple[Check, ...] = (
    belongs_to_the_partner,
    differs_from_current,
    not_expired,
    valid_already,
    leads_to_trust,
    no_other_switch,
)
TO_DECIDE: tuple[Check, ...] = (
    in_time,
    same_version,
    same_current,
    still_in_the_list,
)
TO_BEGIN: tuple[Check, ...] = (
    same_version,
    same_current,
    still_in_the_list,
    not_expired,
    valid_already,
    leads_to_trust,
    gateway_holds_the_old,
)
