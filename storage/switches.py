"""Switches, their approvals and proofs. A state moves by compare-and-set on the one row, and by nothing else."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage.switch_entries import USED, NewApproval, NewProof, NewSwitch
from storage.switch_records import OPEN_STATES, Approval, Proof, Switch, SwitchState
from storage.switch_rows import approval_of, proof_of, switch_of
from storage.switch_tables import ApprovalRow, ConnectionRow, ProofRow, SwitchRow

_IN_FORCE = frozenset({SwitchState.OVERLAP, SwitchState.PROVEN})


class Switches:
    """The repository of switches."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, new: NewSwitch) -> Switch | None:
        """A new proposal. None: the connection has an open switch already."""
        row = SwitchRow(
            public_id=new.public_id,
            connection_id=new.connection_id,
            connection_version=new.connection_version,
            from_partner_certificate_id=new.from_partner_certificate_id,
            to_partner_certificate_id=new.to_partner_certificate_id,
            from_sha256=new.from_sha256,
            to_sha256=new.to_sha256,
            mode=new.mode,
            due_at=new.due_at,
            until=new.until,
            undoes=new.undoes,
            bundle=new.bundle,
            reason=new.reason,
            state=SwitchState.PROPOSED,
            requested_by=new.requested_by,
            requested_team=new.requested_team,
            requested_at=new.requested_at,
            changed_at=new.requested_at,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return None
        return switch_of(row)

    def by_public_id(self, public_id: str) -> Switch | None:
        """As it stands."""
        row = self._session.exec(select(SwitchRow).where(SwitchRow.public_id == public_id)).one_or_none()
        return None if row is None else switch_of(row)

    def locked(self, public_id: str) -> Switch | None:
        """As it stands, and nobody else can decide on it before this transaction ends.

        SQLite holds the write lock from the transaction's first word, PostgreSQL locks the row here.
        """
        query = select(SwitchRow).where(SwitchRow.public_id == public_id).with_for_update()
        row = self._session.exec(query.execution_options(populate_existing=True)).one_or_none()
        return None if row is None else switch_of(row)

    def together(self, switch: Switch) -> tuple[Switch, ...]:
        """Those that were asked for together with it, itself included, the leading one first. They never change."""
        if switch.bundle is None:
            return (switch,)
        found = self._many(col(SwitchRow.bundle) == switch.bundle)
        return tuple(sorted(found, key=lambda one: (one.public_id != switch.bundle, one.id)))

    def open_for(self, connection_id: int) -> Switch | None:
        """The connection's open switch; the store allows one."""
        found = self._many(col(SwitchRow.connection_id) == connection_id, _in_states(OPEN_STATES))
        return found[0] if found else None

    def list(
        self,
        states: Collection[SwitchState] | None = None,
        partner_id: int | None = None,
        limit: int | None = None,
    ) -> tuple[Switch, ...]:
        """Newest first; all states and partners where none are given."""
        where = _of_partner(partner_id)
        if states is not None:
            where.append(_in_states(states))
        return self._many(*where, limit=limit)

    def count(self, partner_id: int | None = None) -> int:
        """How many there are, open or over."""
        return self._session.exec(select(sa.func.count()).select_from(SwitchRow).where(*_of_partner(partner_id))).one()

    def last_proven(self, connection_id: int) -> Switch | None:
        """The switch of the connection that was proven last."""
        query = (
            select(SwitchRow)
            .where(col(SwitchRow.connection_id) == connection_id, _in_states((SwitchState.PROVEN,)))
            .order_by(col(SwitchRow.changed_at).desc(), col(SwitchRow.id).desc())
            .limit(1)
        )
        row = self._session.exec(query).first()
        return None if row is None else switch_of(row)

    def unused(self, since: datetime) -> tuple[Switch, ...]:
        """Those in force or proven `since` then, whose new certificate nobody was seen to use; newest first."""
        used = sa.exists().where(col(ProofRow.switch_id) == col(SwitchRow.id), col(ProofRow.purpose) == USED)
        return self._many(_in_states(_IN_FORCE), col(SwitchRow.changed_at) >= since, ~used)

    def referring(self, partner_certificate_ids: Iterable[int]) -> tuple[Switch, ...]:
        """Every switch, open or closed, that leads from or to one of these partner certificates; newest first."""
        ids = tuple(partner_certificate_ids)
        return self._many(
            sa.or_(
                col(SwitchRow.from_partner_certificate_id).in_(ids), col(SwitchRow.to_partner_certificate_id).in_(ids)
            )
        )

    def move(self, switch: Switch, to: SwitchState, at: datetime, outcome: Mapping[str, object] | None = None) -> bool:
        """Compare-and-set from the state in `switch`; False when somebody else has moved it."""
        values: dict[str, object] = {"state": to, "changed_at": at}
        if outcome is not None:
            values["outcome"] = dict(outcome)
        moved = self._session.connection().execute(
            sa.update(SwitchRow)
            .where(col(SwitchRow.id) == switch.id, col(SwitchRow.state) == switch.state)
            .values(values)
        )
        self._session.expire_all()
        return moved.rowcount == 1

    def note_outcome(self, switch: Switch, outcome: Mapping[str, object]) -> bool:
        """Keep what has become known while the state stays the same; False when the state has moved on."""
        return self.move(switch, switch.state, switch.changed_at, outcome)

    def remind(self, switch: Switch, at: datetime) -> bool:
        """Count one more reminder; False when somebody else has just sent it."""
        counted = self._session.connection().execute(
            sa.update(SwitchRow)
            .where(
                col(SwitchRow.id) == switch.id,
                col(SwitchRow.state) == switch.state,
                col(SwitchRow.reminders) == switch.reminders,
            )
            .values(reminders=switch.reminders + 1, reminded_at=at)
        )
        self._session.expire_all()
        return counted.rowcount == 1

    def observe(self, switch: Switch, observed: Mapping[str, object]) -> None:
        """Keep what the endpoint presents now."""
        self._set(switch, observed=dict(observed))

    def keep_snapshot(self, switch: Switch, snapshot: Mapping[str, object]) -> None:
        """Keep the gateway's way back."""
        self._set(switch, snapshot=dict(snapshot))

    def snapshot(self, switch: Switch) -> Mapping[str, object]:
        """The gateway's way back; empty before the roll-out began."""
        kept = self._session.exec(select(SwitchRow.snapshot).where(SwitchRow.id == switch.id)).one()
        return dict(kept)

    def decide(self, switch: Switch, new: NewApproval) -> Approval | None:
        """Keep one person's decision, bound to what the switch shows. None: that person has decided for that side."""
        row = ApprovalRow(
            switch_id=switch.id,
            side=new.side,
            approved=new.approved,
            user_id=new.user_id,
            team_id=new.team_id,
            at=new.at,
            from_sha256=switch.from_sha256,
            to_sha256=switch.to_sha256,
            connection_version=switch.connection_version,
            reason=new.reason,
            word_name=new.word_name,
            word_channel=new.word_channel,
            word_at=new.word_at,
        )
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return None
        return approval_of(row)

    def approvals(self, switch: Switch) -> tuple[Approval, ...]:
        """In the order in which they were given."""
        query = select(ApprovalRow).where(ApprovalRow.switch_id == switch.id).order_by(col(ApprovalRow.id))
        return tuple(approval_of(row) for row in self._session.exec(query).all())

    def add_proof(self, switch: Switch, new: NewProof) -> Proof:
        """Keep what a try showed; tries are added, never replaced."""
        row = ProofRow(
            switch_id=switch.id,
            purpose=new.purpose,
            choreography=new.choreography,
            endpoint=new.endpoint,
            at=new.at,
            duration_ms=new.duration_ms,
            verdict=new.verdict,
            presented=list(new.presented),
            protocol=new.protocol,
            cipher=new.cipher,
            detail=dict(new.detail),
            way=new.way,
        )
        self._session.add(row)
        self._session.flush()
        return proof_of(row)

    def proofs(self, switch: Switch) -> tuple[Proof, ...]:
        """Every try made for the switch, oldest first."""
        query = select(ProofRow).where(ProofRow.switch_id == switch.id).order_by(col(ProofRow.id))
        return tuple(proof_of(row) for row in self._session.exec(query).all())

    def _set(self, switch: Switch, **values: object) -> None:
        self._session.connection().execute(sa.update(SwitchRow).where(col(SwitchRow.id) == switch.id).values(values))
        self._session.expire_all()

    def _many(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Switch, ...]:
        query = select(SwitchRow).where(*where).order_by(col(SwitchRow.id).desc()).limit(limit)
        return tuple(switch_of(row) for row in self._session.exec(query).all())


def _of_partner(partner_id: int | None) -> list[sa.ColumnElement[bool]]:
    if partner_id is None:
        return []
    own = sa.select(col(ConnectionRow.id)).where(col(ConnectionRow.partner_id) == partner_id)
    return [col(SwitchRow.connection_id).in_(own)]


def _in_states(states: Collection[SwitchState]) -> sa.ColumnElement[bool]:
    return col(SwitchRow.state).in_([state.value for state in states])
