"""The answer to an uploaded file: what it held, what became of it, and what is next."""

from collections.abc import Iterator
from datetime import datetime

from bot.services.upload_report import ItemReport, UploadReport
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import phrases, sentences
from handlers.views.blocks import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    divider,
    message,
    option,
    say,
    section,
    select,
)
from handlers.views.limits import ITEMS_SHOWN, NAME_SHOWN, OPTIONS, SECTION_TEXT
from handlers.views.text import bullets, code, plain, strong, who
from handlers.views.values import AnchorState, UploadState, Verdict


def render(report: UploadReport, now: datetime) -> Message:
    """The whole answer; posted once in the thread of the file and updated as things change."""
    if report.upload.state is UploadState.REFUSED or report.refusal is not None:
        return _refused(report)
    items = sorted(report.items, key=lambda item: item.kind == "ca")
    # CA certificates of a bundle came along for the partner's own certificate; a line is enough for each.
    own = [item for item in items if item.kind != "ca"]
    carded = (own or items)[:ITEMS_SHOWN]
    blocks: list[Block] = [] if report.upload.state is not UploadState.NEEDS_PARTNER else [*_which_partner(report)]
    for item in carded:
        blocks += [*([divider()] if blocks else []), *_card(report, item, now)]
    rest = [_line(item) for item in items if item not in carded]
    if rest:
        blocks += [divider(), section(f"*Also in this file*\n{bullets(rest)}")]
    if report.problems:
        blocks.append(section(_problems(report)))
    if not blocks:
        blocks.append(section(f":page_facing_up: There is nothing new in {code(report.upload.file_name, NAME_SHOWN)}."))
    return message(_summary(report, items), blocks)


def import_started(user_id: str, count: int) -> Message:
    """The line that opens a thread in the channel for files that came through the form."""
    return say(
        f":inbox_tray: {who(user_id)} imports {sentences.counted(count, 'file')}. The answer follows in this thread."
    )


def details(item: ItemReport, now: datetime) -> Message:
    """What "Show details" answers, to the one who asked."""
    certificate = item.certificate
    blocks = [
        section(f"*Details of* {code(cards.common_name(certificate), NAME_SHOWN)}"),
        cards.facts(certificate, now),
        cards.more_facts(certificate),
        section(f"*SHA-256 fingerprint*\n{cards.full_fingerprint(certificate.sha256)}"),
    ]
    return message(f"Details of {plain(cards.common_name(certificate))}", blocks)


def _refused(report: UploadReport) -> Message:
    name = report.upload.file_name
    sentence = sentences.refusal(report.refusal or "", report.refusal_data)
    reason = str(report.refusal_data.get("reason") or "")
    if report.refusal == "not_allowed" and reason in phrases.NOT_ALLOWED:
        sentence = f"{sentence} {phrases.NOT_ALLOWED[reason]}"
    # The uploader has to act: delete the file, or bring another one.
    text = f":no_entry: {who(report.upload.uploaded_by)} {code(name, NAME_SHOWN)} {sentence}"
    return message(f"{plain(name)} was refused", [section(text)])


def _which_partner(report: UploadReport) -> Iterator[Block]:
    name = code(report.upload.file_name, NAME_SHOWN)
    if not report.partners:
        yield section(
            f":grey_question: {who(report.upload.uploaded_by)} {name} is a partner's certificate, but no partner is "
            "known yet. Add one with `/cert partner add`, then drop the file again."
        )
        return
    text = (
        f":grey_question: {who(report.upload.uploaded_by)} *Which partner* is {name} from? The channel does not tell."
    )
    options = [option(f"{one.name} ({one.key})", f"{report.upload.id}.{one.id}") for one in report.partners]
    yield section(
        text, select(ids.ASSIGN_PARTNER, "Choose the partner", options), block_id=f"partner.{report.upload.id}"
    )
    if len(options) > OPTIONS:
        yield context(
            f"The first {OPTIONS} partners are listed. Drop the file into the partner's channel to choose another."
        )


def _card(report: UploadReport, item: ItemReport, now: datetime) -> Iterator[Block]:
    certificate = item.certificate
    yield section(_title(report, item))
    yield cards.facts(certificate, now)
    if item.kind != "deleted":
        yield section(cards.chain(item.report))
    found = cards.findings(item.findings, cards.names_above(certificate, item.report), unsaid={"self_signed"})
    if found:
        yield section(found)
    if item.unblocked:
        yield section(f":link: This is the issuer that was missing for {sentences.one_of(item.unblocked)}.")
    if item.other_partners:
        yield context(f":warning: The same certificate is also in the list of {sentences.one_of(item.other_partners)}.")
    yield context(cards.fingerprint(certificate), code(report.upload.file_name, NAME_SHOWN))
    buttons = _buttons(report, item)
    if buttons:
        yield actions(*buttons)


def _title(report: UploadReport, item: ItemReport) -> str:
    if item.kind == "ca":
        return f":scroll: {_ca_title(item)}"
    if item.entry is None:
        word = "waits for its partner to be chosen" if item.kind == "unassigned" else "was deleted from its list"
        return f":page_facing_up: {code(cards.common_name(item.certificate), NAME_SHOWN)}  {word}"
    partner = f" of {strong(report.partner.name)}" if report.partner else ""
    name = code(item.entry.display_name, NAME_SHOWN)
    if item.already:
        used = f" It is in use on {sentences.one_of([one.name for one in item.in_use_by])}." if item.in_use_by else ""
        return f":page_facing_up: {name}  is in the list{partner} *already*. Nothing was stored twice.{used}"
    return f":page_facing_up: {name}  *new certificate*{partner}"


def _ca_title(item: ItemReport) -> str:
    name = code(cards.common_name(item.certificate), NAME_SHOWN)
    if item.ca is None:
        return f"{name}  CA certificate, not in the CA list"
    words = {
        AnchorState.LINK: "*intermediate*, added to the CA list",
        AnchorState.REQUESTED: "*root*, in the CA list; not trusted until a trust admin has approved its fingerprint",
        AnchorState.APPROVED: "*root*, an approved trust anchor",
        AnchorState.DECLINED: "*root*, declined by a trust admin: it is not trusted",
    }
    if item.already and item.ca.anchor is AnchorState.LINK:
        return f"{name}  *intermediate*, in the CA list *already*"
    return f"{name}  {words[item.ca.anchor]}"


def _buttons(report: UploadReport, item: ItemReport) -> list[Block]:
    value = f"{report.upload.id}.{item.certificate.sha256}"
    made: list[Block] = []
    if item.entry is not None:
        if item.connections and _can_be_proposed(item):
            made.append(button("Propose switch", ids.PROPOSE, str(item.entry.id), "primary"))
        made.append(button("Rename", ids.RENAME, str(item.entry.id)))
    if item.kind == "ca" and item.ca is not None and item.ca.anchor is AnchorState.REQUESTED:
        sure = confirm(
            "The partner's own certificate?",
            "It is marked as a CA certificate. Some partners use such a certificate as their own; then it is pinned "
            "by its "
            "fingerprint and trusted for nothing else.",
            "It is their own",
        )
        made.append(button("This is the partner's own certificate", ids.OWN_CERTIFICATE, value, confirm=sure))
    made.append(button("Show details", ids.DETAILS, value))
    return made


def _can_be_proposed(item: ItemReport) -> bool:
    if item.report.verdict not in {Verdict.COMPLETE, Verdict.SELF_SIGNED}:
        return False
    return {one.id for one in item.connections} != {one.id for one in item.in_use_by}


def _line(item: ItemReport) -> str:
    if item.kind == "ca":
        return f"{_ca_title(item)} ({cards.fingerprint(item.certificate)})"
    name = item.entry.display_name if item.entry else cards.common_name(item.certificate)
    known = ", in the list already" if item.already else ""
    return f"{code(name, NAME_SHOWN)}  partner certificate{known} ({cards.fingerprint(item.certificate)})"


def _problems(report: UploadReport) -> str:
    lines = [f"Block {one.place} {sentences.problem(one.code, one.data)}" for one in report.problems]
    return f":warning: *{code(report.upload.file_name, NAME_SHOWN)}*\n{bullets(lines, 10, SECTION_TEXT // 2)}"


def _summary(report: UploadReport, items: list[ItemReport]) -> str:
    if not items:
        return f"Nothing new in {plain(report.upload.file_name)}"
    first = items[0]
    name = first.entry.display_name if first.entry else cards.common_name(first.certificate)
    verdict = f": {phrases.VERDICTS.get(first.report.verdict, '')}"
    more = f", and {len(items) - 1} more" if items[1:] else ""
    return f"{plain(name)}{more}{verdict}"
