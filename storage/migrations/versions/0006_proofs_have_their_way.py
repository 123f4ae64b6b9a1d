"""a proof says how it came about

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Every proof so far was a handshake with the connection's own address.
    op.add_column("proof", sa.Column("way", sa.String(), nullable=False, server_default="endpoint"))


def downgrade() -> None:
    op.drop_column("proof", "way")
