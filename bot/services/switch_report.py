"""What there is to show about a switch: read in one transaction, finished with the chain of this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport
from bot.pki.checks import certificate_findings
from bot.pki.findings import Finding, merged
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.consent import Consent
from bot.services.errors import NotFound
from bot.services.switch_facts import host_of
from storage.records import Partner, PartnerCertificate
from storage.store import Transaction
from storage.switch_records import Approval, Connection, Proof, Side, Switch, SwitchState, Way

# Of several that went different ways, those that people have to do something about speak for the rest.
_SPEAKS_FIRST = (
    SwitchState.PROPOSED,
    SwitchState.OVERLAP,
    SwitchState.SCHEDULED,
    SwitchState.APPROVED,
    SwitchState.SWITCHING,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One of several switches that were asked for together, with its connection."""

    switch: Switch
    connection: Connection


@dataclass(frozen=True, slots=True)
class SwitchReport:
    """One switch with everything that its messages show.

    `old` and `old_certificate` are None where the connection had none; `new` and `old` are None also where the entry
    was deleted after the switch had ended, while the certificates themselves stay. `needs` are the sides still to
    decide; empty once the switch is decided. `approvals` holds the first decision of each side, `consent` all of them.
    `together` are all that were asked for together, this one included, the leading one first; empty where it is alone.
    """

    switch: Switch
    partner: Partner
    connection: Connection
    old: PartnerCertificate | None
    old_certificate: Certificate | None
    new: PartnerCertificate | None
    new_certificate: Certificate
    chain: ChainReport
    findings: tuple[Finding, ...]
    approvals: Mapping[Side, Approval]
    consent: Consent
    proofs: tuple[Proof, ...]
    needs: tuple[Side, ...]
    together: tuple[Member, ...] = ()

    def each(self) -> tuple["SwitchReport", ...]:
        """The same for each of those that go together: its own switch and connection, the certificates of all."""
        if not self.together:
            return (self,)
        return tuple(replace(self, switch=one.switch, connection=one.connection) for one in self.together)

    def tries_for(self, purpose: str) -> tuple[Proof, ...]:
        """What was tried for one purpose ("before", "switch", "restore"), by every way, oldest first."""
        return tuple(proof for proof in self.proofs if proof.purpose == purpose)

    def proofs_for(self, purpose: str, way: Way = Way.ENDPOINT) -> tuple[Proof, ...]:
        """Of those the ones of one way: the handshakes, unless it says otherwise."""
        return tuple(proof for proof in self.tries_for(purpose) if proof.way is way)


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One switch in a list. Names are those of today; None where an entry has been deleted since."""

    switch: Switch
    partner: Partner
    connection: Connection
    old_name: str | None
    new_name: str | None
    needs: tuple[Side, ...]


def read_report(tx: Transaction, chains: Chains, public_id: str, at: datetime) -> SwitchReport:
    """Read one switch, with its chain and findings by this moment.

    Raises:
        NotFound: no such switch.
    """
    switch = tx.switches.by_public_id(public_id)
    connection = tx.connections.get(switch.connection_id) if switch else None
    partner = tx.partners.by_id(connection.partner_id) if connection else None
    if switch is None or connection is None or partner is None:
        raise NotFound("switch", public_id)
    certificate, replaced = _certificate(tx, switch.to_sha256), _certificate(tx, switch.from_sha256)
    if certificate is None:
        raise NotFound("certificate", switch.to_sha256)
    chain = chains.report(certificate, tx=tx)
    host, role = host_of(connection), connection.role.value
    decisions = tx.switches.approvals(switch)
    consent = Consent.of(tx.partners.policy(partner.id), decisions)
    return SwitchReport(
        switch=switch,
        partner=partner,
        connection=connection,
        old=_entry(tx, switch.from_partner_certificate_id, switch.from_sha256),
        old_certificate=replaced,
        new=_entry(tx, switch.to_partner_certificate_id, switch.to_sha256),
        new_certificate=certificate,
        chain=chain,
        findings=merged(certificate_findings(certificate, at, replaces=replaced, host=host, role=role), chain.findings),
        approvals={one.side: one for one in reversed(decisions)},
        consent=consent,
        proofs=tx.switches.proofs(switch),
        needs=_needs(switch, consent),
        together=_together(tx, switch),
    )


def read_speaker(tx: Transaction, public_id: str) -> str:
    """The public id of the one that the message of all those together shows in full, and whose buttons it has.

    Raises:
        NotFound: no such switch.
    """
    switch = tx.switches.by_public_id(public_id)
    if switch is None:
        raise NotFound("switch", public_id)
    together = tx.switches.together(switch)
    by_state = (one for state in _SPEAKS_FIRST for one in together if one.state is state)
    return next(by_state, together[0]).public_id


def _together(tx: Transaction, switch: Switch) -> tuple[Member, ...]:
    if switch.bundle is None:
        return ()
    found = tx.switches.together(switch)
    connections = {one.id: one for one in tx.connections.some({one.connection_id for one in found})}
    return tuple(Member(one, connections[one.connection_id]) for one in found)


def read_lines(tx: Transaction, switches: Sequence[Switch]) -> tuple[SwitchLine, ...]:
    """The lines of a list, in the order given."""
    connections = {one.id: one for one in tx.connections.some({switch.connection_id for switch in switches})}
    partners = {one.id: one for one in tx.partners.list()}
    lines = []
    for switch in switches:
        connection = connections[switch.connection_id]
        old = _entry(tx, switch.from_partner_certificate_id, switch.from_sha256)
        new = _entry(tx, switch.to_partner_certificate_id, switch.to_sha256)
        lines.append(
            SwitchLine(
                switch=switch,
                partner=partners[connection.partner_id],
                connection=connection,
                old_name=old.display_name if old else None,
                new_name=new.display_name if new else None,
                needs=_needs(
                    switch, Consent.of(tx.partners.policy(connection.partner_id), tx.switches.approvals(switch))
                ),
            )
        )
    return tuple(lines)


def _needs(switch: Switch, consent: Consent) -> tuple[Side, ...]:
    return consent.awaits if switch.state is SwitchState.PROPOSED else ()


def _entry(tx: Transaction, entry_id: int | None, sha256: str | None) -> PartnerCertificate | None:
    """The entry, unless its id has gone to another certificate since."""
    entry = tx.certificates.entry(entry_id) if entry_id is not None else None
    return entry if entry is not None and entry.sha256 == sha256 else None


def _certificate(tx: Transaction, sha256: str | None) -> Certificate | None:
    stored = tx.certificates.by_sha256(sha256) if sha256 is not None else None
    return certificate_of(stored.der) if stored is not None else None
