"""several switches can be asked for together

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not in batch mode: a rebuilt table would lose its partial index, which allows one open switch a connection.
    op.add_column("switch", sa.Column("bundle", sa.String(), nullable=True))
    op.create_index(op.f("ix_switch_bundle"), "switch", ["bundle"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_switch_bundle"), table_name="switch")
    op.drop_column("switch", "bundle")
