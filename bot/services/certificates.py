"""The partners' lists: show, rename, delete. Nothing is ever deleted by itself, expired or not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, Verdict
from bot.pki.checks import certificate_findings
from bot.pki.findings import Finding, merged
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import AlreadyThere, InUse, NotFound, Reference
from bot.services.journal import record
from bot.services.naming import checked_name
from bot.services.partners import partner_of
from bot.services.people import Person, PersonRole, require
from bot.services.prompts import subject_of
from bot.services.search import Search
from bot.services.switch_ledger import shown_in
from storage.records import CaCertificate, Partner, PartnerCertificate
from storage.store import Store, Transaction
from storage.switch_records import Connection, Switch


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a partner's list."""

    entry: PartnerCertificate
    certificate: Certificate
    report: ChainReport
    in_use_by: tuple[Connection, ...]

    @property
    def verdict(self) -> Verdict:
        """One word for its chain."""
        return self.report.verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with everything about it: a partner certificate (`entry`, `partner`) or a CA certificate (`ca`).

    `switches` are all that lead to or from it, open or closed.
    """

    entry: PartnerCertificate | None
    ca: CaCertificate | None
    partner: Partner | None
    certificate: Certificate
    report: ChainReport
    findings: tuple[Finding, ...]
    in_use_by: tuple[Connection, ...]
    switches: tuple[Switch, ...]


class Certificates:
    """The use cases around partner certificates."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def list(self, partner_key: str) -> tuple[Listed, ...]:
        """A partner's list in the order of upload.

        Raises:
            NotFound: no such partner.
        """
        with self._store.reading() as tx:
            partner = partner_of(tx, partner_key)
            return tuple(self._line(tx, one) for one in tx.certificates.entries(partner.id))

    def show(self, name: str, partner_key: str | None = None) -> Shown:
        """The certificate that is meant by a display name, the start of a fingerprint (8 digits) or a number.

        Raises:
            NotFound: partner, or certificate (with names that are close).
            BadInput: "name", "ambiguous", with the `options`.
        """
        with self._store.reading() as tx:
            partner_id = partner_of(tx, partner_key).id if partner_key is not None else None
            found = Search(tx).one(name, partner_id)
            if isinstance(found, CaCertificate):
                return self._shown_ca(tx, found)
            return self._shown_entry(tx, found)

    def by_id(self, partner_certificate_id: int) -> Shown:
        """The partner certificate with this number.

        Raises:
            NotFound: it is not in a list (any more).
        """
        with self._store.reading() as tx:
            return self._shown_entry(tx, _entry(tx, partner_certificate_id))

    def ca_by_id(self, ca_id: int) -> Shown:
        """The CA certificate with this number.

        Raises:
            NotFound: it is not in the CA list (any more).
        """
        with self._store.reading() as tx:
            ca = tx.ca_certificates.by_id(ca_id)
            if ca is None:
                raise NotFound("ca_certificate", f"#{ca_id}")
            return self._shown_ca(tx, ca)

    def rename(self, person: Person, partner_certificate_id: int, new_name: str) -> None:
        """Give the certificate another display name.

        Raises:
            NotAllowed: unless an operator asks.
            BadInput: "name", empty or too_long.
            NotFound: it is not in a list (any more).
            AlreadyThere: "display_name": the partner's list has that name.
        """
        require(person, PersonRole.OPERATOR)
        name = checked_name(new_name)
        at = self._clock()
        with self._store.begin() as tx:
            entry = _entry(tx, partner_certificate_id)
            others = [one for one in tx.certificates.entries(entry.partner_id) if one.id != entry.id]
            if any(one.display_name.casefold() == name.casefold() for one in others):
                raise AlreadyThere("display_name", name=name)
            try:
                tx.certificates.rename_entry(entry.id, name)
            except IntegrityError:
                raise AlreadyThere("display_name", name=name) from None
            self._record(tx, person, "certificate.renamed", entry, at)
            _show_everywhere(tx, entry, at)

    def delete(self, person: Person, partner_certificate_id: int) -> None:
        """Take the certificate out of its partner's list; on record it stays.

        Raises:
            NotAllowed: unless an operator asks.
            NotFound: it is not in a list (any more).
            InUse: names the connections and open switches that refer to it.
        """
        require(person, PersonRole.OPERATOR)
        at = self._clock()
        with self._store.begin() as tx:
            tx.alone("ca list")
            entry = _entry(tx, partner_certificate_id)
            references = _references(tx, entry)
            if references:
                raise InUse(references)
            _show_everywhere(tx, entry, at)
            tx.certificates.delete_entry(entry.id)
            self._record(tx, person, "certificate.deleted", entry, at)
            # A prompt whose certificate is in no list any more is withdrawn.
            self._chains.recheck(tx, person, [], None, at)

    def to_delete(self, person: Person, name: str, partner_key: str | None = None) -> Shown:
        """The certificate that is meant, if it could be deleted now: who may not, or cannot, is not asked first.

        Raises:
            NotFound, BadInput: as `show`. InUse: as `delete`, and for a CA certificate that chains run over.
            NotAllowed: unless an operator asks; for a trust anchor, a trust admin.
        """
        require(person, PersonRole.OPERATOR)
        with self._store.reading() as tx:
            found = Search(tx).one(name, partner_of(tx, partner_key).id if partner_key is not None else None)
            if isinstance(found, CaCertificate):
                require(person, PersonRole.TRUST_ADMIN if found.is_anchor else PersonRole.OPERATOR)
                references = [
                    Reference("certificate", one.display_name) for one in self._chains.users_of(tx, found.sha256)
                ]
            else:
                references = _references(tx, found)
            if references:
                raise InUse(references)
            return self._shown_ca(tx, found) if isinstance(found, CaCertificate) else self._shown_entry(tx, found)

    def _line(self, tx: Transaction, entry: PartnerCertificate) -> Listed:
        report = self._chains.report_of(tx, entry.der)
        return Listed(entry, report.certificate, report, tx.connections.using([entry.id]))

    def _shown_entry(self, tx: Transaction, entry: PartnerCertificate) -> Shown:
        certificate = certificate_of(entry.der)
        report = self._chains.report(certificate, tx=tx)
        return Shown(
            entry=entry,
            ca=None,
            partner=tx.partners.by_id(entry.partner_id),
            certificate=certificate,
            report=report,
            findings=merged(certificate_findings(certificate, self._clock()), report.findings),
            in_use_by=tx.connections.using([entry.id]),
            switches=tx.switches.referring([entry.id]),
        )

    def _shown_ca(self, tx: Transaction, ca: CaCertificate) -> Shown:
        report = self._chains.report_of(tx, ca.der)
        return Shown(None, ca, None, certificate_of(ca.der), report, report.findings, (), ())

    def _record(
        self,
        tx: Transaction,
        person: Person,
        action: str,
        entry: PartnerCertificate,
        at: datetime,
    ) -> None:
        data = {"partner_id": entry.partner_id, "sha256": entry.sha256}
        record(tx, at, person, action, f"certificate:{entry.id}", "", data)


def _entry(tx: Transaction, partner_certificate_id: int) -> PartnerCertificate:
    entry = tx.certificates.entry(partner_certificate_id)
    if entry is None:
        raise NotFound("certificate", f"#{partner_certificate_id}")
    return entry


def _references(tx: Transaction, entry: PartnerCertificate) -> list[Reference]:
    connections = [Reference("connection", one.name) for one in tx.connections.using([entry.id])]
    open_switches = [one for one in tx.switches.referring([entry.id]) if one.state.is_open]
    return connections + [Reference("switch", one.public_id) for one in open_switches]


def _show_everywhere(tx: Transaction, entry: PartnerCertificate, at: datetime) -> None:
    """Every message that names the entry has to follow: its uploads, its prompts, its open switches."""
    for item in tx.uploads.items_of(entry.certificate_id):
        tx.notices.add(f"upload:{item.upload_id}", at)
    for prompt in tx.prompts.of_certificate(entry.certificate_id):
        tx.notices.add(subject_of(prompt.id), at)
    for switch in tx.switches.referring([entry.id]):
        tx.notices.add(shown_in(switch), at)
