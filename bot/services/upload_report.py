"""What there is to show about an upload, with the chains of this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport
from bot.pki.checks import certificate_findings
from bot.pki.findings import Finding, merged
from bot.pki.parsing import BlockProblem
from bot.pki.public_web import Opinion, opinion_of
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import NotFound
from storage.records import CaCertificate, Partner, PartnerCertificate, Upload, UploadItem, UploadState
from storage.store import Transaction
from storage.switch_records import Connection

ItemKind = Literal["partner", "ca", "unassigned", "deleted"]


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One certificate of an upload.

    `kind` is "unassigned" while nobody has said whose it is, "deleted" once it was taken out of its list. `already`:
    it was in the list before. `connections` are all of the partner's, `in_use_by` those that use this certificate.
    `unblocked` names the partner certificates that waited for this CA certificate, `other_partners` those in whose list
    the same certificate is; both keep to the own partner's names in a channel that its people read. In a channel that
    belongs to no partner nothing is named, because it may be shared with anybody: `unnamed` counts instead.
    """

    certificate: Certificate
    kind: ItemKind
    already: bool
    entry: PartnerCertificate | None
    ca: CaCertificate | None
    report: ChainReport
    findings: tuple[Finding, ...]
    connections: tuple[Connection, ...]
    in_use_by: tuple[Connection, ...]
    unblocked: tuple[str, ...]
    other_partners: tuple[str, ...]
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class ItemDetails:
    """One certificate of an upload with what an expert asks next.

    `public_web` is the second opinion, whether the path would pass on the public web; None for one without a root, and
    for a CA certificate, which nobody presents as its own.
    """

    item: ItemReport
    public_web: Opinion | None


@dataclass(frozen=True, slots=True)
class UploadReport:
    """An upload with everything that its message shows.

    `refusal` is the code why nothing of it was stored, `refusal_data` what the sentence needs. `partners` are those to
    choose from while the upload needs one.
    """

    upload: Upload
    partner: Partner | None
    refusal: str | None
    refusal_data: Mapping[str, object]
    problems: tuple[BlockProblem, ...]
    items: tuple[ItemReport, ...]
    partners: tuple[Partner, ...]

    @property
    def strangers(self) -> frozenset[str]:
        """CA certificates of the file, by SHA-256, that are in no path of the partner certificates beside them."""
        own = [item.report for item in self.items if item.kind != "ca"]
        linked = {link.sha256 for report in own for path in report.paths for link in path.certificates}
        linked |= {link.sha256 for report in own for link in report.path}
        came_along = {item.certificate.sha256 for item in self.items if item.kind == "ca"}
        return frozenset(came_along - linked) if own else frozenset()


def read_report(tx: Transaction, chains: Chains, upload: Upload, at: datetime) -> UploadReport:
    """Read one upload."""
    outcome = upload.outcome
    code, data, problems = outcome.get("code"), outcome.get("data"), outcome.get("problems")
    reader = _Items(tx, chains, upload, at)
    needs_partner = upload.state is UploadState.NEEDS_PARTNER
    return UploadReport(
        upload=upload,
        partner=reader.partner,
        refusal=str(code) if code is not None else None,
        refusal_data=data if isinstance(data, Mapping) else {},
        problems=tuple(_problem(one) for one in problems) if isinstance(problems, list) else (),
        items=tuple(reader.read(item) for item in tx.uploads.items(upload.id)),
        partners=tx.partners.list() if needs_partner else (),
    )


def _problem(stored: Mapping[str, object]) -> BlockProblem:
    data = stored.get("data")
    facts = {str(key): value for key, value in data.items()} if isinstance(data, Mapping) else {}
    return BlockProblem(int(str(stored["place"])), str(stored["code"]), facts)


def read_details(tx: Transaction, chains: Chains, upload: Upload, sha256: str, at: datetime) -> ItemDetails:
    """Read one certificate of an upload.

    Raises:
        NotFound: it did not come with the upload.
    """
    item = next((one for one in tx.uploads.items(upload.id) if one.sha256 == sha256), None)
    if item is None:
        raise NotFound("certificate", sha256[:16])
    found = _Items(tx, chains, upload, at).read(item)
    return ItemDetails(found, None if found.kind == "ca" else opinion_of(found.report, at))


class _Items:
    """Reads the items of one upload, with what they share read once."""

    def __init__(self, tx: Transaction, chains: Chains, upload: Upload, at: datetime) -> None:
        self._tx = tx
        self._chains = chains
        self._upload = upload
        self._at = at
        self.partner = tx.partners.by_id(upload.partner_id) if upload.partner_id is not None else None
        self._connections = tx.connections.of_partner(self.partner.id) if self.partner else ()
        reader = tx.partners.by_channel(upload.channel)
        self._names_others = reader is not None
        self._read_by = reader if reader is not None and reader.slack_team_id is not None else None

    def read(self, item: UploadItem) -> ItemReport:
        """One item."""
        certificate = certificate_of(item.der)
        entry = self._tx.certificates.entry(item.partner_certificate_id) if item.partner_certificate_id else None
        ca = self._tx.ca_certificates.by_id(item.ca_certificate_id) if item.ca_certificate_id else None
        report = self._chains.report(certificate, tx=self._tx)
        own = () if ca else self._findings(certificate)
        unblocked = self._unblocked(item) if ca and not item.already else ()
        others = self._other_partners(item)
        return ItemReport(
            certificate=certificate,
            kind=self._kind(entry, ca),
            already=item.already,
            entry=entry,
            ca=ca,
            report=report,
            findings=merged(own, report.findings),
            connections=() if ca else self._connections,
            in_use_by=tuple(one for one in self._connections if entry and one.partner_certificate_id == entry.id),
            unblocked=unblocked if self._names_others else (),
            other_partners=others if self._names_others else (),
            unnamed=0 if self._names_others else len(unblocked) or len(others),
        )

    def _kind(self, entry: PartnerCertificate | None, ca: CaCertificate | None) -> ItemKind:
        if ca is not None:
            return "ca"
        if entry is not None:
            return "partner"
        return "unassigned" if self._upload.state is UploadState.NEEDS_PARTNER else "deleted"

    def _findings(self, certificate: Certificate) -> tuple[Finding, ...]:
        """Against the certificate in use and the role, where the partner's connections leave no doubt which."""
        used = {one.partner_certificate_id for one in self._connections if one.partner_certificate_id is not None}
        current = self._tx.certificates.entry(used.pop()) if len(used) == 1 else None
        replaces = certificate_of(current.der) if current and current.sha256 != certificate.sha256 else None
        roles = {one.role.value for one in self._connections}
        role = roles.pop() if len(roles) == 1 else None
        return certificate_findings(certificate, self._at, replaces=replaces, role=role)

    def _unblocked(self, item: UploadItem) -> tuple[str, ...]:
        return tuple(
            one.display_name
            for one in self._chains.users_of(self._tx, item.sha256)
            if (one.upload_id is None or one.upload_id < self._upload.id)
            and (self._read_by is None or one.partner_id == self._read_by.id)
        )

    def _other_partners(self, item: UploadItem) -> tuple[str, ...]:
        if self._read_by is not None:
            return ()
        own = self.partner.id if self.partner else None
        others = (one.partner_id for one in self._tx.certificates.entries_of(item.certificate_id))
        named = (self._tx.partners.by_id(one) for one in others if one != own)
        return tuple(one.name for one in named if one is not None)
