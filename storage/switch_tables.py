"""The tables of connections and their switches, as in `tables`."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import json_column, utc_column


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
    due_at: datetime | None = utc_column(nullable=True)
    until: datetime | None = utc_column(nullable=True)
    undoes: str | None = None
    bundle: str | None = Field(default=None, index=True)
    reason: str
    state: str = Field(index=True)
    requested_by: str
    requested_team: str
    requested_at: datetime = utc_column()
    observed: dict[str, Any] = json_column()
    outcome: dict[str, Any] = json_column()
    snapshot: dict[str, Any] = json_column()
    reminders: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    reminded_at: datetime | None = utc_column(nullable=True)
    changed_at: datetime = utc_column()


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
    at: datetime = utc_column()
    from_sha256: str | None = None
    to_sha256: str
    connection_version: int
    reason: str = ""
    word_name: str | None = None
    word_channel: str | None = None
    word_at: datetime | None = utc_column(nullable=True)


class ProofRow(SQLModel, table=True):
    """What was looked at for a switch, and what it showed."""

    __tablename__ = "proof"
    id: int | None = Field(default=None, primary_key=True)
    switch_id: int = Field(foreign_key="switch.id", index=True)
    purpose: str
    choreography: str | None = None
    endpoint: str
    at: datetime = utc_column()
    duration_ms: int
    verdict: str
    presented: list[str] = Field(default_factory=list, sa_type=sa.JSON, nullable=False)
    protocol: str | None = None
    cipher: str | None = None
    detail: dict[str, Any] = json_column()
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
    found_at: datetime = utc_column()
    found: dict[str, Any] = json_column()
    revision: int = 1
    approved_by: str | None = None
    approved_team: str | None = None
    approved_at: datetime | None = utc_column(nullable=True)
    outcome: dict[str, Any] = json_column()
    changed_at: datetime = utc_column()
    ended_at: datetime | None = utc_column(nullable=True)
