"""The database changed behind the product's back, as whoever has its password can."""

import sqlalchemy as sa

from storage.store import Store


def by_hand(store: Store, *statements: str, **values: object) -> None:
    """Run the statements; the audit's triggers are the first thing to go."""
    away = (
        ("DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete")
        if store.engine.dialect.name == "sqlite"
        else ("DROP TRIGGER IF EXISTS audit_append_only ON audit",)
    )
    with store.engine.begin() as connection:
        for statement in (*away, *statements):
            connection.execute(sa.text(statement), values if ":" in statement else {})
