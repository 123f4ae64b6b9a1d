"""The intake of files: from bytes that a stranger may have written to certificates in the right lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.pki.parsing import Reading, Refused, read_upload
from bot.services.admission import Admission, owner_of, sorted_out
from bot.services.bundle import Kind
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import WrongState
from bot.services.people import Person, Spot, upload_refusal
from bot.services.prompts import subject_of
from bot.services.reclassification import Reclassification
from bot.services.upload_report import ItemDetails, ItemReport, UploadReport, read_details, read_report
from bot.services.uploads import leave_answer, partner_by_id, partner_for, require_upload, upload_of
from storage.records import UploadState
from storage.store import Store, Transaction

__all__ = ["IncomingFile", "Intake", "ItemDetails", "ItemReport", "UploadReport"]

FILE_NAME = 255
"""Characters kept of a file's name, the most that common file systems allow."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it was downloaded. `key` makes a repeat the same upload; `data` is never stored."""

    key: str
    channel: str
    thread_ts: str | None
    file_name: str
    data: bytes


class Intake:
    """The use cases around an uploaded file."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def take_in(self, person: Person, file: IncomingFile, partner_id: int | None = None) -> int:
        """Read the file, list what is in it, and leave the answer for its thread.

        The partner is the one named, else the one that the channel tells, else the one in whose list all of it is
        already, else somebody is asked. Whatever is wrong with the content, or with who brings it, is the outcome.

        Returns:
            The upload's number; for a key that was taken in before, the number of then, and nothing else happens.

        Raises:
            NotFound: no partner has the number `partner_id`.
        """
        with self._store.begin() as tx:
            known = tx.uploads.by_key(file.key)
            if known is not None:
                return known.id
            refusal = upload_refusal(person, partner_for(tx, file.channel, partner_id))
        spot = Spot(file.channel, file.thread_ts)
        if refusal is not None:
            return self._refuse(person, file.key, spot, file.file_name, "not_allowed", {"reason": refusal})
        try:
            reading = read_upload(file.data)
        except Refused as refused:
            return self._refuse(person, file.key, spot, file.file_name, refused.reason.value, refused.data)
        with self._store.begin() as tx:
            tx.alone("ca list")
            known = tx.uploads.by_key(file.key)
            return known.id if known else self._admit(tx, person, file, reading, partner_id)

    def reject(
        self,
        person: Person,
        key: str,
        channel: str,
        thread_ts: str | None,
        file_name: str,
        code: str,
        data: Mapping[str, object],
    ) -> int:
        """Keep on record that a file could not be had (download_failed, sign_in_page, too_large, file_gone ...)."""
        return self._refuse(person, key, Spot(channel, thread_ts), file_name, code, data)

    def outcome(self, key: str) -> UploadState | None:
        """What became of the file with this key; None when nothing did so far."""
        with self._store.reading() as tx:
            upload = tx.uploads.by_key(key)
            return upload.state if upload else None

    def assign_partner(self, person: Person, upload_id: int, partner_id: int) -> None:
        """Say whose certificates these are; they come into that partner's list now.

        Raises:
            NotFound: upload or partner.
            NotAllowed: unless the person may upload for that partner.
            WrongState: when the upload has its partner already, or was refused.
        """
        at = self._clock()
        with self._store.begin() as tx:
            tx.alone("ca list")
            upload = upload_of(tx, upload_id)
            partner = partner_by_id(tx, partner_id)
            require_upload(person, partner)
            if not tx.uploads.assign(upload_id, partner_id):
                raise WrongState(upload.state.value, partner_id=upload.partner_id)
            admission = Admission(tx, self._chains, person, upload_of(tx, upload_id), partner, at)
            for item in tx.uploads.items(upload_id):
                if item.partner_certificate_id is None and item.ca_certificate_id is None:
                    entry, already = admission.list_for(partner, item.certificate_id, certificate_of(item.der))
                    tx.uploads.place_item(item.id, already=already, partner_certificate_id=entry.id)
            for prompt in tx.prompts.of_upload(upload_id):
                tx.notices.add(subject_of(prompt.id), at)
            leave_answer(tx, upload, person, "upload.assigned", {"partner_id": partner_id}, at)

    def own_certificate(self, person: Person, upload_id: int, sha256: str) -> None:
        """A self-signed certificate that was taken for a root is the partner's own: move it from the CA list.

        Raises:
            NotFound: upload, or a certificate that did not come with it.
            NotAllowed: unless the person may upload for the partner.
            WrongState: when it is no root that awaits approval (any more).
            InUse: when it has issued a partner certificate: then it is a root.
        """
        at = self._clock()
        with self._store.begin() as tx:
            tx.alone("ca list")
            upload = upload_of(tx, upload_id)
            require_upload(person, partner_for(tx, upload.channel, upload.partner_id))
            Reclassification(tx, self._chains, person, upload, at).to_own(sha256)

    def report(self, upload_id: int) -> UploadReport:
        """The upload with the chains of this moment.

        Raises:
            NotFound: no such upload.
        """
        with self._store.reading() as tx:
            return read_report(tx, self._chains, upload_of(tx, upload_id), self._clock())

    def details(self, upload_id: int, sha256: str) -> ItemDetails:
        """One certificate of the upload, with its chain of this moment and the second opinion on it.

        Raises:
            NotFound: upload, or a certificate that did not come with it.
        """
        with self._store.reading() as tx:
            return read_details(tx, self._chains, upload_of(tx, upload_id), sha256, self._clock())

    def _admit(
        self, tx: Transaction, person: Person, file: IncomingFile, reading: Reading, partner_id: int | None
    ) -> int:
        at = self._clock()
        partner = partner_for(tx, file.channel, partner_id)
        sorts = sorted_out(tx, self._chains, reading.certificates, partner)
        own = [one for one, kind in zip(reading.certificates, sorts, strict=True) if kind is Kind.PARTNER]
        if partner is None and own:
            partner = owner_of(tx, own)
        needs_partner = partner is None and bool(own)
        upload = tx.uploads.add(
            file.key,
            file.channel,
            file.thread_ts,
            file.file_name[:FILE_NAME],
            person.user_id,
            person.team_id,
            at,
            UploadState.NEEDS_PARTNER if needs_partner else UploadState.STORED,
            {"problems": [{"place": one.place, "code": one.code, "data": dict(one.data)} for one in reading.problems]},
            partner.id if partner else None,
        )
        data = {"partner_id": upload.partner_id, "sha256": [one.sha256 for one in reading.certificates]}
        # Before whatever follows from it: messages keep the order of their notices, and the answer comes first.
        leave_answer(tx, upload, person, "upload.stored", data, at)
        Admission(tx, self._chains, person, upload, partner, at).admit(reading.certificates, sorts)
        return upload.id

    def _refuse(
        self, person: Person, key: str, spot: Spot, file_name: str, code: str, data: Mapping[str, object]
    ) -> int:
        at = self._clock()
        with self._store.begin() as tx:
            tx.alone("ca list")
            known = tx.uploads.by_key(key)
            if known is not None:
                return known.id
            partner = tx.partners.by_channel(spot.channel)
            upload = tx.uploads.add(
                key,
                spot.channel,
                spot.thread_ts,
                file_name[:FILE_NAME],
                person.user_id,
                person.team_id,
                at,
                UploadState.REFUSED,
                {"code": code, "data": dict(data)},
                partner.id if partner else None,
            )
            leave_answer(tx, upload, person, "upload.refused", {"code": code, "partner_id": upload.partner_id}, at)
            return upload.id
