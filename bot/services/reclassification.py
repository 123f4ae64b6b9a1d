"""A self-signed certificate that was taken for a root, and is the partner's own: from the CA list to the partner's."""

from datetime import datetime

from bot.pki.certificate import Certificate
from bot.services.admission import Admission, root_subject_of
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import InUse, NotFound, Reference, WrongState
from bot.services.people import Person
from bot.services.prompts import spot_of
from bot.services.uploads import leave_answer, partner_for, upload_of, upload_subject_of
from storage.records import AnchorState, CaCertificate, Partner, Upload, UploadItem
from storage.store import Transaction


class Reclassification:
    """The move for one upload, inside the caller's transaction. Whether the person may is asked before."""

    def __init__(self, tx: Transaction, chains: Chains, person: Person, upload: Upload, at: datetime) -> None:
        self._tx = tx
        self._chains = chains
        self._person = person
        self._upload = upload
        self._at = at

    def to_own(self, sha256: str) -> None:
        """Move it; see `Intake.own_certificate` for what is refused."""
        item = next((one for one in self._tx.uploads.items(self._upload.id) if one.sha256 == sha256), None)
        if item is None:
            raise NotFound("certificate", sha256)
        ca = self._requested_root(item)
        users = self._chains.users_of(self._tx, sha256)
        if users:
            raise InUse([Reference("certificate", one.display_name) for one in users])
        certificate = certificate_of(item.der)
        partner = partner_for(self._tx, self._upload.channel, self._upload.partner_id)
        self._leave_ca_list(ca)
        if partner is None:
            self._tx.uploads.place_item(item.id, already=False)
            self._tx.uploads.needs_partner(self._upload.id)
        else:
            self._give(certificate, item.certificate_id, partner)
        self._chains.recheck(self._tx, self._person, [certificate], spot_of(self._upload), self._at)
        data = {"sha256": sha256, "ca_id": ca.id, "partner_id": partner.id if partner else None}
        leave_answer(self._tx, self._upload, self._person, "certificate.own", data, self._at)

    def _requested_root(self, item: UploadItem) -> CaCertificate:
        ca = self._tx.ca_certificates.by_id(item.ca_certificate_id) if item.ca_certificate_id is not None else None
        if ca is None:
            raise WrongState("partner" if item.partner_certificate_id is not None else "gone")
        if ca.anchor is not AnchorState.REQUESTED:
            raise WrongState(ca.anchor.value, by=ca.decided_by, at=ca.decided_at)
        return ca

    def _leave_ca_list(self, ca: CaCertificate) -> None:
        self._tx.ca_certificates.delete(ca.id)
        self._tx.notices.add(root_subject_of(ca.id), self._at)
        self._chains.ca_changed(self._tx)

    def _give(self, certificate: Certificate, certificate_id: int, partner: Partner) -> None:
        """List it for the partner, and let every upload of the partner that brought it follow."""
        for item in self._tx.uploads.items_of(certificate_id):
            upload = upload_of(self._tx, item.upload_id)
            owner = partner_for(self._tx, upload.channel, upload.partner_id)
            if owner is None or owner.id != partner.id:
                continue
            self._tx.uploads.set_partner(upload.id, partner.id)
            admission = Admission(self._tx, self._chains, self._person, upload, partner, self._at)
            entry, already = admission.list_for(partner, certificate_id, certificate)
            self._tx.uploads.place_item(item.id, already=already, partner_certificate_id=entry.id)
            self._tx.notices.add(upload_subject_of(upload.id), self._at)
