"""Taking the certificates of one upload into the lists, inside one transaction."""

from collections.abc import Sequence
from datetime import datetime

from bot.pki.certificate import Certificate
from bot.pki.chain import MissingIssuer
from bot.services.bundle import Kind, Known, kinds
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.journal import record
from bot.services.naming import suggested_name
from bot.services.people import Person
from bot.services.prompts import spot_of
from storage.records import AnchorState, CaCertificate, Partner, PartnerCertificate, StoredCertificate, Upload
from storage.store import Transaction


def root_subject_of(ca_id: int) -> str:
    """The subject of the message that asks for a root's approval."""
    return f"root:{ca_id}"


def sorted_out(
    tx: Transaction, chains: Chains, certificates: Sequence[Certificate], partner: Partner | None
) -> tuple[Kind, ...]:
    """Which list each certificate belongs to, by what it says, what the file shows and what the store knows."""
    wanted: list[MissingIssuer] = []
    for prompt in tx.prompts.open():
        waiting = tx.certificates.by_id(prompt.certificate_id)
        if waiting is not None:
            wanted.extend(chains.report_of(tx, waiting.der).missing)

    def is_partners(certificate: Certificate) -> bool:
        stored = tx.certificates.by_sha256(certificate.sha256)
        entries = tx.certificates.entries_of(stored.id) if stored else ()
        return bool(entries) if partner is None else any(one.partner_id == partner.id for one in entries)

    def is_ca(certificate: Certificate) -> bool:
        stored = tx.certificates.by_sha256(certificate.sha256)
        return stored is not None and tx.ca_certificates.by_certificate(stored.id) is not None

    def is_asked_for(certificate: Certificate) -> bool:
        return any(one.answered_by(certificate) for one in wanted)

    return kinds(certificates, Known(is_partners, is_ca, is_asked_for))


def owner_of(tx: Transaction, certificates: Sequence[Certificate]) -> Partner | None:
    """The partner in whose list all of these are already, if it is one and the same."""
    owners: set[int] | None = None
    for certificate in certificates:
        stored = tx.certificates.by_sha256(certificate.sha256)
        listed = {entry.partner_id for entry in tx.certificates.entries_of(stored.id)} if stored else set()
        owners = listed if owners is None else owners & listed
    return tx.partners.by_id(owners.pop()) if owners is not None and len(owners) == 1 else None


class Admission:
    """The writes for one upload. `partner` is None while nobody has said whose it is."""

    def __init__(
        self, tx: Transaction, chains: Chains, person: Person, upload: Upload, partner: Partner | None, at: datetime
    ) -> None:
        self._tx = tx
        self._chains = chains
        self._person = person
        self._upload = upload
        self._partner = partner
        self._at = at

    def admit(self, certificates: Sequence[Certificate], sorts: Sequence[Kind]) -> None:
        """Store each certificate once, list it, check again what waited for it, and ask for what is still missing."""
        changed = []
        for certificate, kind in zip(certificates, sorts, strict=True):
            stored = self._tx.certificates.put(certificate, self._at)
            if kind is Kind.CA and self._take_as_ca(stored, certificate):
                changed.append(certificate)
            elif kind is Kind.PARTNER:
                self._take_as_partners(stored, certificate)
        if changed:
            self._chains.ca_changed(self._tx)
            self._chains.recheck(self._tx, self._person, changed, spot_of(self._upload), self._at)
        self.ask(certificates, sorts)

    def ask(self, certificates: Sequence[Certificate], sorts: Sequence[Kind]) -> None:
        """Prompt for what is missing: for the partner's own certificates first, then for intermediates."""
        for _, certificate in sorted(zip(sorts, certificates, strict=True), key=lambda one: one[0] is Kind.CA):
            stored = self._tx.certificates.put(certificate, self._at)
            report = self._chains.report(certificate, tx=self._tx)
            self._chains.open_prompts(self._tx, self._upload, stored.id, report, self._person, self._at)

    def list_for(
        self, partner: Partner, certificate_id: int, certificate: Certificate
    ) -> tuple[PartnerCertificate, bool]:
        """The partner's entry, and whether it was there already."""
        entry = self._tx.certificates.entry_for(partner.id, certificate_id)
        if entry is not None:
            return entry, True
        held = [(one.display_name, certificate_of(one.der)) for one in self._tx.certificates.entries(partner.id)]
        name = suggested_name(partner.key, certificate, held)
        entry = self._tx.certificates.add_entry(
            partner.id, certificate_id, name, self._upload.uploaded_by, self._at, self._upload.id
        )
        data = {"partner_id": partner.id, "sha256": certificate.sha256, "upload_id": self._upload.id}
        self._record("certificate.listed", f"certificate:{entry.id}", data)
        return entry, False

    def _take_as_partners(self, stored: StoredCertificate, certificate: Certificate) -> None:
        if self._partner is None:
            self._tx.uploads.add_item(self._upload.id, stored.id, already=False)
            return
        entry, already = self.list_for(self._partner, stored.id, certificate)
        self._tx.uploads.add_item(self._upload.id, stored.id, already=already, partner_certificate_id=entry.id)

    def _take_as_ca(self, stored: StoredCertificate, certificate: Certificate) -> bool:
        """List the CA certificate; True when the list has changed by it."""
        known = self._tx.ca_certificates.by_certificate(stored.id)
        ca = known or self._list_ca(stored, certificate)
        asks_again = ca.anchor is AnchorState.DECLINED
        if asks_again:
            self._tx.ca_certificates.decide(ca.id, AnchorState.DECLINED, AnchorState.REQUESTED, None, self._at)
            self._record("ca.requested", root_subject_of(ca.id), {"sha256": certificate.sha256})
        if ca.anchor in {AnchorState.REQUESTED, AnchorState.DECLINED}:
            self._tx.places.open(root_subject_of(ca.id), self._upload.channel, self._upload.thread_ts)
            self._tx.notices.add(root_subject_of(ca.id), self._at)
        already = known is not None
        self._tx.uploads.add_item(self._upload.id, stored.id, already=already, ca_certificate_id=ca.id)
        return not already or asks_again

    def _list_ca(self, stored: StoredCertificate, certificate: Certificate) -> CaCertificate:
        # A root is believed by nobody until its fingerprint is approved; an intermediate can only pass trust on.
        anchor = AnchorState.REQUESTED if certificate.self_signed else AnchorState.LINK
        ca = self._tx.ca_certificates.add(stored.id, anchor, self._person.user_id, self._at)
        self._record("ca.listed", root_subject_of(ca.id), {"sha256": certificate.sha256, "anchor": anchor.value})
        return ca

    def _record(self, action: str, subject: str, data: dict[str, object]) -> None:
        record(self._tx, self._at, self._person, action, subject, spot_of(self._upload).source, data)
