"""the audit is a chain

Every entry names the digest of the one before it; those that stand already are chained in their order. A trigger
refuses to change or delete one.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from storage.audit_chain import GENESIS, as_kept, digest_of
from storage.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AUDIT = sa.table(
    "audit",
    sa.column("id", sa.Integer()),
    sa.column("at", UtcDateTime()),
    *(sa.column(name, sa.String()) for name in ("actor", "team", "action", "subject", "source")),
    sa.column("data", sa.JSON()),
    sa.column("previous", sa.String()),
    sa.column("digest", sa.String()),
)
SAID = ("at", "actor", "team", "action", "subject", "source", "data")
BATCH = 500

# SQLite: a trigger on a table goes when a later migration rebuilds the table, and has to be made again there.
SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER audit_no_{what} BEFORE {what.upper()} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
    for what in ("update", "delete")
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()""",
)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("audit") as table:
        table.add_column(sa.Column("previous", sa.String(64), nullable=True))
        table.add_column(sa.Column("digest", sa.String(64), nullable=True))
    entries, newest = _chain()
    with op.batch_alter_table(
        "audit",
        # Rebuilt there, so that the number of a deleted last row is never given to the next one.
        recreate="always" if on_sqlite else "never",
        table_kwargs={"sqlite_autoincrement": True},
    ) as table:
        table.alter_column("previous", existing_type=sa.String(64), nullable=False)
        table.alter_column("digest", existing_type=sa.String(64), nullable=False)
        table.create_unique_constraint(op.f("uq_audit_previous"), ["previous"])
        table.create_unique_constraint(op.f("uq_audit_digest"), ["digest"])
    op.create_index(op.f("ix_audit_actor"), "audit", ["actor"], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.execute(sa.insert(head).values(id=1, digest=newest, entries=entries))
    for statement in SQLITE_TRIGGERS if on_sqlite else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("DROP TRIGGER audit_append_only ON audit")
        op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_actor"), table_name="audit")
    with op.batch_alter_table("audit") as table:
        table.drop_constraint(op.f("uq_audit_digest"), type_="unique")
        table.drop_constraint(op.f("uq_audit_previous"), type_="unique")
        table.drop_column("digest")
        table.drop_column("previous")


def _chain() -> tuple[int, str]:
    """Chain what stands, and give back how many entries that are and the digest of the newest."""
    connection = op.get_bind()
    change = (
        sa.update(AUDIT)
        .where(AUDIT.c.id == sa.bindparam("row_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in ("data", "previous", "digest")})
    )
    entries, newest, last_id = 0, GENESIS, None
    while True:
        query = sa.select(AUDIT).order_by(AUDIT.c.id).limit(BATCH)
        if last_id is not None:
            query = query.where(AUDIT.c.id > last_id)
        rows = connection.execute(query).all()
        if not rows:
            return entries, newest
        changes = []
        for row in rows:
            said = {name: getattr(row, name) for name in SAID} | {"data": as_kept(row.data)}
            digest = digest_of(newest, **said)
            changes.append({"row_id": row.id, "new_data": said["data"], "new_previous": newest, "new_digest": digest})
            newest, last_id = digest, row.id
        connection.execute(change, changes)
        entries += len(rows)
