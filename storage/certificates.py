"""Certificates, each stored once by its fingerprint, and the partners' lists. No certificate is ever deleted."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from storage.keys import numbered
from storage.records import PartnerCertificate, StoredCertificate
from storage.tables import CertificateRow, PartnerCertificateRow
from storage.types import storable

if TYPE_CHECKING:
    from bot.pki.certificate import Certificate


BATCH = 300
"""Certificates a statement. SQLite takes 32,766 parameters; a fingerprint is one, a row nine."""


class Certificates:
    """The repository of certificates and of the entries in the partners' lists ("partner certificates")."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, certificate: "Certificate", at: datetime) -> StoredCertificate:
        """The stored certificate, written when its fingerprint is new."""
        return self.put_all([certificate], at)[0]

    def put_all(self, certificates: Sequence["Certificate"], at: datetime) -> tuple[StoredCertificate, ...]:
        """The stored certificates in the given order; those whose fingerprint is new are written, each once."""
        stored: dict[str, StoredCertificate] = {}
        wanted = {one.sha256: one for one in certificates}
        for batch in batched(wanted.values(), BATCH):
            stored |= self._known(batch)
            new = [_columns(one, at) for one in batch if one.sha256 not in stored]
            if new:
                # Another replica may store the same certificate in between: it is the same row either way.
                self._session.execute(self._insert().on_conflict_do_nothing(index_elements=["sha256"]), new)
                stored |= self._known(batch)
        return tuple(stored[one.sha256] for one in certificates)

    def _insert(self) -> sqlite.Insert | postgresql.Insert:
        table = SQLModel.metadata.tables["certificate"]
        if self._session.get_bind().dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    def _known(self, certificates: Sequence["Certificate"]) -> dict[str, StoredCertificate]:
        sha256s = [one.sha256 for one in certificates]
        columns = (col(getattr(CertificateRow, name)) for name in ("id", "sha256", "der", "not_after"))
        rows = self._session.execute(sa.select(*columns).where(col(CertificateRow.sha256).in_(sha256s)))
        return {row.sha256: StoredCertificate(row.id, row.sha256, row.der, row.not_after) for row in rows}

    def by_id(self, certificate_id: int) -> StoredCertificate | None:
        """The certificate with this row number, or None."""
        row = self._session.get(CertificateRow, certificate_id)
        return _stored(row) if row else None

    def by_sha256(self, sha256: str) -> StoredCertificate | None:
        """The certificate with this fingerprint, or None."""
        row = self._session.exec(select(CertificateRow).where(CertificateRow.sha256 == sha256)).first()
        return _stored(row) if row else None

    def add_entry(
        self, partner_id: int, certificate_id: int, display_name: str, by: str, at: datetime, upload_id: int | None
    ) -> PartnerCertificate:
        """Put a certificate into a partner's list.

        Raises:
            sqlalchemy.exc.IntegrityError: when the certificate or the name is in the list already.
        """
        row = PartnerCertificateRow(
            partner_id=partner_id,
            certificate_id=certificate_id,
            display_name=display_name,
            uploaded_by=by,
            uploaded_at=at,
            upload_id=upload_id,
        )
        self._session.add(row)
        self._session.flush()
        return self._one(PartnerCertificateRow.id == row.id)

    def entry(self, partner_certificate_id: int) -> PartnerCertificate | None:
        """The partner certificate, or None."""
        return self._first(PartnerCertificateRow.id == partner_certificate_id)

    def entry_for(self, partner_id: int, certificate_id: int) -> PartnerCertificate | None:
        """The partner's entry for this certificate, or None."""
        return self._first(
            PartnerCertificateRow.partner_id == partner_id, PartnerCertificateRow.certificate_id == certificate_id
        )

    def entries(self, partner_id: int) -> tuple[PartnerCertificate, ...]:
        """A partner's list in the order of upload."""
        return self._all(PartnerCertificateRow.partner_id == partner_id)

    def entries_of(self, certificate_id: int) -> tuple[PartnerCertificate, ...]:
        """Every partner's entry for this certificate."""
        return self._all(PartnerCertificateRow.certificate_id == certificate_id)

    def all_entries(self) -> tuple[PartnerCertificate, ...]:
        """The lists of all partners."""
        return self._all(sa.true())

    def rename_entry(self, partner_certificate_id: int, display_name: str) -> None:
        """Give the entry another display name.

        Raises:
            sqlalchemy.exc.IntegrityError: when the partner's list has that name already.
        """
        change = sa.update(PartnerCertificateRow).where(col(PartnerCertificateRow.id) == partner_certificate_id)
        self._session.exec(change.values(display_name=display_name))

    def delete_entry(self, partner_certificate_id: int) -> None:
        """Take the entry out of the list; the certificate itself stays on record.

        Raises:
            sqlalchemy.exc.IntegrityError: when a connection uses it.
        """
        self._session.exec(
            sa.delete(PartnerCertificateRow).where(col(PartnerCertificateRow.id) == partner_certificate_id)
        )

    def _first(self, *conditions: sa.ColumnElement[bool] | bool) -> PartnerCertificate | None:
        found = self._all(*conditions)
        return found[0] if found else None

    def _one(self, *conditions: sa.ColumnElement[bool] | bool) -> PartnerCertificate:
        return self._all(*conditions)[0]

    def _all(self, *conditions: sa.ColumnElement[bool] | bool) -> tuple[PartnerCertificate, ...]:
        wanted = (
            select(PartnerCertificateRow, CertificateRow)
            .join(CertificateRow, col(CertificateRow.id) == PartnerCertificateRow.certificate_id)
            .where(*conditions)
            .order_by(col(PartnerCertificateRow.id))
        )
        rows: Sequence[tuple[PartnerCertificateRow, CertificateRow]] = self._session.exec(wanted).all()
        return tuple(_entry(entry, certificate) for entry, certificate in rows)


def _stored(row: CertificateRow) -> StoredCertificate:
    return StoredCertificate(numbered(row.id), row.sha256, row.der, row.not_after)


def _entry(row: PartnerCertificateRow, certificate: CertificateRow) -> PartnerCertificate:
    return PartnerCertificate(
        id=numbered(row.id),
        partner_id=row.partner_id,
        certificate_id=row.certificate_id,
        sha256=certificate.sha256,
        der=certificate.der,
        display_name=row.display_name,
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
        upload_id=row.upload_id,
    )


def _columns(certificate: "Certificate", at: datetime) -> dict[str, Any]:
    return {
        "sha256": certificate.sha256,
        "der": certificate.der,
        "subject": storable(certificate.subject.rfc4514),
        "issuer": storable(certificate.issuer.rfc4514),
        "serial": f"{certificate.serial:x}",
        "spki_sha256": certificate.key.spki_sha256,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "created_at": at,
    }


def batched(certificates: "Iterable[Certificate]", size: int) -> "Iterator[tuple[Certificate, ...]]":
    """In tuples of `size` (itertools.batched comes with Python 3.12)."""
    left = iter(certificates)
    while batch := tuple(islice(left, size)):
        yield batch
