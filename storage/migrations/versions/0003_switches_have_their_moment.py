"""switches have their moment, and partners a policy

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


OPEN = "state IN ('proposed','approved','scheduled','switching','overlap')"
OPEN_BEFORE = "state IN ('proposed','approved','scheduled','switching')"


def _one_open_switch(open_states: str) -> None:
    op.drop_index("uq_switch_open_connection", table_name="switch")
    op.create_index(
        "uq_switch_open_connection",
        "switch",
        ["connection_id"],
        unique=True,
        sqlite_where=sa.text(open_states),
        postgresql_where=sa.text(open_states),
    )


def upgrade() -> None:
    op.create_table(
        "partner_policy",
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("partner_confirms", sa.Boolean(), nullable=False),
        sa.Column("lives_days", sa.Integer(), nullable=True),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("quiet_zone", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_policy_partner_id_partner")),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_partner_policy")),
    )
    # Not in batch mode: a rebuilt table would lose its partial index, which allows one open switch a connection.
    op.add_column("switch", sa.Column("due_at", UtcDateTime(), nullable=True))
    op.add_column("switch", sa.Column("until", UtcDateTime(), nullable=True))
    op.add_column("switch", sa.Column("undoes", sa.String(), nullable=True))
    op.add_column("switch", sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("switch", sa.Column("reminded_at", UtcDateTime(), nullable=True))
    _one_open_switch(OPEN)
    with op.batch_alter_table("approval") as approval:
        approval.drop_constraint("uq_approval_switch_id_side", type_="unique")
        approval.create_unique_constraint("uq_approval_switch_id_side_user_id", ["switch_id", "side", "user_id"])


def downgrade() -> None:
    with op.batch_alter_table("approval") as approval:
        approval.drop_constraint("uq_approval_switch_id_side_user_id", type_="unique")
        approval.create_unique_constraint("uq_approval_switch_id_side", ["switch_id", "side"])
    op.execute("UPDATE switch SET state = 'failed' WHERE state = 'overlap'")
    _one_open_switch(OPEN_BEFORE)
    for column in ("reminded_at", "reminders", "undoes", "until", "due_at"):
        op.drop_column("switch", column)
    op.drop_table("partner_policy")
