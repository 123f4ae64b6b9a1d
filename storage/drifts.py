"""Drifts between store and gateway. A state moves by compare-and-set on the one row, and by nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.switch_records import Drift, DriftState
from storage.switch_tables import ConnectionRow, DriftRow


@dataclass(frozen=True, slots=True)
class MendApproval:
    """Who has approved that the gateway gets back what is on record."""

    user_id: str
    team_id: str
    at: datetime


class Drifts:
    """The repository of drifts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, public_id: str, connection_id: int, found: Mapping[str, object], at: datetime) -> Drift | None:
        """A drift that was found. None: the connection has an open one already."""
        row = DriftRow(
            public_id=public_id,
            connection_id=connection_id,
            state=DriftState.OPEN,
            found_at=at,
            found=dict(found),
            changed_at=at,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return None
        return _drift(row)

    def by_public_id(self, public_id: str) -> Drift | None:
        """As it stands."""
        return self._one(col(DriftRow.public_id) == public_id)

    def open_for(self, connection_id: int) -> Drift | None:
        """The connection's open drift; the store allows one."""
        return self._one(col(DriftRow.connection_id) == connection_id, col(DriftRow.ended_at).is_(None))

    def newest_for(self, connection_id: int) -> Drift | None:
        """The connection's last one, open or over."""
        of_it = select(DriftRow).where(DriftRow.connection_id == connection_id).order_by(col(DriftRow.id).desc())
        row = self._session.exec(of_it.limit(1)).first()
        return _drift(row) if row is not None else None

    def open(self, partner_ids: Collection[int] | None = None) -> tuple[Drift, ...]:
        """Every open one, of all partners where none are given; the oldest first."""
        where: list[sa.ColumnElement[bool]] = [col(DriftRow.ended_at).is_(None)]
        if partner_ids is not None:
            own = sa.select(col(ConnectionRow.id)).where(col(ConnectionRow.partner_id).in_(tuple(partner_ids)))
            where.append(col(DriftRow.connection_id).in_(own))
        return self._many(*where)

    def in_state(self, state: DriftState) -> tuple[Drift, ...]:
        """Every one in this state, the oldest first."""
        return self._many(col(DriftRow.state) == state.value)

    def find_anew(self, drift: Drift, found: Mapping[str, object], at: datetime) -> bool:
        """The gateway holds something else again; False when somebody else has moved the drift meanwhile."""
        values = {"found": dict(found), "revision": drift.revision + 1, "changed_at": at, "outcome": {}}
        return self._set(drift, values)

    def approve(self, drift: Drift, approval: MendApproval) -> bool:
        """OPEN -> MENDING; False when somebody else has moved the drift meanwhile."""
        values = {
            "state": DriftState.MENDING,
            "approved_by": approval.user_id,
            "approved_team": approval.team_id,
            "approved_at": approval.at,
            "outcome": {},
            "changed_at": approval.at,
        }
        return self._set(drift, values)

    def move(self, drift: Drift, to: DriftState, at: datetime, outcome: Mapping[str, object]) -> bool:
        """Compare-and-set from state and revision in `drift`; MENDED and GONE end it. False when it has moved."""
        values: dict[str, object] = {"state": to, "outcome": dict(outcome), "changed_at": at}
        if to in {DriftState.MENDED, DriftState.GONE}:
            values["ended_at"] = at
        return self._set(drift, values)

    def _set(self, drift: Drift, values: Mapping[str, object]) -> bool:
        changed = self._session.connection().execute(
            sa.update(DriftRow)
            .where(
                col(DriftRow.id) == drift.id,
                col(DriftRow.state) == drift.state,
                col(DriftRow.revision) == drift.revision,
            )
            .values(dict(values))
        )
        self._session.expire_all()
        return changed.rowcount == 1

    def _one(self, *where: sa.ColumnElement[bool]) -> Drift | None:
        found = self._many(*where)
        return found[0] if found else None

    def _many(self, *where: sa.ColumnElement[bool]) -> tuple[Drift, ...]:
        rows = self._session.exec(select(DriftRow).where(*where).order_by(col(DriftRow.id))).all()
        return tuple(_drift(row) for row in rows)


def _drift(row: DriftRow) -> Drift:
    return Drift(
        id=numbered(row.id),
        public_id=row.public_id,
        connection_id=row.connection_id,
        state=DriftState(row.state),
        found_at=row.found_at,
        found=dict(row.found),
        revision=row.revision,
        approved_by=row.approved_by,
        approved_team=row.approved_team,
        approved_at=row.approved_at,
        outcome=dict(row.outcome),
        changed_at=row.changed_at,
        ended_at=row.ended_at,
    )
