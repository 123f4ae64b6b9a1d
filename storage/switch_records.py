"""What the store gives out of connections and their switches: frozen values, as in `records`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Which side of the handshake the connection's certificate is on (design, "connection")."""

    ACCEPTS = "accepts"
    PRESENTS = "presents"


class Side(StrEnum):
    """Whose approval it is."""

    OURS = "ours"
    PARTNER = "partner"


class SwitchState(StrEnum):
    """The life of a switch (design, "switch"). A state moves by compare-and-set only."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SWITCHING = "switching"
    OVERLAP = "overlap"
    """The gateway accepts old and new at once, proven; the old one waits to be retired."""
    PROVEN = "proven"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the switch may still change something."""
        return self in OPEN_STATES


class SwitchMode(StrEnum):
    """When an approved switch happens."""

    NOW = "now"
    AT = "at"
    FIRST_SEEN = "first_seen"
    """When the partner's endpoint is first seen with the new certificate, within a window."""

    OVERLAP = "overlap"
    """At once, accepting both until the new one has been seen for a while."""


OPEN_STATES = frozenset(
    {
        SwitchState.PROPOSED,
        SwitchState.APPROVED,
        SwitchState.SCHEDULED,
        SwitchState.SWITCHING,
        SwitchState.OVERLAP,
    }
)


class DriftState(StrEnum):
    """Where a drift between store and gateway stands."""

    OPEN = "open"
    MENDING = "mending"
    """Somebody has approved that the gateway gets back what is on record."""

    MENDED = "mended"
    GONE = "gone"
    """The gateway holds what is on record again, and it was not the bot that saw to it."""


@dataclass(frozen=True, slots=True)
class Choreography:
    """A business process that runs over connections."""

    id: int
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A partner's endpoint and the certificate in use there. `version` rises at every change (optimistic lock).

    `uri` is empty where the partner only comes to us (role accepts): there is no endpoint of its to look at.
    """

    id: int
    partner_id: int
    name: str
    role: Role
    uri: str
    gateway: str
    partner_certificate_id: int | None
    version: int
    choreographies: tuple[Choreography, ...]

    @property
    def comes_to_us(self) -> bool:
        """Whether the partner has no endpoint, and its certificate is seen at our gateway alone."""
        return not self.uri


@dataclass(frozen=True, slots=True)
class Switch:
    """A change request for one connection.

    `public_id` is what buttons carry; fingerprints and version are what was shown and approved. `due_at` is the moment
    of mode AT, `until` the end of the window of FIRST_SEEN and OVERLAP; `undoes` is the public id of the switch that
    this one takes back. `bundle` is the public id of the leading one of several that were asked for together, the
    leading one included. `reminders` counts those sent to the people who have not decided yet.
    """

    id: int
    public_id: str
    connection_id: int
    connection_version: int
    from_partner_certificate_id: int | None
    to_partner_certificate_id: int
    from_sha256: str | None
    to_sha256: str
    mode: SwitchMode
    due_at: datetime | None
    until: datetime | None
    undoes: str | None
    bundle: str | None
    reason: str
    state: SwitchState
    requested_by: str
    requested_team: str
    requested_at: datetime
    observed: Mapping[str, object]
    outcome: Mapping[str, object]
    reminders: int
    reminded_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's decision for one side, bound to what was shown.

    `word_*` is set where one of ours records the partner's word.
    """

    id: int
    switch_id: int
    side: Side
    approved: bool
    user_id: str
    team_id: str
    at: datetime
    from_sha256: str | None
    to_sha256: str
    connection_version: int
    reason: str
    word_name: str | None
    word_channel: str | None
    word_at: datetime | None


class Way(StrEnum):
    """How a proof came about."""

    ENDPOINT = "endpoint"
    """A fresh handshake with the connection's own address."""
    THROUGH = "through"
    """A request that the gateway was asked to take to the partner; the handshake was the gateway's."""
    REPORT = "report"
    """What the gateway itself tells that it accepts."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was looked at for a switch, and what it showed.

    `purpose` is "before" (at the proposal), "seen", "overlap", "switch" or "restore". `endpoint` is what was asked: an
    address, and for a report the gateway's name. `presented` are SHA-256 fingerprints, leaf first; a way without a
    handshake of ours has none, and neither protocol nor cipher.
    """

    id: int
    switch_id: int
    purpose: str
    choreography: str | None
    endpoint: str
    at: datetime
    duration_ms: int
    verdict: str
    presented: tuple[str, ...]
    protocol: str | None
    cipher: str | None
    detail: Mapping[str, object]
    way: Way = Way.ENDPOINT


@dataclass(frozen=True, slots=True)
class Drift:
    """A gateway that holds something else than is on record for a connection.

    `public_id` is what buttons carry, with `revision`, which rises whenever `found` becomes another. `found` and
    `outcome` are written and read by `bot.services.drift_facts` alone.
    """

    id: int
    public_id: str
    connection_id: int
    state: DriftState
    found_at: datetime
    found: Mapping[str, object]
    revision: int
    approved_by: str | None
    approved_team: str | None
    approved_at: datetime | None
    outcome: Mapping[str, object]
    changed_at: datetime
    ended_at: datetime | None
