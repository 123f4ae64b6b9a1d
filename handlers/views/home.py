"""App Home's front page: what waits for the reader first, then what ends next, what is open, and the partners.

The buttons are those of the messages in the threads, so that the same thing is called and decided the same everywhere.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.services.approval_rules import Act
from bot.services.ca_list import RootReport
from bot.services.chains import PromptReport
from bot.services.drift_ledger import DriftReport
from bot.services.fetching import FetchStanding
from bot.services.sights import Decision, Front, Placed, Some, Waiting
from bot.services.switches import Side, SwitchLine, SwitchMode
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import drift, ends, form, prompt, root, sentences, switch, timing
from handlers.views.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    header,
    picked,
    section,
    told_apart,
)
from handlers.views.comparison import new_name, old_name
from handlers.views.home_lists import certificate_line, partner_lines
from handlers.views.home_parts import Shell, around, go, toggled, until
from handlers.views.leaf import Leaf, Tab
from handlers.views.limits import NAME_SHOWN, VIEW_BLOCKS, VIEW_BYTES
from handlers.views.text import code, moment, quote, short_fingerprint, strong, who, words
from handlers.views.values import Severity
from storage.records import Upload

_ACTS = {
    ids.SWITCH_APPROVE: Act.APPROVE,
    ids.SWITCH_CONFIRM: Act.CONFIRM,
    ids.SWITCH_WORD: Act.RECORD_WORD,
    ids.SWITCH_REJECT: Act.REJECT,
}
CUT_SHORT = "_The rest does not fit on this page. The search and the lists find it._"


def view(shell: Shell, blocks: Sequence[Block]) -> View:
    """A page in its shell, within Slack's limits for App Home (100 blocks, 250 kB): what does not fit is said."""
    kept: list[Block] = []
    room = VIEW_BYTES // 2  # the rest is for the JSON around it, escaped characters and what Slack adds
    for block in told_apart([*around(shell), *blocks]):
        room -= len(json.dumps(block).encode())
        if room < 0 or len(kept) == VIEW_BLOCKS - 1:
            kept.append(context(CUT_SHORT))
            break
        kept.append(block)
    return View({"type": "home", "private_metadata": shell.leaf.dumped(), "blocks": kept})


def closed(reason: str) -> View:
    """For guests, and for people who are neither ours nor a partner's."""
    said = {
        "guest": "Guests of this workspace have no page here. A full member of the team can help.",
        "bot": "Apps have no page here.",
    }.get(reason, "This page is for the team that runs me and for its partners' own people.")
    blocks = [
        section(f":wave: *Hello.* I look after the certificates of this company's partners.\n{said}"),
        context("If you work for a partner, ask its contact here to add your Slack team to the partner."),
    ]
    return View({"type": "home", "blocks": blocks})


def shown(about: Message) -> View:
    """A certificate over Home."""
    return form.page("Certificate", about.blocks)


def front(shell: Shell, found: Front, standing: Mapping[int, FetchStanding]) -> list[Block]:
    """The front page. `standing` is whether fetching is offered, by the number of the request for an issuer."""
    return [
        *_waiting(shell, found.waiting, standing),
        *_drifts(shell, found.drifts),
        *_ending(shell, found),
        *_switches(shell, found.switches),
        *_partners(shell, found),
        context(
            f"{code(f'{shell.command} help')} lists every command; in a thread, mention me."
            if shell.is_ours
            else "In your channel, mention me with `help`: I show what concerns your company."
        ),
    ]


def _waiting(shell: Shell, found: Waiting, standing: Mapping[int, FetchStanding]) -> Iterator[Block]:
    every = (found.decisions, found.drifts, found.roots, found.prompts, found.uploads)
    total = sum(one.total for one in every)
    if not total:
        yield header("Waits for you")
        yield section(":white_check_mark: Nothing waits for you.")
        return
    yield header(f"Waits for you ({total:,})")
    for decision in found.decisions.shown:
        yield from _decision(shell, decision)
    yield from _more(found.decisions, "switch to decide on", "switches to decide on")
    for differs in found.drifts.shown:
        yield from _drift(shell, differs)
    yield from _more(found.drifts, "gateway that differs", "gateways that differ")
    for requested in found.roots.shown:
        yield from _root(shell, requested)
    yield from _more(found.roots, "root to approve", "roots to approve")
    for asked in found.prompts.shown:
        yield from _prompt(shell, asked, standing.get(asked.of.prompt.id, prompt.NOT_OFFERED))
    yield from _more(found.prompts, "missing issuer", "missing issuers")
    for upload in found.uploads.shown:
        yield _upload(shell, upload)
    yield from _more(found.uploads, "file without a partner", "files without a partner")


def _more(some: Some[Any], one: str, many: str) -> Iterator[Block]:
    left = some.total - len(some.shown)
    if left > 0:
        yield context(f"… and {left:,} more {one if left == 1 else many}")


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


def _drift(shell: Shell, differs: Placed[DriftReport]) -> Iterator[Block]:
    report = differs.of
    link = shell.thread(differs.place)
    yield section(
        f":twisted_rightwards_arrows: *The gateway differs* for {drift.of(report)}{link}\n{drift.in_short(report)}"
    )
    yield from _buttons(drift.render(report), lambda one: one == ids.DRIFT_MEND)


def _drifts(shell: Shell, some: Some[Placed[DriftReport]]) -> Iterator[Block]:
    if not some.total:
        return
    yield header(f"Gateways that differ ({some.total:,})")
    lines = [f"{drift.line(one.of, shell.is_ours)}{shell.thread(one.place)}" for one in some.shown]
    yield section("\n".join(lines))
    yield from _more(some, "gateway that differs", "gateways that differ")


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


def _ending(shell: Shell, found: Front) -> Iterator[Block]:
    yield header("Ends next")
    whose = "of the partners of your channels" if found.is_narrow else "of all partners"
    if shell.is_ours:
        if found.mine:
            label = "All partners" if found.is_narrow else "My channels"
            yield section(f"Certificates {whose}", go(label, "everyone", toggled(shell.leaf)))
        else:
            yield context(f"Certificates {whose}")
    if not found.ending:
        yield section("No certificate is in a list yet. Drop a partner's file into its channel.")
    for one in found.ending:
        yield certificate_line(shell, one)


def _switches(shell: Shell, some: Some[Placed[SwitchLine]]) -> Iterator[Block]:
    if not some.total:
        return
    yield header(f"Open switches ({some.total:,})")
    yield section("\n".join(_switch(shell, one) for one in some.shown))
    yield from _more(some, "open switch", "open switches")


def _switch(shell: Shell, placed: Placed[SwitchLine]) -> str:
    one = placed.of
    ours, theirs = ("ours", "the partner's") if shell.is_ours else ("the other side's", "yours")
    needs = " and ".join({Side.OURS: ours, Side.PARTNER: theirs}[side] for side in one.needs)
    new = words(one.new_name or one.switch.to_sha256[:16])
    partner = f" ({words(one.partner.name)})" if shell.is_ours else ""
    state = f"{timing.in_a_list(one.switch)}{f' ({needs})' if needs else ''}"
    return f"{code(one.connection.name, NAME_SHOWN)}{partner} to {new}: {state}{shell.thread(placed.place)}"


def _partners(shell: Shell, found: Front) -> Iterator[Block]:
    yield divider()
    yield header("Partners" if shell.is_ours else "Your company")
    if not found.partners.total:
        add = button("Add partner", f"{ids.OPEN_MODAL}{ids.MODAL_PARTNER}", "-", "primary")
        yield section("There is no partner yet.", add)
    yield from partner_lines(shell, found.partners)
    if found.partners.total > len(found.partners.shown):
        yield actions(go(f"All {found.partners.total:,} partners", "partners", Leaf(Tab.PARTNERS)))
