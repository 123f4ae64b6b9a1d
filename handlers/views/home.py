"""App Home's front page: what waits for the reader first, then what ends next, what is open, and the partners.

The buttons are those of the messages in the threads, so that the same thing is called and decided the same everywhere.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from bot.services.drift_ledger import DriftReport
from bot.services.fetching import FetchStanding
from bot.services.sights import Front, Placed, Some
from bot.services.switches import Side, SwitchLine
from handlers import ids
from handlers.views import drift, form, timing
from handlers.views.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    divider,
    header,
    section,
    told_apart,
)
from handlers.views.home_lists import certificate_line, partner_lines
from handlers.views.home_parts import Shell, around, go, more, toggled
from handlers.views.home_waiting import waiting
from handlers.views.leaf import Leaf, Tab
from handlers.views.limits import NAME_SHOWN, VIEW_BLOCKS, VIEW_BYTES
from handlers.views.text import code, words

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
        *waiting(shell, found.waiting, standing),
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


def _drifts(shell: Shell, some: Some[Placed[DriftReport]]) -> Iterator[Block]:
    if not some.total:
        return
    yield header(f"Gateways that differ ({some.total:,})")
    lines = [f"{drift.line(one.of, shell.is_ours)}{shell.thread(one.place)}" for one in some.shown]
    yield section("\n".join(lines))
    yield from more(some, "gateway that differs", "gateways that differ")


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
    yield from more(some, "open switch", "open switches")


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
