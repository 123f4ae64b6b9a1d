"""The answer to an uploaded file: what it held, what became of it, and what is next."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from bot.services.upload_report import ItemReport, UploadReport
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import phrases, sentences
from handlers.views.blocks import Block, Message, actions, button, confirm, context, divider, message, say, section
from handlers.views.chain_picture import ChainPicture, chain_picture
from handlers.views.limits import ITEMS_SHOWN, SECTION_TEXT
from handlers.views.text import bullets, plain, strong, who, words
from handlers.views.values import AnchorState, Severity, UploadState, Verdict


def render(report: UploadReport, now: datetime) -> Message:
    """The whole answer; posted once in the thread of the file and updated as things change."""
    if report.upload.state is UploadState.REFUSED or report.refusal is not None:
        return _refused(report)
    items = sorted(report.items, key=lambda item: item.kind == "ca")
    # CA certificates of a bundle came along for the partner's own certificate; a line is enough for each.
    own = [item for item in items if item.kind != "ca"]
    carded = (own or items)[:ITEMS_SHOWN]
    blocks = _which_partner(report) if report.upload.state is UploadState.NEEDS_PARTNER else []
    for item in carded:
        card = _ca_card(report, item) if item.kind == "ca" else _card(report, item, now)
        blocks += [*([divider()] if blocks else []), *card]
    strangers = report.strangers
    rest = [_line(item, strangers) for item in items if item not in carded]
    if rest:
        blocks.append(section(f"*Also in this file*\n{bullets(rest)}"))
    if report.problems:
        blocks.append(section(_problems(report)))
    if not blocks:
        blocks.append(section(f":page_facing_up: There is nothing new in {words(report.upload.file_name)}."))
    return message(_summary(report, items), blocks, _picture(own, now))


def _picture(own: Sequence[ItemReport], now: datetime) -> ChainPicture | None:
    """One at most, of the first certificate that is new here: a bundle's other chains are told in words."""
    fresh = next((item for item in own if not item.already and item.kind != "deleted"), None)
    if fresh is None:
        return None
    name = fresh.entry.display_name if fresh.entry else cards.common_name(fresh.certificate)
    return chain_picture(fresh.report, name, now)


def on_its_way() -> Message:
    """The note while Slack has not handed a file out; the answer is written over it."""
    return say(
        ":hourglass_flowing_sand: *Still reading this file.* It takes longer than usual; the answer replaces this note."
    )


def import_started(user_id: str, count: int) -> Message:
    """The line that opens a thread in the channel for files that came through the form."""
    return say(
        f":inbox_tray: {who(user_id)} imports {sentences.counted(count, 'file')}. The answer follows in this thread."
    )


def _refused(report: UploadReport) -> Message:
    name = report.upload.file_name
    sentence = sentences.refusal(report.refusal or "", report.refusal_data)
    reason = str(report.refusal_data.get("reason") or "")
    if report.refusal == "not_allowed" and reason in phrases.NOT_ALLOWED:
        sentence = f"{sentence} {phrases.NOT_ALLOWED[reason]}"
    # The uploader has to act: delete the file, or bring another one.
    text = f":no_entry: {who(report.upload.uploaded_by)} {strong(name)} {sentence}"
    return message(f"{plain(name)} was refused", [section(text)])


def _which_partner(report: UploadReport) -> list[Block]:
    """No names here: the channel may be shared with another company, or become so, and its history stays readable."""
    asked = f":grey_question: {who(report.upload.uploaded_by)} *Which partner is it from?*"
    if not report.partners:
        ask = button("Add partner", f"{ids.OPEN_MODAL}{ids.MODAL_PARTNER}", "-", "primary")
        return [section(f"{asked} None is known yet. Add the partner, then drop the file again."), actions(ask)]
    ask = button("Choose the partner", f"{ids.OPEN_MODAL}{ids.MODAL_ASSIGN}", str(report.upload.id), "primary")
    return [section(f"{asked} This channel does not tell; one of our operators can."), actions(ask)]


def _card(report: UploadReport, item: ItemReport, now: datetime) -> Iterator[Block]:
    certificate = item.certificate
    yield section(_title(report, item))
    if item.kind != "deleted":
        yield section(cards.chain(item.report))
    if not item.already:
        yield section(cards.facts(certificate, now))
    yield from cards.lookalikes([certificate, *item.report.path[1:]], report.upload.file_name)
    yield from cards.findings(item.findings, cards.names_above(certificate, item.report), unsaid={"self_signed"})
    if item.other_partners:
        others = sentences.listed(item.other_partners)
        yield context(f":warning: The same certificate is also in the list of {others}.")
    elif item.unnamed:
        lists = sentences.counted(item.unnamed, "other partner")
        yield context(f":warning: The same certificate is also in the list of {lists}.")
    yield context(f"{_next(item)}From {words(report.upload.file_name)}")
    buttons = _buttons(report, item)
    if buttons:
        yield actions(*buttons)


def _next(item: ItemReport) -> str:
    """What somebody has to do now; empty where nothing is left to do."""
    if item.kind not in {"partner", "unassigned"}:
        return ""
    step = _NEXT.get(item.report.verdict, "")
    if item.report.verdict in cards.TRUSTED:
        if item.kind == "unassigned" or (item.connections and not _can_be_proposed(item)):
            return ""
        step = "propose the switch" if item.connections else "our operators add the connection that it is for"
    return f"*Next:* {step}. " if step else ""


_NEXT: Mapping[str, str] = {
    Verdict.INCOMPLETE: "bring the missing issuer; the request for it says where to get it",
    Verdict.UNAPPROVED_ROOT: "a trust admin approves the root; this message follows",
    Verdict.UNUSABLE: "ask for a certificate whose chain keeps the rules above",
    Verdict.BUDGET_EXHAUSTED: "ask the people who run me to look at the CA list",
}


def _title(report: UploadReport, item: ItemReport) -> str:
    if item.entry is None:
        word = "waits for its partner to be chosen" if item.kind == "unassigned" else "was deleted from its list"
        return f":page_facing_up: {strong(cards.common_name(item.certificate))} {word}"
    partner = f" of {strong(report.partner.name)}" if report.partner else ""
    name = strong(item.entry.display_name)
    used = f" In use on {sentences.one_of([one.name for one in item.in_use_by])}." if item.in_use_by else ""
    if item.already:
        return f":page_facing_up: {name} is in the list{partner} *already*. Nothing was stored twice.{used}"
    return f":page_facing_up: {name}, new certificate{partner}.{used}"


def _ca_card(report: UploadReport, item: ItemReport) -> Iterator[Block]:
    """Calm: what it is, and what it was good for. The facts stand behind the button, a root's in its own request."""
    lines = [f":scroll: {_ca_title(item)}"]
    if item.unblocked:
        lines.append(f"It was missing for {sentences.listed(item.unblocked)}.")
    elif item.unnamed:
        lines.append(f"It was missing for {sentences.counted(item.unnamed, 'certificate')}.")
    if item.report.verdict not in cards.TRUSTED and item.ca is not None and item.ca.anchor is AnchorState.LINK:
        lines.append(cards.verdict(item.report))
    buttons = _buttons(report, item)
    # One button fits beside the lines; more get a row of their own.
    yield section("\n".join(lines), accessory=buttons[0] if len(buttons) == 1 else None)
    yield from cards.findings(
        item.findings, cards.names_above(item.certificate, item.report), unsaid={"self_signed"}, least=Severity.WARNING
    )
    if len(buttons) > 1:
        yield actions(*buttons)


def _ca_title(item: ItemReport) -> str:
    name = strong(cards.common_name(item.certificate))
    if item.ca is None:
        return f"{name} is a CA certificate, not in the CA list"
    if item.already and item.ca.anchor is AnchorState.LINK:
        return f"{name}, intermediate, is in the CA list *already*"
    root = f"a {cards.PUBLIC_ROOT}" if _is_public(item) else "root"
    return f"{name}{_CA_TITLES[item.ca.anchor].format(root=root)}"


def _is_public(item: ItemReport) -> bool:
    """Whether it is, by name and key, a well-known public root, and self-signed as such a one is."""
    return item.certificate.self_signed and item.report.known_root is not None


_CA_TITLES = {
    AnchorState.LINK: ", intermediate, added to the CA list",
    AnchorState.REQUESTED: ", {root}: a trust admin has to approve its fingerprint before it is trusted",
    AnchorState.APPROVED: ", {root}, is an approved trust anchor",
    AnchorState.DECLINED: ", {root}, was declined by a trust admin: it is not trusted",
}


def _buttons(report: UploadReport, item: ItemReport) -> list[Block]:
    value = f"{report.upload.id}.{item.certificate.sha256}"
    made: list[Block] = []
    if item.entry is not None:
        if item.connections and _can_be_proposed(item):
            made.append(button("Propose switch", ids.PROPOSE, str(item.entry.id), "primary"))
        made.append(button("Rename", ids.RENAME, str(item.entry.id)))
    if item.kind == "ca" and item.ca is not None and item.ca.anchor is AnchorState.REQUESTED and not _is_public(item):
        sure = confirm(
            "The partner's own certificate?",
            "It is marked as a CA certificate. Some partners use such a one as their own; then it is pinned by its "
            "fingerprint and trusted for nothing else.",
            "It is their own",
        )
        made.append(button("This is the partner's own certificate", ids.OWN_CERTIFICATE, value, confirm=sure))
    made.append(button("Details", ids.DETAILS, value))
    return made


def _can_be_proposed(item: ItemReport) -> bool:
    if item.report.verdict not in cards.TRUSTED:
        return False
    return {one.id for one in item.connections} != {one.id for one in item.in_use_by}


def _line(item: ItemReport, strangers: Collection[str]) -> str:
    if item.kind == "ca":
        strange = ". It has no part in the chain above" if item.certificate.sha256 in strangers else ""
        return f"{_ca_title(item)}{strange}"
    name = item.entry.display_name if item.entry else cards.common_name(item.certificate)
    known = ", in the list already" if item.already else ""
    return f"{strong(name)}, partner certificate{known}"


def _problems(report: UploadReport) -> str:
    lines = [f"Block {one.place} {sentences.problem(one.code, one.data)}" for one in report.problems]
    return f":warning: *Not all of it could be used*\n{bullets(lines, 10, SECTION_TEXT // 2)}"


def _summary(report: UploadReport, items: list[ItemReport]) -> str:
    if not items:
        return f"Nothing new in {plain(report.upload.file_name)}"
    first = items[0]
    name = first.entry.display_name if first.entry else cards.common_name(first.certificate)
    verdict = f": {phrases.VERDICTS.get(first.report.verdict, '')}"
    more = f", and {len(items) - 1} more" if items[1:] else ""
    return f"{plain(name)}{more}{verdict}"
