"""What waits for the reader of App Home: in short, with the buttons of its message that are theirs."""

from collections.abc import Callable, Iterator, Mapping

from bot.services.approval_rules import Act
from bot.services.ca_list import RootReport
from bot.services.chains import PromptReport
from bot.services.drift_ledger import DriftReport
from bot.services.fetching import FetchStanding
from bot.services.sights import Decision, Placed, Waiting
from bot.services.switches import SwitchMode, SwitchReport
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import drift, ends, prompt, reminder, root, sentences, switch, timing
from handlers.views.blocks import Block, Message, actions, button, context, header, picked, section
from handlers.views.comparison import new_name, old_name
from handlers.views.home_parts import Shell, more, until
from handlers.views.limits import NAME_SHOWN
from handlers.views.text import code, moment, quote, short_fingerprint, strong, who, words
from handlers.views.values import Severity
from storage.records import Upload

_ACTS = {
    ids.SWITCH_APPROVE: Act.APPROVE,
    ids.SWITCH_CONFIRM: Act.CONFIRM,
    ids.SWITCH_WORD: Act.RECORD_WORD,
    ids.SWITCH_REJECT: Act.REJECT,
}


def waiting(shell: Shell, found: Waiting, standing: Mapping[int, FetchStanding]) -> Iterator[Block]:
    """All of it, or that it is nothing; `standing` as `home.front`."""
    every = (found.decisions, found.overlaps, found.drifts, found.roots, found.prompts, found.uploads)
    total = sum(one.total for one in every)
    if not total:
        yield header("Waits for you")
        yield section(":white_check_mark: Nothing waits for you.")
        return
    yield header(f"Waits for you ({total:,})")
    for decision in found.decisions.shown:
        yield from _decision(shell, decision)
    yield from more(found.decisions, "switch to decide on", "switches to decide on")
    for late in found.overlaps.shown:
        yield from _overlap(shell, late)
    yield from more(found.overlaps, "overlap that lasts longer than agreed", "overlaps that last longer than agreed")
    for differs in found.drifts.shown:
        yield from _drift(shell, differs)
    yield from more(found.drifts, "gateway that differs", "gateways that differ")
    for requested in found.roots.shown:
        yield from _root(shell, requested)
    yield from more(found.roots, "root to approve", "roots to approve")
    for asked in found.prompts.shown:
        yield from _prompt(shell, asked, standing.get(asked.of.prompt.id, prompt.NOT_OFFERED))
    yield from more(found.prompts, "missing issuer", "missing issuers")
    for upload in found.uploads.shown:
        yield _upload(shell, upload)
    yield from more(found.uploads, "file without a partner", "files without a partner")


def _decision(shell: Shell, asked: Decision) -> Iterator[Block]:
    report = asked.report
    old = f"{words(name)} → " if (name := old_name(report)) else ""
    new = report.new_certificate
    yield section(
        f":ballot_box_with_ballot: *Switch* of {ends.names(report)} "
        f"({words(report.partner.name)}){shell.thread(asked.place)}\n"
        f"{old}{strong(new_name(report))}\n{quote(report.switch.reason)}"
    )
    over = report.each()
    one_or_these = "this connection" if len(over) == 1 else "these connections"
    runs = len({name for one in over for name in one.connection.choreographies})
    planned = [] if report.switch.mode is SwitchMode.NOW else [timing.in_a_list(report.switch)]
    yield context(
        f"Proposed by {who(report.switch.requested_by)} {moment(report.switch.requested_at)}",
        f"New: {until(new.not_before, new.not_after, shell.now)}",
        f"SHA-256 `{short_fingerprint(new.sha256)}`",
        f"{runs:,} choreograph{'y runs' if runs == 1 else 'ies run'} over {one_or_these}",
        *planned,
    )
    about = {one.sha256: cards.common_name(one) for one in report.chain.path[1:]}
    yield from cards.findings(report.findings, about, least=Severity.WARNING)
    yield from _buttons(
        switch.render(report, shell.now), lambda one: one == ids.SWITCH_DETAILS or _ACTS.get(one) in asked.acts
    )


def _overlap(shell: Shell, late: Placed[SwitchReport]) -> Iterator[Block]:
    report = late.of
    yield section(
        f":twisted_rightwards_arrows: *Old and new* are still accepted on {reminder.overdue(report)} "
        f"({words(report.partner.name)}), longer than agreed{shell.thread(late.place)}\n{reminder.moved(report)}."
    )
    yield from _buttons(
        switch.render(report, shell.now), lambda one: one in {ids.SWITCH_RETIRE, ids.SWITCH_ABANDON, ids.SWITCH_DETAILS}
    )


def _drift(shell: Shell, differs: Placed[DriftReport]) -> Iterator[Block]:
    report = differs.of
    link = shell.thread(differs.place)
    yield section(
        f":twisted_rightwards_arrows: *The gateway differs* for {drift.of(report)}{link}\n{drift.in_short(report)}"
    )
    yield from _buttons(drift.render(report), lambda one: one == ids.DRIFT_MEND)


def _root(shell: Shell, requested: Placed[RootReport]) -> Iterator[Block]:
    yield from root.render(requested.of, shell.now).blocks
    if link := shell.thread(requested.place):
        yield context(f"Asked for in its{link.removeprefix(' ·')}")


def _prompt(shell: Shell, asked: Placed[PromptReport], standing: FetchStanding) -> Iterator[Block]:
    report = asked.of
    partner = f" ({words(report.partner.name)})" if report.partner else ""
    waits = report.display_name or cards.common_name(report.certificate)
    failed = " Fetching it failed; the thread says why." if standing.failure else ""
    yield section(
        f":mag: *Missing issuer*: {strong(sentences.called(report.prompt.issuer))}{shell.thread(asked.place)}\n"
        f"{words(waits)}{partner} waits for it. Drop its file into any channel that I am in.{failed}"
    )
    offered = {ids.PROMPT_DETAILS} | ({ids.FETCH_ISSUER, ids.ADD_PUBLIC_ROOT} if shell.is_ours else set())
    yield from _buttons(prompt.render(report, standing), lambda one: one in offered)


def _upload(shell: Shell, waits: Placed[Upload]) -> Block:
    name = code(waits.of.file_name, NAME_SHOWN)
    text = f":file_folder: *Whose certificate?* {name} waits for its partner to be chosen.{shell.thread(waits.place)}"
    return section(text, button("Choose the partner", f"{ids.OPEN_MODAL}{ids.MODAL_ASSIGN}", str(waits.of.id)))


def _buttons(about: Message, wanted: Callable[[str], bool]) -> Iterator[Block]:
    """Those buttons of a message that the reader may press."""
    kept = list(picked(about, wanted))
    if kept:
        yield actions(*kept)
