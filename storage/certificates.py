"""Certificates, each stored once by its fingerprint, and the partners' lists. No certificate is ever deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import PartnerCertificate, StoredCertificate
from storage.tables import CertificateRow, PartnerCertificateRow
from storage.types import storable

if TYPE_CHECKING:
    from bot.pki.certificate import Certificate


class Certificates:
    """The repository of certificates and of the entries in the partners' lists ("partner certificates")."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, certificate: "Certificate", at: datetime) -> StoredCertificate:
        """The stored certificate, written when its fingerprint is new."""
        found = self.by_sha256(certificate.sha256)
        if found:
            return found
        row = CertificateRow(
            sha256=certificate.sha256,
            der=certificate.der,
            subject=storable(certificate.subject.rfc4514),
            issuer=storable(certificate.issuer.rfc4514),
            serial=f"{certificate.serial:x}",
            spki_sha256=certificate.key.spki_sha256,
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            created_at=at,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            # Another replica stored the same certificate in between: it is the same row either way.
            found = self.by_sha256(certificate.sha256)
            if found is None:
                raise
            return found
        return _stored(row)

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
