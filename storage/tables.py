"""The tables, as SQLModel rows. They never leave `storage`; see `records` for what the rest of the product gets."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


# SQLite gives the number of a deleted last row to the next one; a button, a message place or a past switch that carries
# the old number would then speak of another certificate.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


def _utc(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


def _json() -> Any:
    return Field(default_factory=dict, sa_type=sa.JSON, nullable=False)


class PartnerRow(SQLModel, table=True):
    """A partner; `key` is the short name that people type."""

    __tablename__ = "partner"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    enterprise_id: str | None = None
    slack_team_id: str | None = None
    created_by: str
    created_at: datetime = _utc()


class PartnerChannelRow(SQLModel, table=True):
    """A Slack channel tells the partner, so a channel belongs to one partner at most."""

    __tablename__ = "partner_channel"
    channel: str = Field(primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)


class PartnerPolicyRow(SQLModel, table=True):
    """Who has to agree to a partner's switches; a partner without a row has the default policy."""

    __tablename__ = "partner_policy"
    partner_id: int = Field(foreign_key="partner.id", primary_key=True)
    ours: int = 1
    partner_confirms: bool = True
    lives_days: int | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None
    quiet_zone: str = "UTC"
    changed_by: str
    changed_at: datetime = _utc()


class CertificateRow(SQLModel, table=True):
    """One certificate by its fingerprint; derived columns are there to be queried."""

    __tablename__ = "certificate"
    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    der: bytes
    subject: str
    issuer: str
    serial: str
    spki_sha256: str = Field(index=True, max_length=64)
    not_before: datetime = _utc()
    not_after: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)
    created_at: datetime = _utc()


class PartnerCertificateRow(SQLModel, table=True):
    """A certificate in a partner's list."""

    __tablename__ = "partner_certificate"
    __table_args__ = (
        sa.UniqueConstraint("partner_id", "certificate_id"),
        sa.UniqueConstraint("partner_id", "display_name"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    certificate_id: int = Field(foreign_key="certificate.id", index=True)
    display_name: str
    uploaded_by: str
    uploaded_at: datetime = _utc()
    upload_id: int | None = Field(default=None, foreign_key="upload.id")


class CaCertificateRow(SQLModel, table=True):
    """A root or intermediate in the CA list."""

    __tablename__ = "ca_certificate"
    __table_args__ = (_NEVER_AGAIN,)
    id: int | None = Field(default=None, primary_key=True)
    certificate_id: int = Field(foreign_key="certificate.id", unique=True)
    anchor: str
    added_by: str
    added_at: datetime = _utc()
    decided_by: str | None = None
    decided_at: datetime | None = _utc(nullable=True)


class ConnectionRow(SQLModel, table=True):
    """A partner's endpoint and its certificate in use."""

    __tablename__ = "connection"
    id: int | None = Field(default=None, primary_key=True)
    partner_id: int = Field(foreign_key="partner.id", index=True)
    name: str = Field(unique=True, max_length=64)
    role: str
    uri: str
    gateway: str
    partner_certificate_id: int | None = Field(default=None, foreign_key="partner_certificate.id", index=True)
    version: int = 1


class ChoreographyRow(SQLModel, table=True):
    """A business process."""

    __tablename__ = "choreography"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""


class ParticipantRow(SQLModel, table=True):
    """A partner in a choreography, over one connection."""

    __tablename__ = "participant"
    choreography_id: int = Field(foreign_key="choreography.id", primary_key=True)
    connection_id: int = Field(foreign_key="connection.id", primary_key=True, index=True)


class SwitchRow(SQLModel, table=True):
    """A change request for one connection."""

    __tablename__ = "switch"
    __table_args__ = (
        # One open switch a connection: the store refuses the second, whatever the code above believes.
        sa.Index(
            "uq_switch_open_connection",
            "connection_id",
            unique=True,
            sqlite_where=sa.text("state IN ('proposed','approved','scheduled','switching','overlap')"),
            postgresql_where=sa.text("state IN ('proposed','approved','scheduled','switching','overlap')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True)
    connection_id: int = Field(foreign_key="connection.id", index=True)
    connection_version: int
    # No foreign keys: a past switch stays on record, by fingerprint, when its certificates are taken out of the list.
    from_partner_certificate_id: int | None = None
    to_partner_certificate_id: int = Field(index=True)
    from_sha256: str | None = None
    to_sha256: str
    mode: str = "now"
    due_at: datetime | None = _utc(nullable=True)
    until: datetime | None = _utc(nullable=True)
    undoes: str | None = None
    bundle: str | None = Field(default=None, index=True)
    reason: str
    state: str = Field(index=True)
    requested_by: str
    requested_team: str
    requested_at: datetime = _utc()
    observed: dict[str, Any] = _json()
    outcome: dict[str, Any] = _json()
    snapshot: dict[str, Any] = _json()
    reminders: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reminded_at: datetime | None = _utc(nullable=True)
    changed_at: datetime = _utc()


class ApprovalRow(SQLModel, table=True):
    """One person's decision for one side; a second of the same person is refused by the store."""

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("switch_id", "side", "user_id"),)
    id: int | None = Field(default=None, primary_key=True)
    switch_id: int = Field(foreign_key="switch.id", index=True)
    side: str
    approved: bool
    user_id: str
    team_id: str
    at: datetime = _utc()
    from_sha256: str | None = None
    to_sha256: str
    connection_version: int
    reason: str = ""
    word_name: str | None = None
    word_channel: str | None = None
    word_at: datetime | None = _utc(nullable=True)


class ProofRow(SQLModel, table=True):
    """What was looked at for a switch, and what it showed."""

    __tablename__ = "proof"
    id: int | None = Field(default=None, primary_key=True)
    switch_id: int = Field(foreign_key="switch.id", index=True)
    purpose: str
    choreography: str | None = None
    endpoint: str
    at: datetime = _utc()
    duration_ms: int
    verdict: str
    presented: list[str] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    protocol: str | None = None
    cipher: str | None = None
    detail: dict[str, Any] = _json()
    way: str = Field(default="endpoint", sa_column_kwargs={"server_default": "endpoint"})


class DriftRow(SQLModel, table=True):
    """A gateway that was found to hold something else than is on record for a connection; what became of it."""

    __tablename__ = "drift"
    __table_args__ = (
        # One open drift a connection: of two replicas that find it at once the store refuses the second.
        sa.Index(
            "uq_drift_open_connection",
            "connection_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True)
    connection_id: int = Field(foreign_key="connection.id", index=True)
    state: str = Field(index=True)
    found_at: datetime = _utc()
    found: dict[str, Any] = _json()
    revision: int = 1
    approved_by: str | None = None
    approved_team: str | None = None
    approved_at: datetime | None = _utc(nullable=True)
    outcome: dict[str, Any] = _json()
    changed_at: datetime = _utc()
    ended_at: datetime | None = _utc(nullable=True)


class UploadRow(SQLModel, table=True):
    """One uploaded file; `key` makes a repeated event the same upload."""

    __tablename__ = "upload"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    channel: str
    thread_ts: str | None = None
    file_name: str
    uploaded_by: str
    uploaded_team: str
    uploaded_at: datetime = _utc()
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    state: str
    outcome: dict[str, Any] = _json()


class UploadItemRow(SQLModel, table=True):
    """One certificate of an upload. The list entries may be deleted later; what was uploaded stays on record."""

    __tablename__ = "upload_item"
    __table_args__ = (sa.UniqueConstraint("upload_id", "certificate_id"),)
    id: int | None = Field(default=None, primary_key=True)
    upload_id: int = Field(foreign_key="upload.id", index=True)
    certificate_id: int = Field(foreign_key="certificate.id", index=True)
    partner_certificate_id: int | None = Field(default=None, foreign_key="partner_certificate.id", ondelete="SET NULL")
    ca_certificate_id: int | None = Field(default=None, foreign_key="ca_certificate.id", ondelete="SET NULL")
    already: bool = False


class WaitingPromptRow(SQLModel, table=True):
    """A request for a missing issuer."""

    __tablename__ = "waiting_prompt"
    id: int | None = Field(default=None, primary_key=True)
    certificate_id: int = Field(foreign_key="certificate.id", index=True)
    upload_id: int | None = Field(default=None, foreign_key="upload.id")
    missing_key: str = Field(index=True)
    issuer: str
    organisation: str | None = None
    organisational_unit: str | None = None
    aki: str | None = None
    ca_issuers: list[str] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    state: str = Field(index=True)
    answered_by: str | None = None
    answered_sha256: str | None = None
    answered_at: datetime | None = _utc(nullable=True)


class PlaceRow(SQLModel, table=True):
    """Where a subject is shown in Slack."""

    __tablename__ = "place"
    subject: str = Field(primary_key=True)
    channel: str
    thread_ts: str | None = None
    ts: str | None = None
    attempted: bool = False
    shown: str = ""


class NoticeRow(SQLModel, table=True):
    """The outbox: written in the transaction that changed the subject, cleared once the message has followed."""

    __tablename__ = "notice"
    id: int | None = Field(default=None, primary_key=True)
    subject: str
    created_at: datetime = _utc()
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, nullable=True, index=True)


class AuditRow(SQLModel, table=True):
    """The audit; rows are added, never changed. A trigger refuses the rest, and `audit verify` finds what got past it.

    `previous` is unique: a second entry after the same one, which would split the chain, is refused by the store.
    """

    __tablename__ = "audit"
    __table_args__ = (_NEVER_AGAIN,)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _utc()
    actor: str = Field(index=True)
    team: str
    action: str = Field(index=True)
    subject: str = Field(index=True)
    source: str = ""
    data: dict[str, Any] = _json()
    previous: str = Field(unique=True, max_length=64)
    digest: str = Field(unique=True, max_length=64)


class AuditHeadRow(SQLModel, table=True):
    """The end of the audit's chain: one row, which writers lock in turn."""

    __tablename__ = "audit_head"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64)
    entries: int
