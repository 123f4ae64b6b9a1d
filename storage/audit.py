"""The audit: entries are added, never changed and never taken away, each chained to the one before (`audit_chain`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.audit_chain import as_kept, digest_of
from storage.keys import numbered
from storage.records import AuditEntry, AuditHead
from storage.tables import AuditHeadRow, AuditRow
from storage.types import storable

BATCH = 1_000
"""Entries that are in memory at once while all are read."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for; what is None is not asked about. `sha256` is a fingerprint that the entry's data names.

    `since` is part of the span, `until` is not.
    """

    subject: str | None = None
    partner_id: int | None = None
    actor: str | None = None
    sha256: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL = AuditFilter()


class AuditLog:
    """The repository of audit entries.

    What a transaction adds is written by `seal`, as its last act: the chain has one end, and who waits for that end
    holds every other lock of the transaction already. So no two transactions wait for each other, the end is locked for
    the time of two statements, and a reading sees what was committed before.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._added: list[dict[str, object]] = []

    def add(
        self, at: datetime, actor: str, team: str, action: str, subject: str, source: str, data: Mapping[str, object]
    ) -> None:
        """Write what happened, in the transaction that does it; `data` holds fingerprints, ids and codes only.

        Raises:
            ValueError: for a naive time.
        """
        said = {"actor": actor, "team": team, "action": action, "subject": subject, "source": source}
        entry = {"at": at, **{name: storable(text) for name, text in said.items()}, "data": as_kept(data)}
        digest_of("", **entry)  # type: ignore[arg-type] # what cannot be chained is refused where it is said
        self._added.append(entry)

    def seal(self) -> None:
        """Chain and write what was added; called by the store before it commits, by nobody else."""
        if not self._added:
            return
        connection = self._session.connection()
        head = connection.execute(sa.select(*_HEAD).with_for_update()).one()
        previous = head.digest
        rows = []
        for entry in self._added:
            digest = digest_of(previous, **entry)  # type: ignore[arg-type]
            rows.append({**entry, "previous": previous, "digest": digest})
            previous = digest
        connection.execute(sa.insert(AuditRow), rows)
        connection.execute(sa.update(AuditHeadRow).values(digest=previous, entries=head.entries + len(rows)))
        self._added.clear()

    def head(self) -> AuditHead:
        """The end of the chain, as the last writer left it."""
        head = self._session.connection().execute(sa.select(*_HEAD)).one()
        return AuditHead(head.digest, head.entries)

    def recent(self, limit: int, subject: str | None = None, partner_id: int | None = None) -> tuple[AuditEntry, ...]:
        """The newest entries first; `partner_id` keeps those whose data names that partner."""
        return self.find(AuditFilter(subject=subject, partner_id=partner_id), limit)

    def find(self, wanted: AuditFilter, limit: int, before: int | None = None) -> tuple[AuditEntry, ...]:
        """The newest entries first that match; `before` is the number of an entry, to read on after it."""
        query = select(AuditRow).where(*_conditions(wanted)).order_by(col(AuditRow.id).desc()).limit(limit)
        if before is not None:
            query = query.where(col(AuditRow.id) < before)
        return tuple(_record(row) for row in self._session.exec(query))

    def walk(self) -> Iterator[AuditEntry]:
        """Every entry, the newest row first, a batch at a time."""
        query = sa.select(sa.inspect(AuditRow).local_table).order_by(col(AuditRow.id).desc())
        rows = self._session.connection().execution_options(yield_per=BATCH).execute(query)
        for row in rows.mappings():
            yield AuditEntry(**row)

    def by_digest(self, digest: str) -> AuditEntry | None:
        """The entry with this digest, or None."""
        row = self._session.exec(select(AuditRow).where(AuditRow.digest == digest)).first()
        return _record(row) if row is not None else None


_HEAD = (col(AuditHeadRow.digest), col(AuditHeadRow.entries))


def _conditions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.subject is not None:
        conditions.append(col(AuditRow.subject) == wanted.subject)
    if wanted.partner_id is not None:
        conditions.append(col(AuditRow.data)["partner_id"].as_integer() == wanted.partner_id)
    if wanted.actor is not None:
        conditions.append(col(AuditRow.actor) == wanted.actor)
    if wanted.sha256 is not None:
        # Under whichever name the data keeps it, in a list too; 64 hexadecimal digits stand for nothing else.
        conditions.append(sa.cast(col(AuditRow.data), sa.Text).contains(wanted.sha256, autoescape=True))
    if wanted.since is not None:
        conditions.append(col(AuditRow.at) >= wanted.since)
    if wanted.until is not None:
        conditions.append(col(AuditRow.at) < wanted.until)
    return conditions


def _record(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        numbered(row.id),
        row.at,
        row.actor,
        row.team,
        row.action,
        row.subject,
        row.source,
        dict(row.data),
        row.previous,
        row.digest,
    )
