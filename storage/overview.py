"""Bounded reads across the tables, for pages that show a little of much.

Each is answered by an index, or by one pass over short columns; none reads a certificate's bytes. With ten thousand
certificates a page takes milliseconds.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.overview_records import CertificateLine, Sought, Totals, Undecided, Wanted
from storage.records import AnchorState, PromptState, UploadState
from storage.switch_records import OPEN_STATES, Side, Switch, SwitchState
from storage.switch_rows import switch_of
from storage.switch_tables import ApprovalRow, ConnectionRow, SwitchRow
from storage.tables import CaCertificateRow, CertificateRow, PartnerCertificateRow, UploadRow, WaitingPromptRow
from storage.types import by_code_point

# In a list for people the root that waits for them comes first, and what nobody trusts last.
_CA_ORDER = (AnchorState.REQUESTED, AnchorState.APPROVED, AnchorState.LINK, AnchorState.DECLINED)


class Overview:
    """The repository of these reads. `partner_ids` None means every partner."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def in_use(self, partner_ids: Collection[int] | None, limit: int) -> tuple[CertificateLine, ...]:
        """The certificates in use on connections, those that end first on top, also those that have ended."""
        return self._lines(limit, partner_ids, col(PartnerCertificateRow.id).in_(_used()))

    def unused(self, partner_ids: Collection[int] | None, at: datetime, limit: int) -> tuple[CertificateLine, ...]:
        """Valid ones that are in use nowhere and were not replaced by a switch: those that end first on top."""
        replaced = sa.select(col(SwitchRow.from_partner_certificate_id)).where(
            col(SwitchRow.state) == SwitchState.PROVEN.value, col(SwitchRow.from_partner_certificate_id).is_not(None)
        )
        entry = col(PartnerCertificateRow.id)
        return self._lines(
            limit, partner_ids, col(CertificateRow.not_after) >= at, entry.not_in(_used()), entry.not_in(replaced)
        )

    def listed(self, partner_id: int, offset: int, limit: int) -> tuple[CertificateLine, ...]:
        """One page of a partner's list, the last to end on top."""
        return self._lines(limit, (partner_id,), order=col(CertificateRow.not_after).desc(), offset=offset)

    def search(self, sought: Sought, partner_ids: Collection[int] | None, limit: int) -> tuple[CertificateLine, ...]:
        """Partner certificates by display name, subject, fingerprint or serial number; the last to end on top."""
        names = col(PartnerCertificateRow.display_name).icontains(sought.text, autoescape=True)
        newest = col(CertificateRow.not_after).desc()
        return self._lines(limit, partner_ids, sa.or_(names, _certificate_is(sought)), order=newest)

    def search_ca(self, sought: Sought, limit: int) -> tuple[int, ...]:
        """The numbers of CA certificates by subject, fingerprint or serial number."""
        rows = (
            select(CaCertificateRow.id)
            .join(CertificateRow, col(CertificateRow.id) == CaCertificateRow.certificate_id)
            .where(_certificate_is(sought))
            .order_by(col(CaCertificateRow.id))
            .limit(limit)
        )
        return tuple(numbered(one) for one in self._session.exec(rows))

    def ca_page(self, offset: int, limit: int) -> tuple[tuple[int, ...], int]:
        """The numbers on one page of the CA list, and how many there are in all."""
        rank = sa.case(
            {state.value: place for place, state in enumerate(_CA_ORDER)}, value=col(CaCertificateRow.anchor)
        )
        rows = select(CaCertificateRow.id).order_by(rank, col(CaCertificateRow.id)).offset(offset).limit(limit)
        total = self._session.exec(select(sa.func.count()).select_from(CaCertificateRow)).one()
        return tuple(numbered(one) for one in self._session.exec(rows)), total

    def requested_roots(self, but_not_by: str, limit: int) -> tuple[tuple[int, ...], int]:
        """The numbers of the roots that wait for an approval by somebody else than who brought them, and how many."""
        where = (
            col(CaCertificateRow.anchor) == AnchorState.REQUESTED.value,
            col(CaCertificateRow.added_by) != but_not_by,
        )
        rows = select(CaCertificateRow.id).where(*where).order_by(col(CaCertificateRow.id)).limit(limit)
        total = self._session.exec(select(sa.func.count()).select_from(CaCertificateRow).where(*where)).one()
        return tuple(numbered(one) for one in self._session.exec(rows)), total

    def undecided(self, partner_ids: Collection[int] | None, limit: int) -> tuple[Undecided, ...]:
        """Proposals that still need a decision, oldest first."""
        rows = (
            select(SwitchRow, ConnectionRow.partner_id)
            .join(ConnectionRow, col(ConnectionRow.id) == SwitchRow.connection_id)
            .where(col(SwitchRow.state) == SwitchState.PROPOSED.value, _among(ConnectionRow.partner_id, partner_ids))
            .order_by(col(SwitchRow.id))
            .limit(limit)
        )
        found = [(switch_of(row), partner_id) for row, partner_id in self._session.exec(rows)]
        decided = self._decided([switch.id for switch, _ in found])
        return tuple(Undecided(switch, partner_id, decided.get(switch.id, {})) for switch, partner_id in found)

    def open_switches(self, partner_ids: Collection[int] | None, limit: int) -> tuple[tuple[Switch, ...], int]:
        """Switches that may still change something, the last one that moved on top, and how many there are in all."""
        where = (
            col(SwitchRow.state).in_([state.value for state in OPEN_STATES]),
            _among(ConnectionRow.partner_id, partner_ids),
        )
        joined = sa.join(SwitchRow, ConnectionRow, col(ConnectionRow.id) == col(SwitchRow.connection_id))
        rows = select(SwitchRow).select_from(joined).where(*where).order_by(col(SwitchRow.changed_at).desc())
        total = self._session.execute(sa.select(sa.func.count()).select_from(joined).where(*where)).scalar_one()
        return tuple(switch_of(row) for row in self._session.exec(rows.limit(limit))), total

    def open_prompts(self, wanted: Wanted, limit: int) -> tuple[tuple[int, ...], int]:
        """The numbers of the requests for an issuer that wait, newest first, and how many there are in all."""
        return self._waiting(WaitingPromptRow.id, col(WaitingPromptRow.state) == PromptState.OPEN.value, wanted, limit)

    def without_partner(self, wanted: Wanted, limit: int) -> tuple[tuple[int, ...], int]:
        """The numbers of the uploads whose partner nobody has named, newest first, and how many there are in all."""
        return self._waiting(UploadRow.id, col(UploadRow.state) == UploadState.NEEDS_PARTNER.value, wanted, limit)

    def totals(self, partner_ids: Collection[int]) -> Mapping[int, Totals]:
        """What there is of each of these partners."""
        certificates = self._counted(PartnerCertificateRow.partner_id, partner_ids)
        connections = self._counted(ConnectionRow.partner_id, partner_ids)
        ends = self._session.execute(
            sa.select(col(ConnectionRow.partner_id), sa.func.min(col(CertificateRow.not_after)))
            .join(PartnerCertificateRow, col(PartnerCertificateRow.id) == col(ConnectionRow.partner_certificate_id))
            .join(CertificateRow, col(CertificateRow.id) == col(PartnerCertificateRow.certificate_id))
            .where(_among(ConnectionRow.partner_id, partner_ids))
            .group_by(col(ConnectionRow.partner_id))
        )
        first = {row[0]: row[1] for row in ends}
        return {one: Totals(certificates.get(one, 0), connections.get(one, 0), first.get(one)) for one in partner_ids}

    def _lines(
        self,
        limit: int,
        partner_ids: Collection[int] | None,
        *where: sa.ColumnElement[bool],
        order: sa.ColumnElement[Any] | None = None,
        offset: int = 0,
    ) -> tuple[CertificateLine, ...]:
        rows = self._session.execute(
            sa.select(
                col(PartnerCertificateRow.id),
                col(PartnerCertificateRow.partner_id),
                col(PartnerCertificateRow.display_name),
                col(CertificateRow.sha256),
                col(CertificateRow.not_before),
                col(CertificateRow.not_after),
                col(PartnerCertificateRow.upload_id),
            )
            .join(CertificateRow, col(CertificateRow.id) == col(PartnerCertificateRow.certificate_id))
            .where(_among(PartnerCertificateRow.partner_id, partner_ids), *where)
            .order_by(col(CertificateRow.not_after) if order is None else order, col(PartnerCertificateRow.id))
            .offset(offset)
            .limit(limit)
        ).all()
        used = self._connections([row.id for row in rows])
        return tuple(
            CertificateLine(
                entry_id=row.id,
                partner_id=row.partner_id,
                display_name=row.display_name,
                sha256=row.sha256,
                not_before=row.not_before,
                not_after=row.not_after,
                upload_id=row.upload_id,
                connections=tuple(used.get(row.id, ())),
            )
            for row in rows
        )

    def _connections(self, entry_ids: Sequence[int]) -> dict[int, list[str]]:
        pairs = self._session.execute(
            sa.select(col(ConnectionRow.partner_certificate_id), col(ConnectionRow.name))
            .where(col(ConnectionRow.partner_certificate_id).in_(entry_ids))
            .order_by(by_code_point(col(ConnectionRow.name)))
        )
        used: dict[int, list[str]] = {}
        for entry_id, name in pairs:
            used.setdefault(entry_id, []).append(name)
        return used

    def _decided(self, switch_ids: Sequence[int]) -> dict[int, dict[Side, frozenset[str]]]:
        rows = self._session.execute(
            sa.select(col(ApprovalRow.switch_id), col(ApprovalRow.side), col(ApprovalRow.user_id)).where(
                col(ApprovalRow.switch_id).in_(switch_ids)
            )
        )
        decided: dict[int, dict[Side, frozenset[str]]] = {}
        for switch_id, side, user_id in rows:
            sides = decided.setdefault(switch_id, {})
            sides[Side(side)] = sides.get(Side(side), frozenset()) | {user_id}
        return decided

    def _waiting(
        self, number: Any, waits: sa.ColumnElement[bool], wanted: Wanted, limit: int
    ) -> tuple[tuple[int, ...], int]:
        where = sa.and_(
            waits,
            sa.or_(
                col(UploadRow.uploaded_by) == wanted.uploaded_by,
                col(UploadRow.channel).in_(wanted.channels),
                col(UploadRow.partner_id).in_(wanted.partner_ids),
            ),
        )
        rows, total = sa.select(number), sa.select(sa.func.count())
        if number is WaitingPromptRow.id:
            joined = sa.join(WaitingPromptRow, UploadRow, col(UploadRow.id) == col(WaitingPromptRow.upload_id))
            rows, total = rows.select_from(joined), total.select_from(joined)
        found = self._session.execute(rows.where(where).order_by(number.desc()).limit(limit)).scalars()
        return tuple(found), self._session.execute(total.where(where)).scalar_one()

    def _counted(self, partner: Any, partner_ids: Collection[int]) -> dict[int, int]:
        rows = sa.select(partner, sa.func.count()).where(_among(partner, partner_ids)).group_by(partner)
        return {row[0]: row[1] for row in self._session.execute(rows)}


def _used() -> sa.Select[Any]:
    used = col(ConnectionRow.partner_certificate_id)
    return sa.select(used).where(used.is_not(None))


def _among(column: Any, partner_ids: Collection[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if partner_ids is None else col(column).in_(tuple(partner_ids))


def _certificate_is(sought: Sought) -> sa.ColumnElement[bool]:
    kinds = [col(CertificateRow.subject).icontains(sought.text, autoescape=True)]
    if sought.digits:
        kinds.append(col(CertificateRow.sha256).startswith(sought.digits, autoescape=True))
    if sought.serials:
        kinds.append(col(CertificateRow.serial).in_(sought.serials))
    return sa.or_(*kinds)
