"""The approval of a root: a trust admin compares the fingerprint with another source and decides."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.services.ca_list import RootReport
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import sentences
from handlers.views.blocks import Block, Message, actions, button, confirm, context, fields, message, section
from handlers.views.text import called_upon, moment, plain, quote, strong, who, words
from handlers.views.values import AnchorState, Certificate


def render(report: RootReport, now: datetime, trust_admins: Sequence[str] = ()) -> Message:
    """The request, or what was decided about it. `trust_admins` are the user and group ids of who may decide."""
    name = cards.common_name(report.certificate)
    if report.ca.anchor is AnchorState.REQUESTED:
        return message(f"Root to approve: {plain(name)}", list(_request(report, now, trust_admins)))
    by = f"{who(report.ca.decided_by)} " if report.ca.decided_by else ""
    at = moment(report.ca.decided_at) if report.ca.decided_at else ""
    small = context(", ".join(filter(None, [f"{by}{at}".strip(), cards.fingerprint(report.certificate)])))
    if report.ca.anchor is AnchorState.APPROVED:
        text = f":white_check_mark: *Root approved*: {strong(name)} is a trust anchor now."
        return message(f"Root approved: {plain(name)}", [section(text), small])
    reason = f"\n{quote(report.reason)}" if report.reason else ""
    text = f":no_entry: *Root declined*: {strong(name)} is not trusted.{reason}"
    return message(f"Root declined: {plain(name)}", [section(text), small])


def _public(known: Certificate, certificate: Certificate) -> str:
    if known.sha256 == certificate.sha256:
        return f":globe_with_meridians: It is a *{cards.PUBLIC_ROOT}*, under this very fingerprint."
    return (
        f":globe_with_meridians: Name and key are those of a *{cards.PUBLIC_ROOT}*, which has another certificate for "
        f"them: {cards.fingerprint(known)}."
    )


def _request(report: RootReport, now: datetime, trust_admins: Sequence[str]) -> Iterator[Block]:
    certificate = report.certificate
    # The fingerprint as shown goes with the click: the approval is for it, not for whatever has this id later.
    value = f"{report.ca.id}.{certificate.sha256}"
    # A number, not names: they may be certificates of partners who do not read this thread.
    waiting = f" Waiting for it: {sentences.counted(len(report.waits), 'certificate')}." if report.waits else ""
    yield section(
        f":closed_lock_with_key: *Root to approve*: {strong(cards.common_name(certificate))}\n"
        f"{called_upon(trust_admins, report.ca.added_by) or 'A trust admin'} decides, but not the one who brought it. "
        f"Once approved, all that it signed is trusted."
        f"{waiting}"
    )
    yield fields(
        {
            "Owner": cards.people_name(certificate.subject),
            "Valid": cards.validity(certificate, now),
            "Key": words(certificate.key.text),
        }
    )
    yield from cards.lookalikes([certificate])
    yield section(f"*SHA-256 fingerprint*\n{cards.full_fingerprint(certificate.sha256)}")
    if report.public_root is not None:
        yield section(_public(report.public_root, certificate))
    yield context("Compare every group with the CA's website or a signed letter, not with this thread.")
    sure = confirm(
        "Fingerprint compared?",
        "You compared the whole fingerprint with a source other than this Slack thread.",
        "Approve this root",
    )
    yield actions(
        button("Approve root", ids.ROOT_APPROVE, value, "primary", sure),
        button("Decline", ids.ROOT_DECLINE, value, "danger"),
    )
