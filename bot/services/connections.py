"""Connections: a partner's endpoints, the certificate in use at each, and what it could be switched to."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.gateways.base import CONNECTION_NAME
from bot.pki.certificate import Certificate
from bot.pki.chain import Verdict
from bot.pki.checks import certificate_findings
from bot.pki.findings import Finding, merged
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.choreographies import checked_choreographies
from bot.services.connection_form import checked_address, checked_role
from bot.services.errors import AlreadyThere, BadInput, InUse, NotFound, Outdated, Reference, WrongState
from bot.services.partners import partner_of
from bot.services.people import Person, PersonRole, require
from bot.services.preflight import Obstacle
from bot.services.switch_facts import host_of, in_use
from bot.services.switch_ledger import void
from storage.records import Partner, PartnerCertificate
from storage.store import Store, Transaction
from storage.switch_records import Connection, Drift, Switch

_USABLE = frozenset({Verdict.COMPLETE, Verdict.SELF_SIGNED})


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """A connection as it stands. `current` and `certificate` are None where it has no certificate yet.

    `drift` is the open one, where the gateway holds something else than is on record.
    """

    connection: Connection
    partner: Partner
    current: PartnerCertificate | None
    certificate: Certificate | None
    findings: tuple[Finding, ...]
    open_switch: Switch | None
    drift: Drift | None = None


class Connections:
    """The use cases of connections. `gateway_names` are the gateways there are; a new connection gets the first."""

    def __init__(
        self, store: Store, chains: Chains, clock: Callable[[], datetime], gateway_names: Sequence[str] = ("files",)
    ) -> None:
        self.gateway_names = tuple(gateway_names)
        self._store = store
        self._chains = chains
        self._clock = clock

    def add(
        self,
        person: Person,
        partner_key: str,
        name: str,
        role: str,
        uri: str,
        gateway: str,
        choreographies: Sequence[str],
        source: str,
    ) -> Connection:
        """A new connection, still without a certificate; choreographies that are new are made.

        `uri` is empty, or `connection_form.INBOUND`, for a partner that only comes to us; then the role is accepts.

        Raises:
            NotAllowed: not one of our operators. NotFound: `partner`.
            BadInput: `name` (`bad_slug`), `role` or `gateway` (`unknown`, data: `known`), `uri` (the code of
                `EndpointRefused`), `choreography` (`empty`, `too_long`, `too_many`).
            AlreadyThere: `connection`.
        """
        require(person, PersonRole.OPERATOR)
        if not CONNECTION_NAME.fullmatch(name):
            raise BadInput("name", "bad_slug", name=name)
        kept = checked_role(role)
        if gateway not in self.gateway_names:
            raise BadInput("gateway", "unknown", known=tuple(self.gateway_names))
        uri = checked_address(uri, kept)
        over = checked_choreographies(choreographies)
        with self._store.begin() as tx:
            partner = partner_of(tx, partner_key)
            connection = tx.connections.add(partner.id, name, kept, uri, gateway, over)
            if connection is None:
                raise AlreadyThere("connection", name=name)
            data = {"partner_id": partner.id, "role": kept.value, "uri": uri, "gateway": gateway}
            self._record(tx, person, "connection.added", connection, source, data)
        return connection

    def change(
        self, person: Person, name: str, uri: str, choreographies: Sequence[str], source: str = ""
    ) -> tuple[Connection, str | None]:
        """Another address, or other choreographies. An open proposal ends, because it was made for the old ones.

        The connection as it stands now, and the public id of the proposal that ended.

        Raises:
            NotAllowed: not one of our operators. NotFound: `connection`. BadInput: `uri`, `choreography`, as `add`.
            AlreadyThere: `connection`: nothing would change. WrongState: a roll-out or an overlap is under way.
            Outdated: `connection_changed` (somebody else was faster).
        """
        require(person, PersonRole.OPERATOR)
        over = checked_choreographies(choreographies)
        with self._store.begin() as tx:
            before = _connection(tx, name)
            uri = checked_address(uri, before.role)
            if (before.uri, {one.name for one in before.choreographies}) == (uri, set(over)):
                raise AlreadyThere("connection", name=name)
            ended = void(tx, before.id, person, self._clock(), Obstacle.CONNECTION_CHANGED.value)
            if not tx.connections.change(before, uri, over):
                raise Outdated(reason=Obstacle.CONNECTION_CHANGED.value)
            data = {"partner_id": before.partner_id, "uri": uri, "choreographies": list(over), "ended_switch": ended}
            self._record(tx, person, "connection.changed", before, source, data)
            return _connection(tx, name), ended

    def list(self, partner_key: str) -> tuple[ConnectionReport, ...]:
        """The partner's connections, by name.

        Raises:
            NotFound: `partner`, with the nearest keys.
        """
        with self._store.reading() as tx:
            partner = partner_of(tx, partner_key)
            return tuple(self._report(tx, one, partner) for one in tx.connections.of_partner(partner.id))

    def by_name(self, name: str) -> ConnectionReport:
        """One connection by its slug.

        Raises:
            NotFound: `connection`, with the nearest names.
        """
        with self._store.reading() as tx:
            return self._report(tx, _connection(tx, name))

    def by_id(self, connection_id: int) -> ConnectionReport:
        """One connection by its row.

        Raises:
            NotFound: `connection`.
        """
        with self._store.reading() as tx:
            connection = tx.connections.get(connection_id)
            if connection is None:
                raise NotFound("connection", str(connection_id))
            return self._report(tx, connection)

    def candidates(self, connection: Connection) -> tuple[PartnerCertificate, ...]:
        """What the connection could be switched to, newest upload first.

        Those in the partner's list that are not in use here, not expired, and trusted by the CA list or by themselves.
        """
        with self._store.reading() as tx:
            current = in_use(tx, connection)
            entries = reversed(tx.certificates.entries(connection.partner_id))
            others = [entry for entry in entries if current is None or entry.sha256 != current.sha256]
            return tuple(entry for entry in others if self._is_usable(tx, entry))

    def alike(self, connection: Connection) -> tuple[Connection, ...]:
        """The partner's other connections that could be switched with it: same certificate in use, same role, free."""
        with self._store.reading() as tx:
            entry = connection.partner_certificate_id
            using = tx.connections.using([entry]) if entry is not None else ()
            others = [one for one in using if one.id != connection.id and one.role is connection.role]
            return tuple(one for one in others if tx.switches.open_for(one.id) is None)

    def set_certificate(
        self, person: Person, connection_name: str, partner_certificate_id: int, source: str = ""
    ) -> Connection:
        """Put the first certificate of a connection on record; every later one takes a switch.

        Raises:
            NotAllowed: not one of our operators. NotFound: `connection`, `certificate`.
            BadInput: `certificate` (`other_partner`). WrongState: `has_certificate`. InUse: an open switch.
            Outdated: `connection_changed` (somebody else was faster).
        """
        require(person, PersonRole.OPERATOR)
        with self._store.begin() as tx:
            connection = _connection(tx, connection_name)
            entry = tx.certificates.entry(partner_certificate_id)
            if entry is None:
                raise NotFound("certificate", str(partner_certificate_id))
            if entry.partner_id != connection.partner_id:
                raise BadInput("certificate", "other_partner")
            if connection.partner_certificate_id is not None:
                raise WrongState("has_certificate", connection=connection.name)
            open_switch = tx.switches.open_for(connection.id)
            if open_switch is not None:
                raise InUse((Reference("switch", open_switch.public_id),))
            if not tx.connections.set_certificate(connection.id, entry.id, connection.version):
                raise Outdated(reason="connection_changed")
            data = {"partner_id": connection.partner_id, "to_sha256": entry.sha256}
            self._record(tx, person, "connection.certificate_set", connection, source, data)
            return _connection(tx, connection_name)

    def _report(self, tx: Transaction, connection: Connection, partner: Partner | None = None) -> ConnectionReport:
        owner = partner or tx.partners.by_id(connection.partner_id)
        if owner is None:
            raise NotFound("partner", str(connection.partner_id))
        current, open_switch = in_use(tx, connection), tx.switches.open_for(connection.id)
        drift = tx.drifts.open_for(connection.id)
        if current is None:
            return ConnectionReport(connection, owner, None, None, (), open_switch, drift)
        certificate = certificate_of(current.der)
        own = certificate_findings(certificate, self._clock(), host=host_of(connection), role=connection.role.value)
        findings = merged(own, self._chains.report(certificate, tx=tx).findings)
        return ConnectionReport(connection, owner, current, certificate, findings, open_switch, drift)

    def _is_usable(self, tx: Transaction, entry: PartnerCertificate) -> bool:
        not_after = certificate_of(entry.der).not_after
        return not_after >= self._clock() and self._chains.report_of(tx, entry.der).verdict in _USABLE

    def _record(
        self,
        tx: Transaction,
        person: Person,
        action: str,
        connection: Connection,
        source: str,
        data: Mapping[str, object],
    ) -> None:
        subject = f"connection:{connection.name}"
        tx.audit.add(self._clock(), person.user_id, person.team_id, action, subject, source, data)


def _connection(tx: Transaction, name: str) -> Connection:
    connection = tx.connections.by_name(name)
    if connection is None:
        known = [one.name for one in tx.connections.all()]
        raise NotFound("connection", name, difflib.get_close_matches(name, known))
    return connection
