"""The request for a missing issuer: what to bring, where to get it, and what was looked at and is not it."""

from collections.abc import Iterator

from bot.services.chains import PromptReport
from bot.services.fetching import FetchFailure, FetchStanding
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import sentences
from handlers.views.blocks import Block, Message, actions, button, context, message, section
from handlers.views.limits import SECTION_TEXT, URL_SHOWN
from handlers.views.text import bullets, code, moment, plain, short_fingerprint, strong, who, words
from handlers.views.values import Certificate, MissingIssuer, NearMiss, PromptState

_URLS_SHOWN = 3

NOT_OFFERED = FetchStanding(offered=False, failure=None)


def render(report: PromptReport, fetching: FetchStanding = NOT_OFFERED) -> Message:
    """The prompt as it stands: open, answered, or no longer needed."""
    wanted = sentences.called(report.prompt.issuer)
    if report.prompt.state is PromptState.ANSWERED:
        return message(f"Issuer found: {plain(wanted)}", list(_answered(report)))
    if report.prompt.state is PromptState.WITHDRAWN:
        text = f":heavy_minus_sign: {strong(wanted)} is no longer needed for {words(_waiting(report))}."
        return message(f"No longer needed: {plain(wanted)}", [section(text)])
    return message(f"Missing issuer: {plain(wanted)}", list(_open(report, fetching)))


def completed(report: PromptReport) -> Message:
    """The short reply where a certificate waited, when its chain became complete by an upload elsewhere."""
    waits = _waiting(report)
    found = f": {strong(cards.common_name(report.answered))} was the missing issuer" if report.answered else ""
    text = f":white_check_mark: The chain of {strong(waits)} is complete now{found}."
    return message(f"Chain complete: {plain(waits)}", [section(text)])


def _waiting(report: PromptReport) -> str:
    return report.display_name or cards.common_name(report.certificate)


def _open(report: PromptReport, fetching: FetchStanding) -> Iterator[Block]:
    prompt = report.prompt
    partner = f" ({words(report.partner.name)})" if report.partner else ""
    whose = [words(one) for one in (prompt.organisation, prompt.organisational_unit) if one]
    yield section(
        f":mag: *Missing issuer*: {strong(sentences.called(prompt.issuer))}\n"
        + (f"{', '.join(whose)}\n" if whose else "")
        + f"Without its certificate, {words(_waiting(report))}{partner} cannot be checked."
    )
    yield section(_where(report))
    yield from cards.lookalikes([], sentences.called(prompt.issuer), *filter(None, (prompt.organisation,)))
    if report.missing and report.missing.near_misses:
        chain_of = "the partner" if report.partner else "the chain"
        lines = [_near_miss(one, report.missing, chain_of) for one in report.missing.near_misses]
        yield section(f"*Looked at, and not it*\n{bullets(lines, 5, SECTION_TEXT // 2)}")
    if fetching.failure and not fetching.is_under_way:
        yield section(_failed(fetching.failure))
    if fetching.is_under_way:
        yield section(":hourglass_flowing_sand: *Asking the CA's server now.* This message says what came of it.")
    value = str(prompt.id)
    add = button("Add it for approval", ids.ADD_PUBLIC_ROOT, value, "primary") if report.public_root else None
    offered = fetching.offered and not fetching.is_under_way
    fetch = button("Fetch from the CA", ids.FETCH_ISSUER, value) if offered else None
    yield actions(add, fetch, button("Details", ids.PROMPT_DETAILS, value))
    yield context("Drop its file here, or into any channel that I am in: PEM, DER or PKCS#7. This message follows.")


def _near_miss(miss: NearMiss, missing: MissingIssuer, whose: str) -> str:
    said = sentences.near_miss(miss.reason, miss.data, whose, _generation(miss.certificate, missing.asked_by))
    return f"{words(cards.common_name(miss.certificate))}: {said}"


def _generation(known: Certificate, asked_by: Certificate) -> str:
    """The generation of a CA that signed, beside a known one. The order is only told where the dates suggest it:
    generations overlap for years.
    """
    if known.not_after < asked_by.not_before:
        return "a later one by its date"
    return "an earlier one by its date" if asked_by.not_before < known.not_before else "another one"


def _failed(failure: FetchFailure) -> str:
    lines = [sentences.fetch(one.reason, one.data) for one in failure.refusals]
    reasons = lines[0] if len(lines) == 1 else f"\n{bullets(lines, limit=SECTION_TEXT // 2)}"
    return f":warning: *Fetching it failed*, {moment(failure.at)}, for {who(failure.by)}: {reasons}"


def _where(report: PromptReport) -> str:
    # Addresses in a certificate are a stranger's words: shown to be copied, never as a link.
    urls = [code(url, URL_SHOWN) for url in report.prompt.ca_issuers]
    whom = strong(report.partner.name) if report.partner else "the partner"
    if report.public_root is not None:
        approval = "it only needs approval, by another trust admin than who adds it"
        return f":globe_with_meridians: A *{cards.PUBLIC_ROOT}*; {approval}."
    if not urls:
        return f"*Where to get it:* from {whom} or the CA's website; the certificate gives no address."
    if len(urls) == 1:
        return f"*Where to get it:* {urls[0]}, or from {whom}"
    return f"*Where to get it:* from {whom}, or at\n{bullets(urls, _URLS_SHOWN, SECTION_TEXT // 2)}"


def _answered(report: PromptReport) -> Iterator[Block]:
    # Not who brought it: the issuer may have come from another partner's channel.
    prompt, issuer = report.prompt, report.answered
    name = cards.common_name(issuer) if issuer else sentences.called(prompt.issuer)
    yield section(f":white_check_mark: *Issuer found*: {strong(name)}. {_state(report)}")
    mark = [f"SHA-256 `{short_fingerprint(prompt.answered_sha256)}`"] if prompt.answered_sha256 else []
    at = [moment(prompt.answered_at)] if prompt.answered_at else []
    if mark or at:
        yield context(", ".join([*mark, *at]))


def _state(report: PromptReport) -> str:
    """Where the chain that waited stands now."""
    waits = words(_waiting(report))
    if report.awaits_root is not None:
        is_root = report.answered is not None and report.answered.sha256 == report.awaits_root.sha256
        return f"{'It' if is_root else 'Its root'} waits for a trust admin to approve the fingerprint."
    if report.report.verdict in cards.TRUSTED:
        return f"The chain is complete: {waits}."
    if report.next_prompt is not None:
        return f"Next one missing: {words(sentences.called(report.next_prompt.issuer))}."
    return f"It was missing for {waits}."
