"""What the store gives out: frozen values. Rows stay in `storage`; the rest of the product sees only these.

All times are aware UTC. `sha256` is 64 lower-case hex digits over the DER of a certificate. Slack ids (user, team,
channel, message ts) are opaque strings: they may start with C, G, U or W and can be longer than today.
"""

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


class UploadState(StrEnum):
    """Where an uploaded file stands."""

    NEEDS_PARTNER = "needs_partner"
    STORED = "stored"
    REFUSED = "refused"


class PromptState(StrEnum):
    """Where a request for a missing issuer stands."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class AnchorState(StrEnum):
    """How far a CA certificate is trusted: an intermediate is a link; a root counts once a trust admin approved it."""

    LINK = "link"
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"


class DriftState(StrEnum):
    """Where a drift between store and gateway stands."""

    OPEN = "open"
    MENDING = "mending"
    """Somebody has approved that the gateway gets back what is on record."""

    MENDED = "mended"
    GONE = "gone"
    """The gateway holds what is on record again, and it was not the bot that saw to it."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A collaboration partner."""

    id: int
    key: str
    name: str
    slack_team_id: str | None
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is to be reminded: minutes after midnight in an IANA time zone; may run over midnight."""

    start: int
    end: int
    zone: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Who has to agree to a partner's switches.

    `ours` of our approvers, and the partner's own word where `partner_confirms`. A proposal lives `lives_days`; None
    is the product's own setting.
    """

    ours: int = 1
    partner_confirms: bool = True
    lives_days: int | None = None
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """One X.509 certificate, stored once."""

    id: int
    sha256: str
    der: bytes
    not_after: datetime


@dataclass(frozen=True, slots=True)
class PartnerCertificate:
    """A certificate in a partner's list, under its display name."""

    id: int
    partner_id: int
    certificate_id: int
    sha256: str
    der: bytes
    display_name: str
    uploaded_by: str
    uploaded_at: datetime
    upload_id: int | None


@dataclass(frozen=True, slots=True)
class CaCertificate:
    """A root or intermediate in the global CA list."""

    id: int
    certificate_id: int
    sha256: str
    der: bytes
    anchor: AnchorState
    added_by: str
    added_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @property
    def is_anchor(self) -> bool:
        """Whether a path may end here."""
        return self.anchor is AnchorState.APPROVED


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject is shown in Slack.

    `ts` is None until it has been posted; `attempted` says that a post may already be out there.
    """

    subject: str
    channel: str
    thread_ts: str | None
    ts: str | None
    attempted: bool
    shown: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of the outbox: the subject changed and its message has to follow."""

    id: int
    subject: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file and what became of it. `outcome` holds the refusal or the problems, never bytes of the file."""

    id: int
    key: str
    channel: str
    thread_ts: str | None
    file_name: str
    uploaded_by: str
    uploaded_team: str
    uploaded_at: datetime
    partner_id: int | None
    state: UploadState
    outcome: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class UploadItem:
    """One certificate of an upload.

    Exactly one of the two ids is set once it has found its list; `already` says that it was there before.
    """

    id: int
    upload_id: int
    certificate_id: int
    sha256: str
    der: bytes
    partner_certificate_id: int | None
    ca_certificate_id: int | None
    already: bool


@dataclass(frozen=True, slots=True)
class WaitingPrompt:
    """A request for a missing issuer, and the certificate that waits for it."""

    id: int
    certificate_id: int
    sha256: str
    upload_id: int | None
    missing_key: str
    issuer: str
    organisation: str | None
    organisational_unit: str | None
    aki: str | None
    ca_issuers: tuple[str, ...]
    state: PromptState
    answered_by: str | None
    answered_sha256: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened: who, in which Slack team, what, to what, from where.

    `digest` is the entry's own SHA-256 in hex, `previous` that of the entry before it (see `storage.audit_chain`).
    """

    id: int
    at: datetime
    actor: str
    team: str
    action: str
    subject: str
    source: str
    data: Mapping[str, object]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of the audit's chain: the digest of the newest entry, and how many entries there are."""

    digest: str
    entries: int
