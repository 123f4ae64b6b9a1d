"""Connections and the choreographies that run over them."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.switch_records import Choreography, Connection, Role
from storage.switch_tables import ChoreographyRow, ConnectionRow, ParticipantRow
from storage.types import by_code_point


class Connections:
    """The repository of connections. A change of certificate is a compare-and-set on `version`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, partner_id: int, name: str, role: Role, uri: str, gateway: str, choreographies: Sequence[str]
    ) -> Connection | None:
        """A new connection without a certificate; choreographies not known yet are made. None: the name is taken."""
        row = ConnectionRow(partner_id=partner_id, name=name, role=role, uri=uri, gateway=gateway)
        try:
            with self._session.begin_nested():
                self._session.add(row)
        except IntegrityError:
            return None
        connection_id = numbered(row.id)
        self._run_over(connection_id, choreographies)
        return self.get(connection_id)

    def change(self, connection: Connection, uri: str, choreographies: Sequence[str]) -> bool:
        """Another address or other choreographies, and the next version; False when the version is another by now."""
        if not self._raise_version(connection.id, connection.version, uri=uri):
            return False
        own = sa.delete(ParticipantRow).where(col(ParticipantRow.connection_id) == connection.id)
        self._session.connection().execute(own)
        self._session.expire_all()
        self._run_over(connection.id, choreographies)
        return True

    def get(self, connection_id: int) -> Connection | None:
        """By id."""
        return self._one(col(ConnectionRow.id) == connection_id)

    def by_name(self, name: str) -> Connection | None:
        """By its slug."""
        return self._one(col(ConnectionRow.name) == name)

    def all(self) -> tuple[Connection, ...]:
        """Every connection, by name."""
        return self._many()

    def some(self, connection_ids: Iterable[int]) -> tuple[Connection, ...]:
        """Those with these ids, by name."""
        return self._many(col(ConnectionRow.id).in_(tuple(connection_ids)))

    def of_partner(self, partner_id: int) -> tuple[Connection, ...]:
        """One partner's connections, by name."""
        return self._many(col(ConnectionRow.partner_id) == partner_id)

    def using(self, partner_certificate_ids: Iterable[int]) -> tuple[Connection, ...]:
        """The connections on which one of these partner certificates is in use, by name."""
        return self._many(col(ConnectionRow.partner_certificate_id).in_(tuple(partner_certificate_ids)))

    def set_certificate(self, connection_id: int, partner_certificate_id: int, version: int) -> bool:
        """Put a certificate in use and raise the version; False when the connection is not at `version` any more."""
        return self._raise_version(connection_id, version, partner_certificate_id=partner_certificate_id)

    def describe(self, name: str, description: str | None = None) -> Choreography:
        """The choreography of that name, made when new; a description given replaces the old one."""
        row = self._choreography(name)
        if row is None:
            try:
                with self._session.begin_nested():
                    row = ChoreographyRow(name=name)
                    self._session.add(row)
            except IntegrityError:  # another replica made it in this moment
                row = self._choreography(name)
        if row is None:
            raise LookupError(name)
        if description is not None:
            row.description = description
            self._session.add(row)
            self._session.flush()
        return _choreography(row)

    def _raise_version(self, connection_id: int, version: int, **values: object) -> bool:
        changed = self._session.connection().execute(
            sa.update(ConnectionRow)
            .where(col(ConnectionRow.id) == connection_id, col(ConnectionRow.version) == version)
            .values(version=version + 1, **values)
        )
        self._session.expire_all()
        return changed.rowcount == 1

    def _run_over(self, connection_id: int, choreographies: Sequence[str]) -> None:
        # In one order, so that of two that make the same ones at once one waits, and never both (PostgreSQL).
        for choreography in sorted(set(choreographies)):
            choreography_id = self.describe(choreography).id
            self._session.add(ParticipantRow(choreography_id=choreography_id, connection_id=connection_id))
        self._session.flush()

    def _choreography(self, name: str) -> ChoreographyRow | None:
        return self._session.exec(select(ChoreographyRow).where(ChoreographyRow.name == name)).one_or_none()

    def _one(self, *where: sa.ColumnElement[bool]) -> Connection | None:
        found = self._many(*where)
        return found[0] if found else None

    def _many(self, *where: sa.ColumnElement[bool]) -> tuple[Connection, ...]:
        rows = self._session.exec(
            select(ConnectionRow).where(*where).order_by(by_code_point(col(ConnectionRow.name)))
        ).all()
        over = self._choreographies(numbered(row.id) for row in rows)
        return tuple(_connection(row, tuple(over.get(numbered(row.id), ()))) for row in rows)

    def _choreographies(self, connection_ids: Iterable[int]) -> dict[int, list[Choreography]]:
        pairs = self._session.exec(
            select(ParticipantRow.connection_id, ChoreographyRow)
            .join(ChoreographyRow, col(ChoreographyRow.id) == col(ParticipantRow.choreography_id))
            .where(col(ParticipantRow.connection_id).in_(tuple(connection_ids)))
            .order_by(by_code_point(col(ChoreographyRow.name)))
        ).all()
        over: dict[int, list[Choreography]] = {}
        for connection_id, row in pairs:
            over.setdefault(connection_id, []).append(_choreography(row))
        return over


def _connection(row: ConnectionRow, choreographies: tuple[Choreography, ...]) -> Connection:
    return Connection(
        id=numbered(row.id),
        partner_id=row.partner_id,
        name=row.name,
        role=Role(row.role),
        uri=row.uri,
        gateway=row.gateway,
        partner_certificate_id=row.partner_certificate_id,
        version=row.version,
        choreographies=choreographies,
    )


def _choreography(row: ChoreographyRow) -> Choreography:
    return Choreography(id=numbered(row.id), name=row.name, description=row.description)
