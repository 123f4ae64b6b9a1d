"""Requests for missing issuers, and the certificates that wait for them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import PromptState, WaitingPrompt
from storage.tables import CertificateRow, WaitingPromptRow
from storage.types import storable


class Prompts:
    """The repository of waiting prompts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        certificate_id: int,
        upload_id: int | None,
        missing_key: str,
        issuer: str,
        organisation: str | None = None,
        organisational_unit: str | None = None,
        aki: str | None = None,
        ca_issuers: Sequence[str] = (),
    ) -> WaitingPrompt:
        """A new open prompt: this certificate waits for the issuer that `missing_key` stands for."""
        row = WaitingPromptRow(
            certificate_id=certificate_id,
            upload_id=upload_id,
            missing_key=missing_key,
            issuer=storable(issuer),
            organisation=storable(organisation) if organisation else None,
            organisational_unit=storable(organisational_unit) if organisational_unit else None,
            aki=aki,
            ca_issuers=[storable(url) for url in ca_issuers],
            state=PromptState.OPEN.value,
        )
        self._session.add(row)
        self._session.flush()
        return self._all(WaitingPromptRow.id == row.id)[0]

    def get(self, prompt_id: int) -> WaitingPrompt | None:
        """The prompt, or None."""
        found = self._all(WaitingPromptRow.id == prompt_id)
        return found[0] if found else None

    def open(self) -> tuple[WaitingPrompt, ...]:
        """Every prompt that waits."""
        return self._all(WaitingPromptRow.state == PromptState.OPEN.value)

    def of_certificate(self, certificate_id: int) -> tuple[WaitingPrompt, ...]:
        """Every prompt of this certificate, whatever became of it."""
        return self._all(WaitingPromptRow.certificate_id == certificate_id)

    def of_upload(self, upload_id: int) -> tuple[WaitingPrompt, ...]:
        """Every prompt that this upload brought about."""
        return self._all(WaitingPromptRow.upload_id == upload_id)

    def close(
        self, prompt_id: int, state: PromptState, at: datetime, by: str | None = None, sha256: str | None = None
    ) -> bool:
        """Answer or withdraw an open prompt; False when it is not open any more."""
        change = (
            sa.update(WaitingPromptRow)
            .where(col(WaitingPromptRow.id) == prompt_id, col(WaitingPromptRow.state) == PromptState.OPEN.value)
            .values(state=state.value, answered_by=by, answered_sha256=sha256, answered_at=at)
        )
        return self._session.exec(change).rowcount == 1

    def _all(self, *conditions: sa.ColumnElement[bool] | bool) -> tuple[WaitingPrompt, ...]:
        wanted = (
            select(WaitingPromptRow, CertificateRow.sha256)
            .join(CertificateRow, col(CertificateRow.id) == WaitingPromptRow.certificate_id)
            .where(*conditions)
            .order_by(col(WaitingPromptRow.id))
        )
        return tuple(_record(row, sha256) for row, sha256 in self._session.exec(wanted))


def _record(row: WaitingPromptRow, sha256: str) -> WaitingPrompt:
    return WaitingPrompt(
        id=numbered(row.id),
        certificate_id=row.certificate_id,
        sha256=sha256,
        upload_id=row.upload_id,
        missing_key=row.missing_key,
        issuer=row.issuer,
        organisation=row.organisation,
        organisational_unit=row.organisational_unit,
        aki=row.aki,
        ca_issuers=tuple(row.ca_issuers),
        state=PromptState(row.state),
        answered_by=row.answered_by,
        answered_sha256=row.answered_sha256,
        answered_at=row.answered_at,
    )
