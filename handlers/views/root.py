"""The approval of a root: a trust admin compares the fingerprint with another source and decides."""

from collections.abc import Iterator
from datetime import datetime

from bot.services.ca_list import RootReport
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import sentences
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, section
from handlers.views.limits import NAME_SHOWN, REASON_SHOWN
from handlers.views.text import code, moment, plain, who
from handlers.views.values import AnchorState


def render(report: RootReport, now: datetime) -> Message:
    """The request, or what was decided about it."""
    name = cards.common_name(report.certificate)
    if report.ca.anchor is AnchorState.REQUESTED:
        return message(f"Root to approve: {plain(name)}", list(_request(report, now)))
    decided = f" by {who(report.ca.decided_by)}" if report.ca.decided_by else ""
    at = f" {moment(report.ca.decided_at)}" if report.ca.decided_at else ""
    if report.ca.anchor is AnchorState.APPROVED:
        text = f":white_check_mark: *Root approved*{decided}{at}: {code(name, NAME_SHOWN)} is a trust anchor now."
        return message(f"Root approved: {plain(name)}", [section(text), context(cards.fingerprint(report.certificate))])
    reason = f" Reason: {code(report.reason, REASON_SHOWN)}" if report.reason else ""
    text = f":no_entry: *Root declined*{decided}{at}: {code(name, NAME_SHOWN)} is not trusted.{reason}"
    return message(f"Root declined: {plain(name)}", [section(text), context(cards.fingerprint(report.certificate))])


def _request(report: RootReport, now: datetime) -> Iterator[Block]:
    certificate = report.certificate
    # The fingerprint as shown goes with the click: the approval is for it, not for whatever has this id later.
    value = f"{report.ca.id}.{certificate.sha256}"
    yield section(
        ":closed_lock_with_key: *A trust admin has to approve this root*\n"
        f"{code(cards.common_name(certificate), NAME_SHOWN)} was brought by {who(report.ca.added_by)}. "
        "Once approved, everything that it signed is trusted."
    )
    yield cards.facts(certificate, now)
    yield section(f"*SHA-256 fingerprint*\n{cards.full_fingerprint(certificate.sha256)}")
    if report.waits:
        # A number, not names: they may be certificates of partners who do not read this thread.
        yield section(f"{sentences.counted(len(report.waits), 'certificate')} waiting for it.")
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
