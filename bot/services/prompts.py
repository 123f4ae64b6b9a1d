"""What there is to show about a prompt, and whether anything still waits for its answer."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, Verdict
from bot.services.ca_source import certificate_of
from bot.services.errors import NotFound
from bot.services.people import Spot
from storage.records import AnchorState, CaCertificate, Partner, PartnerCertificate, Upload, UploadState, WaitingPrompt
from storage.store import Transaction

Reporter = Callable[[Transaction, bytes], ChainReport]
"""The chain of a stored certificate, by the CA list that the transaction sees."""


@dataclass(frozen=True, slots=True)
class PromptReport:
    """A prompt with everything that its message shows.

    `certificate` is the one that waits; `display_name` and `partner` are None while it is in no partner's list (a CA
    certificate, or a partner's whose list is not chosen yet). `report` is its chain now, `missing` what the prompt asks
    for while it is still missing, `public_root` the well-known public root that it is and that is not in the CA list.
    `awaits_root` is set where the chain is whole but for that root's approval.
    `next_prompt` is the one that was opened when this one had been answered.
    """

    prompt: WaitingPrompt
    certificate: Certificate
    display_name: str | None
    partner: Partner | None
    report: ChainReport
    missing: MissingIssuer | None
    public_root: Certificate | None
    answered: Certificate | None
    awaits_root: CaCertificate | None
    next_prompt: WaitingPrompt | None


def subject_of(prompt_id: int) -> str:
    """The subject of the prompt's message."""
    return f"prompt:{prompt_id}"


def completed_subject_of(prompt_id: int) -> str:
    """The subject of the short reply that tells a waiting thread that its chain has become complete."""
    return f"completed:{prompt_id}"


def spot_of(upload: Upload) -> Spot:
    """Where the upload is talked about."""
    return Spot(upload.channel, upload.thread_ts)


def read_prompt(tx: Transaction, prompt_id: int, reporter: Reporter) -> PromptReport:
    """Read one prompt.

    Raises:
        NotFound: no such prompt.
    """
    prompt = tx.prompts.get(prompt_id)
    stored = tx.certificates.by_id(prompt.certificate_id) if prompt else None
    if prompt is None or stored is None:
        raise NotFound("prompt", str(prompt_id))
    answer = tx.certificates.by_sha256(prompt.answered_sha256) if prompt.answered_sha256 else None
    entry = listed_for(tx, prompt)
    report = reporter(tx, stored.der)
    missing = next((one for one in report.missing if one.key == prompt.missing_key), None)
    return PromptReport(
        prompt=prompt,
        certificate=certificate_of(stored.der),
        display_name=entry.display_name if entry else None,
        partner=tx.partners.by_id(entry.partner_id) if entry else None,
        report=report,
        missing=missing,
        public_root=_public_root(missing),
        answered=certificate_of(answer.der) if answer else None,
        awaits_root=_awaited(tx, report),
        next_prompt=_next(tx, prompt),
    )


def listed_for(tx: Transaction, prompt: WaitingPrompt) -> PartnerCertificate | None:
    """The list entry that the prompt speaks of: the one of the partner for whom the file was uploaded.

    The same certificate may be in another partner's list; that one's name must not appear in this one's channel.
    """
    upload = tx.uploads.get(prompt.upload_id) if prompt.upload_id is not None else None
    if upload is None or upload.partner_id is None:
        return None
    return tx.certificates.entry_for(upload.partner_id, prompt.certificate_id)


def is_wanted(tx: Transaction, certificate_id: int) -> bool:
    """Whether the certificate is in a list, or is going to be once its partner is chosen."""
    if tx.certificates.entries_of(certificate_id) or tx.ca_certificates.by_certificate(certificate_id):
        return True
    uploads = [tx.uploads.get(item.upload_id) for item in tx.uploads.items_of(certificate_id)]
    return any(upload is not None and upload.state is UploadState.NEEDS_PARTNER for upload in uploads)


def _public_root(missing: MissingIssuer | None) -> Certificate | None:
    """Not one that is in the CA list already and was refused there."""
    known = missing.known_root if missing else None
    return known if missing and known and missing.answered_by(known) else None


def _awaited(tx: Transaction, report: ChainReport) -> CaCertificate | None:
    if report.verdict is not Verdict.UNAPPROVED_ROOT:
        return None
    stored = tx.certificates.by_sha256(report.path[-1].sha256)
    root = tx.ca_certificates.by_certificate(stored.id) if stored else None
    return root if root is not None and root.anchor is AnchorState.REQUESTED else None


def _next(tx: Transaction, prompt: WaitingPrompt) -> WaitingPrompt | None:
    later = (one for one in tx.prompts.of_certificate(prompt.certificate_id) if one.id > prompt.id)
    return next((one for one in later if one.upload_id == prompt.upload_id), None)
