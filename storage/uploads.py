"""Uploaded files and the certificates that came with them. The bytes of a file are never stored."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import Upload, UploadItem, UploadState
from storage.tables import CertificateRow, UploadItemRow, UploadRow
from storage.types import storable


class Uploads:
    """The repository of uploads and their items."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        key: str,
        channel: str,
        thread_ts: str | None,
        file_name: str,
        by: str,
        team: str,
        at: datetime,
        state: UploadState,
        outcome: Mapping[str, object],
        partner_id: int | None = None,
    ) -> Upload:
        """A new upload.

        Raises:
            sqlalchemy.exc.IntegrityError: when the key is known, that is, the file was taken in before.
        """
        row = UploadRow(
            key=key,
            channel=channel,
            thread_ts=thread_ts,
            file_name=storable(file_name),
            uploaded_by=by,
            uploaded_team=team,
            uploaded_at=at,
            partner_id=partner_id,
            state=state.value,
            outcome=dict(outcome),
        )
        self._session.add(row)
        self._session.flush()
        return _upload(row)

    def get(self, upload_id: int) -> Upload | None:
        """The upload, or None."""
        row = self._session.get(UploadRow, upload_id)
        return _upload(row) if row else None

    def by_key(self, key: str) -> Upload | None:
        """The upload that was taken in under this key, or None."""
        row = self._session.exec(select(UploadRow).where(UploadRow.key == key)).first()
        return _upload(row) if row else None

    def assign(self, upload_id: int, partner_id: int) -> bool:
        """Give the upload its partner, once; False when it has one already."""
        change = (
            sa.update(UploadRow)
            .where(col(UploadRow.id) == upload_id, col(UploadRow.state) == UploadState.NEEDS_PARTNER.value)
            .values(partner_id=partner_id, state=UploadState.STORED.value)
        )
        return self._session.exec(change).rowcount == 1

    def set_partner(self, upload_id: int, partner_id: int) -> None:
        """The partner that the upload turned out to be for, where it held CA certificates only at first."""
        self._session.exec(sa.update(UploadRow).where(col(UploadRow.id) == upload_id).values(partner_id=partner_id))

    def needs_partner(self, upload_id: int) -> None:
        """The upload waits for someone to name its partner."""
        self._session.exec(
            sa.update(UploadRow).where(col(UploadRow.id) == upload_id).values(state=UploadState.NEEDS_PARTNER.value)
        )

    def add_item(
        self,
        upload_id: int,
        certificate_id: int,
        *,
        already: bool,
        partner_certificate_id: int | None = None,
        ca_certificate_id: int | None = None,
    ) -> None:
        """A certificate of the upload, with the list entry that it has found, if any."""
        row = UploadItemRow(
            upload_id=upload_id,
            certificate_id=certificate_id,
            already=already,
            partner_certificate_id=partner_certificate_id,
            ca_certificate_id=ca_certificate_id,
        )
        self._session.add(row)
        self._session.flush()

    def place_item(
        self, item_id: int, *, already: bool, partner_certificate_id: int | None = None, ca_id: int | None = None
    ) -> None:
        """The item has found its list, or another one than before."""
        self._session.exec(
            sa.update(UploadItemRow)
            .where(col(UploadItemRow.id) == item_id)
            .values(already=already, partner_certificate_id=partner_certificate_id, ca_certificate_id=ca_id)
        )

    def items(self, upload_id: int) -> tuple[UploadItem, ...]:
        """The certificates of the upload, in the order of the file."""
        return self._items(UploadItemRow.upload_id == upload_id)

    def items_of(self, certificate_id: int) -> tuple[UploadItem, ...]:
        """Every upload that brought this certificate."""
        return self._items(UploadItemRow.certificate_id == certificate_id)

    def all_items(self) -> tuple[UploadItem, ...]:
        """Every certificate that was ever uploaded, once for each upload."""
        return self._items(sa.true())

    def _items(self, *conditions: sa.ColumnElement[bool] | bool) -> tuple[UploadItem, ...]:
        wanted = (
            select(UploadItemRow, CertificateRow)
            .join(CertificateRow, col(CertificateRow.id) == UploadItemRow.certificate_id)
            .where(*conditions)
            .order_by(col(UploadItemRow.id))
            # A list entry that was deleted in this transaction has emptied the reference behind the session's back.
            .execution_options(populate_existing=True)
        )
        return tuple(_item(row, certificate) for row, certificate in self._session.exec(wanted))


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=numbered(row.id),
        key=row.key,
        channel=row.channel,
        thread_ts=row.thread_ts,
        file_name=row.file_name,
        uploaded_by=row.uploaded_by,
        uploaded_team=row.uploaded_team,
        uploaded_at=row.uploaded_at,
        partner_id=row.partner_id,
        state=UploadState(row.state),
        outcome=dict(row.outcome),
    )


def _item(row: UploadItemRow, certificate: CertificateRow) -> UploadItem:
    return UploadItem(
        id=numbered(row.id),
        upload_id=row.upload_id,
        certificate_id=row.certificate_id,
        sha256=certificate.sha256,
        der=certificate.der,
        partner_certificate_id=row.partner_certificate_id,
        ca_certificate_id=row.ca_certificate_id,
        already=row.already,
    )
