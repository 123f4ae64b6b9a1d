"""One thing as a line of a front page, and where in Slack the reader may know it to be talked about."""

from collections.abc import Sequence

from bot.services.ca_source import certificate_of
from bot.services.drift_ledger import DriftReport, drift_subject_of
from bot.services.errors import NotFound
from bot.services.sights import CaLine, CertificateSight, ConnectionSight, PartnerLine, Placed, Reader, Some
from bot.services.switch_facts import in_use
from bot.services.switch_ledger import shown_in
from bot.services.switch_report import SwitchLine
from storage.overview_records import CertificateLine
from storage.records import Partner, Place, Upload
from storage.store import Transaction
from storage.switch_records import Connection

SHOWN = 5
"""Of each kind on a front page; what is more is counted."""


def certificate_line(tx: Transaction, reader: Reader, line: CertificateLine, partner: Partner) -> CertificateSight:
    """With the thread that it came in."""
    subject = f"upload:{line.upload_id}" if line.upload_id else ""
    return CertificateSight(line, partner, place_for(tx, reader, partner, subject))


def connection_line(tx: Transaction, connection: Connection) -> ConnectionSight:
    """With the certificate in use, and the open drift."""
    current = in_use(tx, connection)
    certificate = certificate_of(current.der) if current else None
    return ConnectionSight(connection, current, certificate, tx.drifts.open_for(connection.id))


def drift_lines(tx: Transaction, reader: Reader, found: Sequence[DriftReport]) -> Some[Placed[DriftReport]]:
    """The first of them."""
    places = [place_for(tx, reader, one.partner, drift_subject_of(one.drift.public_id)) for one in found[:SHOWN]]
    return Some(tuple(map(Placed, found[:SHOWN], places)), len(found))


def switch_line(tx: Transaction, reader: Reader, line: SwitchLine) -> Placed[SwitchLine]:
    """With the message that shows it."""
    return Placed(line, place_for(tx, reader, line.partner, shown_in(line.switch)))


def upload_line(tx: Transaction, upload_id: int) -> Placed[Upload]:
    """With its thread.

    Raises:
        NotFound: no such upload.
    """
    upload = tx.uploads.get(upload_id)
    if upload is None:
        raise NotFound("upload", str(upload_id))
    return Placed(upload, tx.places.get(f"upload:{upload_id}"))


def place_for(tx: Transaction, reader: Reader, partner: Partner | None, subject: str) -> Place | None:
    """Where the subject is talked about; a partner's people get to know of their own channels only."""
    place = tx.places.get(subject) if subject else None
    if place is None or reader.is_ours:
        return place
    return place if partner is not None and place.channel in partner.channels else None


def ca_line(tx: Transaction, ca_id: int) -> CaLine:
    """Read.

    Raises:
        NotFound: it is not in the CA list (any more).
    """
    ca = tx.ca_certificates.by_id(ca_id)
    if ca is None:
        raise NotFound("ca_certificate", str(ca_id))
    return CaLine(ca, certificate_of(ca.der))


def partner_lines(
    tx: Transaction, partners: tuple[Partner, ...], mine: frozenset[int], offset: int, limit: int
) -> Some[PartnerLine]:
    """One page of them, the reader's own concern (`mine`) first."""
    ordered = sorted(partners, key=lambda one: one.id not in mine)  # stable: by name within each half
    page = ordered[offset : offset + limit]
    totals = tx.overview.totals([one.id for one in page])
    return Some(tuple(PartnerLine(one, totals[one.id], one.id in mine) for one in page), len(partners))
