"""Reading the audit."""

from bot.services.partners import partner_of
from storage.records import AuditEntry
from storage.store import Store

MOST = 200
"""Entries in one answer; a Slack message shows far fewer."""


class Audit:
    """What happened, newest first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def recent(self, limit: int, subject: str | None = None, partner: str | None = None) -> tuple[AuditEntry, ...]:
        """At most `limit` entries; `partner` is a key.

        Raises:
            NotFound: no such partner.
        """
        with self._store.begin() as tx:
            partner_id = partner_of(tx, partner).id if partner is not None else None
            return tx.audit.recent(max(1, min(limit, MOST)), subject, partner_id)
