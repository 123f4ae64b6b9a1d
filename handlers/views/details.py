"""What stands behind "Details": long hex, full names and second opinions, on a page for the one who asked."""

from collections.abc import Iterator
from datetime import datetime

from bot.services.prompts import PromptReport
from bot.services.switches import SwitchReport, SwitchState
from bot.services.upload_report import ItemDetails
from handlers.views import certificate as cards
from handlers.views import comparison, form, sentences, ways
from handlers.views.blocks import Block, View, context, divider, section
from handlers.views.limits import DN_SHOWN, REASON_SHOWN, URL_SHOWN
from handlers.views.text import bullets, code, groups, strong, words
from handlers.views.values import Certificate, NearMiss, Opinion

_MISSES_SHOWN = 10
_URLS_SHOWN = 10
_FACTS_SHOWN = 6


def of_certificate(found: ItemDetails, now: datetime) -> View:
    """One certificate of a file."""
    certificate = found.item.certificate
    return form.page(
        "Certificate",
        [
            *_one(certificate, now),
            *cards.other_paths(found.item.report),
            *([context(_as_public(found.public_web))] if found.public_web else []),
        ],
    )


def of_prompt(report: PromptReport) -> View:
    """What is known of a missing issuer, and of what was looked at in its place."""
    prompt = report.prompt
    lines = [f"*Full name*\n{code(prompt.issuer, DN_SHOWN)}"]
    if prompt.aki:
        lines.append(f"*Key id* (authority key id)\n`{groups(prompt.aki)}`")
    blocks = [section(f":mag: {strong(sentences.called(prompt.issuer))}"), section("\n".join(lines))]
    if prompt.ca_issuers:
        urls = bullets([code(url, URL_SHOWN) for url in prompt.ca_issuers], _URLS_SHOWN)
        blocks.append(section(f"*Addresses in the certificate*\n{urls}"))
    near = report.missing.near_misses if report.missing else ()
    if near:
        blocks.append(section(f"*Looked at, and not it*\n{bullets([_miss(one) for one in near], _MISSES_SHOWN)}"))
    blocks.append(section(f"*It signed*\n{words(cards.common_name(report.certificate))}"))
    blocks.append(section(cards.full_fingerprint(report.certificate.sha256)))
    return form.page("Missing issuer", blocks)


def of_switch(report: SwitchReport, now: datetime, *, is_ours: bool = False) -> View:
    """The certificates of a switch in full, the new one first, and how it was proven, way by way.

    For our own people (`is_ours`) also what the gateway said where it refused something: paths, a program's output.
    """
    is_proven = report.switch.state is SwitchState.PROVEN
    blocks = [section(f"*New:* {strong(comparison.new_name(report))}"), *_one(report.new_certificate, now)]
    blocks.append(section(cards.chain(report.chain)))
    if report.old_certificate is not None:
        name = comparison.old_name(report) or cards.common_name(report.old_certificate)
        when = "Before" if is_proven else "In use"
        blocks += [divider(), section(f"*{when}:* {strong(name)}"), *_one(report.old_certificate, now)]
    tried = list(ways.told(report))
    if tried:
        how = "How it was proven" if is_proven else "What was tried"
        blocks += [divider(), section(f"*{how}*\n{bullets(tried)}")]
    said = report.switch.outcome.get("data")
    if is_ours and isinstance(said, dict) and said:
        facts = [f"{words(str(name))}: {code(str(value), REASON_SHOWN)}" for name, value in said.items()]
        blocks += [divider(), section(f"*What the gateway said*\n{bullets(facts, _FACTS_SHOWN)}")]
    return form.page("Switch", blocks)


def _one(certificate: Certificate, now: datetime) -> Iterator[Block]:
    yield cards.full_names(certificate)
    yield from cards.lookalikes([certificate], *certificate.san)
    yield cards.more_facts(certificate, now)
    yield section(f"*SHA-256 fingerprint*\n{cards.full_fingerprint(certificate.sha256)}")


def _miss(miss: NearMiss) -> str:
    said = sentences.near_miss(miss.reason, miss.data)
    return f"{words(cards.common_name(miss.certificate))}: {said}, {cards.fingerprint(miss.certificate)}"


def _as_public(opinion: Opinion) -> str:
    # The judge is a program for the public web; what it says against a partner's certificate is for experts.
    verdict = "would pass" if opinion.accepted else f"would not pass: {words(opinion.reason, REASON_SHOWN)}"
    return f"As a public web certificate: {verdict}"
