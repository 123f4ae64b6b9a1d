"""The tables, as SQLModel rows. They never leave `storage`: the rest gets `records` and `switch_records`."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import json_column, utc_column
from storage.types import UtcDateTime

# SQLite gives the number of a deleted last row to the next one; a button, a message place or a past switch that carries
# the old number would then speak of another certificate.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class PartnerRow(SQLModel, table=True):
    """A partner; `key` is the short name that people type."""

    __tablename__ = "partner"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    enterprise_id: str | None = None
    slack_team_id: str | None = None
    created_by: str
    created_at: datetime = utc_column()


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
    changed_at: datetime = utc_column()


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
    not_before: datetime = utc_column()
    not_after: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)
    created_at: datetime = utc_column()


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
    uploaded_at: datetime = utc_column()
    upload_id: int | None = Field(default=None, foreign_key="upload.id")


class CaCertificateRow(SQLModel, table=True):
    """A root or intermediate in the CA list."""

    __tablename__ = "ca_certificate"
    __table_args__ = (_NEVER_AGAIN,)
    id: int | None = Field(default=None, primary_key=True)
    certificate_id: int = Field(foreign_key="certificate.id", unique=True)
    anchor: str
    added_by: str
    added_at: datetime = utc_column()
    decided_by: str | None = None
    decided_at: datetime | None = utc_column(nullable=True)


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
    uploaded_at: datetime = utc_column()
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    state: str
    outcome: dict[str, Any] = json_column()


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
    answered_at: datetime | None = utc_column(nullable=True)


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
    created_at: datetime = utc_column()
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, nullable=True, index=True)


class AuditRow(SQLModel, table=True):
    """The audit; rows are added, never changed. A trigger refuses the rest, and `audit verify` finds what got past it.

    `previous` is unique: a second entry after the same one, which would split the chain, is refused by the store.
    """

    __tablename__ = "audit"
    __table_args__ = (_NEVER_AGAIN,)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = utc_column()
    actor: str = Field(index=True)
    team: str
    action: str = Field(index=True)
    subject: str = Field(index=True)
    source: str = ""
    data: dict[str, Any] = json_column()
    previous: str = Field(unique=True, max_length=64)
    digest: str = Field(unique=True, max_length=64)


class AuditHeadRow(SQLModel, table=True):
    """The end of the audit's chain: one row, which writers lock in turn."""

    __tablename__ = "audit_head"
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64)
    entries: int
