"""the tables of the first release

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_action"), "audit", ["action"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("spki_sha256", sa.String(64), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("sha256", name=op.f("uq_certificate_sha256")),
    )
    op.create_index(op.f("ix_certificate_not_after"), "certificate", ["not_after"], unique=False)
    op.create_index(op.f("ix_certificate_spki_sha256"), "certificate", ["spki_sha256"], unique=False)
    op.create_table(
        "choreography",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choreography")),
        sa.UniqueConstraint("name", name=op.f("uq_choreography_name")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_done_at"), "notice", ["done_at"], unique=False)
    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=True),
        sa.Column("slack_team_id", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("key", name=op.f("uq_partner_key")),
    )
    op.create_table(
        "place",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("attempted", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_place")),
    )
    op.create_table(
        "ca_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_ca_certificate_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ca_certificate")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_ca_certificate_certificate_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "partner_channel",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_channel_partner_id_partner")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_partner_channel")),
    )
    op.create_index(op.f("ix_partner_channel_partner_id"), "partner_channel", ["partner_id"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_team", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_upload_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("key", name=op.f("uq_upload_key")),
    )
    op.create_table(
        "partner_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_partner_certificate_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_certificate_partner_id_partner")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_partner_certificate_upload_id_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_certificate")),
        sa.UniqueConstraint(
            "partner_id", "certificate_id", name=op.f("uq_partner_certificate_partner_id_certificate_id")
        ),
        sa.UniqueConstraint("partner_id", "display_name", name=op.f("uq_partner_certificate_partner_id_display_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_partner_certificate_certificate_id"), "partner_certificate", ["certificate_id"], unique=False
    )
    op.create_index(op.f("ix_partner_certificate_partner_id"), "partner_certificate", ["partner_id"], unique=False)
    op.create_table(
        "waiting_prompt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=True),
        sa.Column("missing_key", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("organisational_unit", sa.String(), nullable=True),
        sa.Column("aki", sa.String(), nullable=True),
        sa.Column("ca_issuers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_sha256", sa.String(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_waiting_prompt_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_waiting_prompt_upload_id_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_prompt")),
    )
    op.create_index(op.f("ix_waiting_prompt_certificate_id"), "waiting_prompt", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_waiting_prompt_missing_key"), "waiting_prompt", ["missing_key"], unique=False)
    op.create_index(op.f("ix_waiting_prompt_state"), "waiting_prompt", ["state"], unique=False)
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("partner_certificate_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_certificate_id"],
            ["partner_certificate.id"],
            name=op.f("fk_connection_partner_certificate_id_partner_certificate"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_connection_partner_id_partner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("name", name=op.f("uq_connection_name")),
    )
    op.create_index(
        op.f("ix_connection_partner_certificate_id"), "connection", ["partner_certificate_id"], unique=False
    )
    op.create_index(op.f("ix_connection_partner_id"), "connection", ["partner_id"], unique=False)
    op.create_table(
        "upload_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("partner_certificate_id", sa.Integer(), nullable=True),
        sa.Column("ca_certificate_id", sa.Integer(), nullable=True),
        sa.Column("already", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ca_certificate_id"],
            ["ca_certificate.id"],
            name=op.f("fk_upload_item_ca_certificate_id_ca_certificate"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_upload_item_certificate_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["partner_certificate_id"],
            ["partner_certificate.id"],
            name=op.f("fk_upload_item_partner_certificate_id_partner_certificate"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_item_upload_id_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_item")),
        sa.UniqueConstraint("upload_id", "certificate_id", name=op.f("uq_upload_item_upload_id_certificate_id")),
    )
    op.create_index(op.f("ix_upload_item_certificate_id"), "upload_item", ["certificate_id"], unique=False)
    op.create_index(op.f("ix_upload_item_upload_id"), "upload_item", ["upload_id"], unique=False)
    op.create_table(
        "participant",
        sa.Column("choreography_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["choreography_id"], ["choreography.id"], name=op.f("fk_participant_choreography_id_choreography")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name=op.f("fk_participant_connection_id_connection")
        ),
        sa.PrimaryKeyConstraint("choreography_id", "connection_id", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_connection_id"), "participant", ["connection_id"], unique=False)
    op.create_table(
        "switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("connection_version", sa.Integer(), nullable=False),
        sa.Column("from_partner_certificate_id", sa.Integer(), nullable=True),
        sa.Column("to_partner_certificate_id", sa.Integer(), nullable=False),
        sa.Column("from_sha256", sa.String(), nullable=True),
        sa.Column("to_sha256", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_team", sa.String(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("observed", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_switch_connection_id_connection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_switch_public_id")),
    )
    op.create_index(op.f("ix_switch_connection_id"), "switch", ["connection_id"], unique=False)
    op.create_index(op.f("ix_switch_state"), "switch", ["state"], unique=False)
    op.create_index(op.f("ix_switch_to_partner_certificate_id"), "switch", ["to_partner_certificate_id"], unique=False)
    op.create_index(
        "uq_switch_open_connection",
        "switch",
        ["connection_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed','approved','scheduled','switching')"),
        postgresql_where=sa.text("state IN ('proposed','approved','scheduled','switching')"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("switch_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("from_sha256", sa.String(), nullable=True),
        sa.Column("to_sha256", sa.String(), nullable=False),
        sa.Column("connection_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("word_name", sa.String(), nullable=True),
        sa.Column("word_channel", sa.String(), nullable=True),
        sa.Column("word_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["switch_id"], ["switch.id"], name=op.f("fk_approval_switch_id_switch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("switch_id", "side", name=op.f("uq_approval_switch_id_side")),
    )
    op.create_index(op.f("ix_approval_switch_id"), "approval", ["switch_id"], unique=False)
    op.create_table(
        "proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("switch_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("choreography", sa.String(), nullable=True),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("presented", sa.JSON(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=True),
        sa.Column("cipher", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["switch_id"], ["switch.id"], name=op.f("fk_proof_switch_id_switch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    op.create_index(op.f("ix_proof_switch_id"), "proof", ["switch_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_proof_switch_id"), table_name="proof")
    op.drop_table("proof")
    op.drop_index(op.f("ix_approval_switch_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index(
        "uq_switch_open_connection",
        table_name="switch",
        sqlite_where=sa.text("state IN ('proposed','approved','scheduled','switching')"),
        postgresql_where=sa.text("state IN ('proposed','approved','scheduled','switching')"),
    )
    op.drop_index(op.f("ix_switch_to_partner_certificate_id"), table_name="switch")
    op.drop_index(op.f("ix_switch_state"), table_name="switch")
    op.drop_index(op.f("ix_switch_connection_id"), table_name="switch")
    op.drop_table("switch")
    op.drop_index(op.f("ix_participant_connection_id"), table_name="participant")
    op.drop_table("participant")
    op.drop_index(op.f("ix_upload_item_upload_id"), table_name="upload_item")
    op.drop_index(op.f("ix_upload_item_certificate_id"), table_name="upload_item")
    op.drop_table("upload_item")
    op.drop_index(op.f("ix_connection_partner_id"), table_name="connection")
    op.drop_index(op.f("ix_connection_partner_certificate_id"), table_name="connection")
    op.drop_table("connection")
    op.drop_index(op.f("ix_waiting_prompt_state"), table_name="waiting_prompt")
    op.drop_index(op.f("ix_waiting_prompt_missing_key"), table_name="waiting_prompt")
    op.drop_index(op.f("ix_waiting_prompt_certificate_id"), table_name="waiting_prompt")
    op.drop_table("waiting_prompt")
    op.drop_index(op.f("ix_partner_certificate_partner_id"), table_name="partner_certificate")
    op.drop_index(op.f("ix_partner_certificate_certificate_id"), table_name="partner_certificate")
    op.drop_table("partner_certificate")
    op.drop_table("upload")
    op.drop_index(op.f("ix_partner_channel_partner_id"), table_name="partner_channel")
    op.drop_table("partner_channel")
    op.drop_table("ca_certificate")
    op.drop_table("place")
    op.drop_table("partner")
    op.drop_index(op.f("ix_notice_done_at"), table_name="notice")
    op.drop_table("notice")
    op.drop_table("choreography")
    op.drop_index(op.f("ix_certificate_spki_sha256"), table_name="certificate")
    op.drop_index(op.f("ix_certificate_not_after"), table_name="certificate")
    op.drop_table("certificate")
    op.drop_index(op.f("ix_audit_subject"), table_name="audit")
    op.drop_index(op.f("ix_audit_action"), table_name="audit")
    op.drop_table("audit")
