"""The audit: entries are added, never changed and never taken away."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import AuditEntry
from storage.tables import AuditRow


class AuditLog:
    """The repository of audit entries."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, at: datetime, actor: str, team: str, action: str, subject: str, source: str, data: Mapping[str, object]
    ) -> None:
        """Write what happened, in the transaction that does it; `data` holds fingerprints, ids and codes only."""
        self._session.add(
            AuditRow(at=at, actor=actor, team=team, action=action, subject=subject, source=source, data=dict(data))
        )

    def recent(self, limit: int, subject: str | None = None, partner_id: int | None = None) -> tuple[AuditEntry, ...]:
        """The newest entries first; `partner_id` keeps those whose data names that partner."""
        wanted = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
        if subject is not None:
            wanted = wanted.where(AuditRow.subject == subject)
        if partner_id is not None:
            wanted = wanted.where(col(AuditRow.data)["partner_id"].as_integer() == partner_id)
        return tuple(_record(row) for row in self._session.exec(wanted))


def _record(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        numbered(row.id), row.at, row.actor, row.team, row.action, row.subject, row.source, dict(row.data)
    )
