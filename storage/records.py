"""What the store gives out: frozen values. Rows stay in `storage`; the rest of the product sees only these.

All times are aware UTC. `sha256` is 64 lower-case hex digits over the DER of a certificate. Slack ids (user, team,
channel, message ts) are opaque strings: they may start with C, G, U or W and can be longer than today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
