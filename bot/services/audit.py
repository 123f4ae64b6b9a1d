"""The audit as it is asked for: filtered, page by page, as a table to take away, and verified from end to end."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.services.audit_csv import as_csv
from bot.services.audit_verification import Verdict, verify
from bot.services.journal import record
from bot.services.partners import partner_of
from bot.services.people import Person, PersonRole, Spot, require
from bot.services.search import Search
from storage.audit import AuditFilter
from storage.records import AuditEntry, AuditHead
from storage.store import Store, Transaction

MOST = 200
"""Entries in one answer; a Slack message shows far fewer."""

EXPORT_MOST = 100_000
"""Entries in one table: about 60 MB, and a tenth of what a spreadsheet takes (Excel: 1,048,576 rows)."""

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What somebody wants to know of the audit; what is None is not asked about.

    `partner` is a key, `person` a Slack user id, `certificate` a display name, number or fingerprint, `switch` a public
    id. `since` is part of the span, `until` is not.
    """

    partner: str | None = None
    person: str | None = None
    certificate: str | None = None
    switch: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditQuery()


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first. `older` reads on: it is None at the beginning of the audit."""

    entries: tuple[AuditEntry, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class AuditExport:
    """A table to take away; `is_cut` says that there were more than EXPORT_MOST entries, and the oldest are missing."""

    content: bytes
    entries: int
    is_cut: bool
    head: AuditHead


class Audit:
    """What happened, newest first."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def recent(self, limit: int, subject: str | None = None, partner: str | None = None) -> tuple[AuditEntry, ...]:
        """At most `limit` entries; `partner` is a key.

        Raises:
            NotFound: no such partner.
        """
        with self._store.reading() as tx:
            partner_id = partner_of(tx, partner).id if partner is not None else None
            return tx.audit.recent(_bounded(limit), subject, partner_id)

    def page(self, query: AuditQuery, limit: int, before: int | None = None) -> AuditPage:
        """At most `limit` entries that match, those before the entry with the number `before`.

        Raises:
            NotFound: no such partner or certificate.
            BadInput: "name", "ambiguous", where the certificate could be several.
        """
        size = _bounded(limit)
        with self._store.reading() as tx:
            found = tx.audit.find(_filter(tx, query), size + 1, before)
        shown = found[:size]
        return AuditPage(shown, shown[-1].id if len(found) > size else None)

    def export(self, person: Person, query: AuditQuery, spot: Spot) -> AuditExport:
        """The entries that match, as CSV; that somebody took them away is an entry too, though not in the table.

        Raises:
            NotAllowed: unless an operator asks.
            NotFound: no such partner or certificate.
            BadInput: "name", "ambiguous", where the certificate could be several.
        """
        require(person, PersonRole.OPERATOR)
        with self._store.reading() as tx:
            wanted, head = _filter(tx, query), tx.audit.head()
            content, count, oldest = as_csv(_up_to(tx, wanted, EXPORT_MOST))
            is_cut = count == EXPORT_MOST and bool(tx.audit.find(wanted, 1, before=oldest))
        with self._store.begin() as tx:
            asked = {name: str(value) for name, value in asdict(query).items() if value is not None}
            data = {"entries": count, "head": head.digest, "asked": asked, "partner_id": wanted.partner_id}
            record(tx, self._clock(), person, "audit.exported", "audit", spot.source, data)
        return AuditExport(content, count, is_cut, head)

    def head(self) -> AuditHead:
        """The end of the chain: kept elsewhere, it shows later whether the audit was written anew."""
        with self._store.reading() as tx:
            return tx.audit.head()

    def verify(self, expect: str | None = None) -> Verdict:
        """Whether the audit is whole; `expect` is a digest that was its head once. Writers need not wait for it."""
        with self._store.reading() as tx:
            return verify(tx.audit.walk(), tx.audit.head(), tx.audit, expect)


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST))


def _filter(tx: Transaction, query: AuditQuery) -> AuditFilter:
    partner = partner_of(tx, query.partner) if query.partner is not None else None
    return AuditFilter(
        subject=f"switch:{query.switch}" if query.switch is not None else None,
        partner_id=partner.id if partner is not None else None,
        actor=query.person,
        sha256=_fingerprint(tx, query.certificate, partner.id if partner else None) if query.certificate else None,
        since=query.since,
        until=query.until,
    )


def _fingerprint(tx: Transaction, text: str, partner_id: int | None) -> str:
    """The fingerprint meant; a whole one is taken as it is, for the audit knows certificates that no list has now."""
    digits = re.sub(r"[\s:]+", "", text).lower()
    return digits if _FINGERPRINT.fullmatch(digits) else Search(tx).one(text, partner_id).sha256


def _up_to(tx: Transaction, wanted: AuditFilter, most: int) -> Iterator[AuditEntry]:
    before: int | None = None
    left = most
    while left > 0:
        batch = tx.audit.find(wanted, min(left, MOST * 5), before)
        if not batch:
            return
        yield from batch
        left, before = left - len(batch), batch[-1].id
