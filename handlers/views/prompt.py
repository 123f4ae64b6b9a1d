"""The request for a missing issuer: what to bring, where to get it, and what was looked at and is not it."""

from collections.abc import Iterator

from bot.services.chains import PromptReport
from handlers.views import certificate as cards
from handlers.views import sentences
from handlers.views.blocks import Block, Message, context, fields, message, section
from handlers.views.limits import DN_SHOWN, NAME_SHOWN, SECTION_TEXT, URL_SHOWN
from handlers.views.text import NOTHING, bullets, code, groups, moment, plain, short_fingerprint, strong
from handlers.views.values import PromptState, Verdict

_URLS_SHOWN = 3


def render(report: PromptReport) -> Message:
    """The prompt as it stands: open, answered, or no longer needed."""
    if report.prompt.state is PromptState.ANSWERED:
        return _answered(report)
    if report.prompt.state is PromptState.WITHDRAWN:
        waits = code(_waiting(report), NAME_SHOWN)
        text = f":heavy_minus_sign: The issuer {code(report.prompt.issuer)} is no longer needed for {waits}."
        return message(f"No longer needed: {plain(report.prompt.issuer)}", [section(text)])
    return message(f"Missing issuer: {plain(report.prompt.issuer)}", list(_open(report)))


def completed(report: PromptReport) -> Message:
    """The short reply where a certificate waited, when its chain became complete by an upload elsewhere."""
    waits = code(_waiting(report), NAME_SHOWN)
    found = (
        f": {code(cards.common_name(report.answered), NAME_SHOWN)} was the missing issuer" if report.answered else ""
    )
    text = f":white_check_mark: The chain of {waits} is complete now{found}."
    return message(f"Chain complete: {plain(_waiting(report))}", [section(text)])


def _waiting(report: PromptReport) -> str:
    return report.display_name or cards.common_name(report.certificate)


def _open(report: PromptReport) -> Iterator[Block]:
    prompt = report.prompt
    waits = code(_waiting(report), NAME_SHOWN)
    partner = f" of {strong(report.partner.name)}" if report.partner else ""
    yield section(
        f":mag: *Missing issuer* for {waits}{partner}\nIts chain cannot be checked without the certificate of this CA:"
    )
    yield fields(
        {
            "Name": code(prompt.issuer, DN_SHOWN),
            "Key id (AKI)": f"`{groups(prompt.aki)}`" if prompt.aki else NOTHING,
            "Organisation": code(prompt.organisation or "", NAME_SHOWN),
            "Unit": code(prompt.organisational_unit or "", NAME_SHOWN),
        }
    )
    yield section(_where(report))
    missing = report.missing
    if missing and missing.near_misses:
        lines = [
            f"{code(cards.common_name(one.certificate), NAME_SHOWN)} ({cards.fingerprint(one.certificate)}): "
            f"{sentences.near_miss(one.reason)}"
            for one in missing.near_misses
        ]
        yield section(f"*Looked at, and not it*\n{bullets(lines, 5, SECTION_TEXT // 2)}")
    yield context("Drop the file here or into any channel that I am in: PEM, DER or PKCS#7. This message follows.")


def _where(report: PromptReport) -> str:
    # Addresses in a certificate are a stranger's words: shown to be copied, never as a link.
    urls = [code(url, URL_SHOWN) for url in report.prompt.ca_issuers]
    whom = strong(report.partner.name) if report.partner else "the partner"
    if not urls:
        return f"*Where to get it*\nThe certificate gives no download address. Ask {whom}, or look on the CA's website."
    listed = bullets(urls, _URLS_SHOWN, SECTION_TEXT // 2)
    return f"*Where to get it*\nThe certificate names this download address:\n{listed}\nOr ask {whom}."


def _answered(report: PromptReport) -> Message:
    prompt = report.prompt
    # Not who brought it: the issuer may have come from another partner's channel.
    issuer = report.answered
    name = code(cards.common_name(issuer) if issuer else prompt.issuer, NAME_SHOWN)
    at = f" {moment(prompt.answered_at)}" if prompt.answered_at else ""
    mark = f" (SHA-256 `{short_fingerprint(prompt.answered_sha256)}`)" if prompt.answered_sha256 else ""
    lines = [f":white_check_mark: *Issuer found* for {code(_waiting(report), NAME_SHOWN)}: {name}{mark}{at}."]
    if report.awaits_root is not None:
        lines.append(
            ":hourglass_flowing_sand: Its root is here, and waits for a trust admin to approve the fingerprint."
        )
    elif report.report.verdict in {Verdict.COMPLETE, Verdict.SELF_SIGNED}:
        lines.append("The chain is complete.")
    elif report.next_prompt is not None:
        lines.append(f"Next one missing: {code(report.next_prompt.issuer)}.")
    return message(f"Issuer found: {plain(prompt.issuer)}", [section("\n".join(lines))])
