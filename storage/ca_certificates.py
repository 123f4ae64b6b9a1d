"""The global list of CA certificates: intermediates as links, roots as anchors once a trust admin has approved them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import AnchorState, CaCertificate
from storage.tables import CaCertificateRow, CertificateRow


@dataclass(frozen=True, slots=True)
class Stamp:
    """Differs whenever the CA list differs: row numbers are never given twice, and a decision is counted."""

    count: int
    newest: int
    decided: int
    last_decision: str


class CaCertificates:
    """The repository of the CA list."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, certificate_id: int, anchor: AnchorState, by: str, at: datetime) -> CaCertificate:
        """Put a certificate into the list.

        Raises:
            sqlalchemy.exc.IntegrityError: when it is there already.
        """
        row = CaCertificateRow(certificate_id=certificate_id, anchor=anchor.value, added_by=by, added_at=at)
        self._session.add(row)
        self._session.flush()
        return self._all(CaCertificateRow.id == row.id)[0]

    def list(self) -> tuple[CaCertificate, ...]:
        """The whole list in the order of arrival."""
        return self._all(sa.true())

    def marks(self) -> Mapping[str, bool]:
        """Every fingerprint in the list, and whether a path may end there; no certificate is read for it."""
        wanted = select(CertificateRow.sha256, CaCertificateRow.anchor).join(
            CaCertificateRow, col(CertificateRow.id) == CaCertificateRow.certificate_id
        )
        return {sha256: anchor == AnchorState.APPROVED for sha256, anchor in self._session.exec(wanted)}

    def by_id(self, ca_id: int) -> CaCertificate | None:
        """The entry with this number, or None."""
        return self._first(CaCertificateRow.id == ca_id)

    def by_certificate(self, certificate_id: int) -> CaCertificate | None:
        """The entry for this certificate, or None."""
        return self._first(CaCertificateRow.certificate_id == certificate_id)

    def decide(self, ca_id: int, expected: AnchorState, anchor: AnchorState, by: str | None, at: datetime) -> bool:
        """Move the anchor state, if it still is what was expected; False when someone else was first."""
        change = (
            sa.update(CaCertificateRow)
            .where(col(CaCertificateRow.id) == ca_id, col(CaCertificateRow.anchor) == expected.value)
            .values(anchor=anchor.value, decided_by=by, decided_at=at)
        )
        return self._session.exec(change).rowcount == 1

    def delete(self, ca_id: int) -> None:
        """Take the entry out of the list; the certificate itself stays on record."""
        self._session.exec(sa.delete(CaCertificateRow).where(col(CaCertificateRow.id) == ca_id))

    def stamp(self) -> Stamp:
        """What the list is at now, to compare with an earlier stamp."""
        row = CaCertificateRow
        wanted = select(
            sa.func.count(col(row.id)),
            sa.func.max(col(row.id)),
            sa.func.count(col(row.decided_at)),
            sa.func.max(col(row.decided_at)),
        )
        count, newest, decided, last = self._session.exec(wanted).one()
        return Stamp(count, newest or 0, decided, str(last))

    def _first(self, *conditions: sa.ColumnElement[bool] | bool) -> CaCertificate | None:
        found = self._all(*conditions)
        return found[0] if found else None

    def _all(self, *conditions: sa.ColumnElement[bool] | bool) -> tuple[CaCertificate, ...]:
        wanted = (
            select(CaCertificateRow, CertificateRow)
            .join(CertificateRow, col(CertificateRow.id) == CaCertificateRow.certificate_id)
            .where(*conditions)
            .order_by(col(CaCertificateRow.id))
        )
        rows: Sequence[tuple[CaCertificateRow, CertificateRow]] = self._session.exec(wanted).all()
        return tuple(_record(entry, certificate) for entry, certificate in rows)


def _record(row: CaCertificateRow, certificate: CertificateRow) -> CaCertificate:
    return CaCertificate(
        id=numbered(row.id),
        certificate_id=row.certificate_id,
        sha256=certificate.sha256,
        der=certificate.der,
        anchor=AnchorState(row.anchor),
        added_by=row.added_by,
        added_at=row.added_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
