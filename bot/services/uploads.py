"""What every use case of an upload needs: which it is, whose it is, who may, and the answer left for its thread."""

from collections.abc import Mapping
from datetime import datetime

from bot.services.errors import NotAllowed, NotFound
from bot.services.journal import record
from bot.services.people import Person, upload_refusal
from bot.services.prompts import spot_of
from storage.records import Partner, Upload
from storage.store import Transaction


def upload_subject_of(upload_id: int) -> str:
    """The subject of the message that answers an upload."""
    return f"upload:{upload_id}"


def upload_of(tx: Transaction, upload_id: int) -> Upload:
    """The upload.

    Raises:
        NotFound: there is none with this number.
    """
    upload = tx.uploads.get(upload_id)
    if upload is None:
        raise NotFound("upload", str(upload_id))
    return upload


def partner_by_id(tx: Transaction, partner_id: int) -> Partner:
    """The partner.

    Raises:
        NotFound: there is none with this number.
    """
    partner = tx.partners.by_id(partner_id)
    if partner is None:
        raise NotFound("partner", str(partner_id))
    return partner


def partner_for(tx: Transaction, channel: str, partner_id: int | None) -> Partner | None:
    """The partner named, else the one that the channel tells.

    Raises:
        NotFound: no partner has the number given.
    """
    return partner_by_id(tx, partner_id) if partner_id is not None else tx.partners.by_channel(channel)


def require_upload(person: Person, partner: Partner | None) -> None:
    """Raises NotAllowed unless the person may bring certificates for this partner."""
    reason = upload_refusal(person, partner)
    if reason is not None:
        raise NotAllowed(reason)


def leave_answer(
    tx: Transaction, upload: Upload, person: Person, action: str, data: Mapping[str, object], at: datetime
) -> None:
    """Write what happened to the upload, and let its message follow."""
    subject = upload_subject_of(upload.id)
    tx.places.open(subject, upload.channel, upload.thread_ts)
    tx.notices.add(subject, at)
    record(tx, at, person, action, subject, spot_of(upload).source, data)
