"""Answers to commands that list something. Each is a short message; long lists say how many more there are."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.services.ca_list import CaEntry, CaListing
from bot.services.certificates import Listed, Shown
from bot.services.connections import ConnectionReport
from bot.services.switches import Side, SwitchLine
from handlers import ids
from handlers.views import address, drift, phrases, sentences, timing
from handlers.views import certificate as cards
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, say, section
from handlers.views.limits import LINES_SHOWN, NAME_SHOWN, SECTION_TEXT
from handlers.views.text import (
    bullets,
    channel_link,
    code,
    day,
    moment,
    plain,
    short_fingerprint,
    strong,
    unmarked,
    who,
    words,
)
from handlers.views.values import AnchorState, Partner
from handlers.vocabulary import USAGES, Unclear, Usage

FOR_PARTNERS = frozenset({"help", "list", "connections", "connection", "switches"})


def help_text(command: str, ours: bool = True) -> Message:
    """The commands. A partner's people (not `ours`) have no slash commands in our workspace: they mention the bot."""
    if ours:
        lines = [_usage(command, usage) for usage in USAGES]
        asked = "In a thread, mention me instead: Slack has no commands there."
    else:
        lines = [_usage("", usage) for usage in USAGES if usage.words in FOR_PARTNERS]
        asked = "Mention me with one of these words. You see what concerns your own company."
    blocks = [
        section(
            "*Drop a partner's certificate file into a channel or thread.* I show its chain and say which issuer is "
            "missing. When both sides agree, I switch the connection and prove it."
        ),
        section("\n".join(lines)),
        context(asked),
    ]
    return message("What I can do", blocks)


_OFFERS = {
    ids.MODAL_IMPORT: ("Drop the file into this thread, or use the form.", "Import files"),
    ids.MODAL_RENAME: ("Which certificate, and how is it to be called?", "Rename"),
    ids.MODAL_PROPOSE: ("Which connection, which certificate, and why?", "Propose switch"),
    ids.MODAL_PARTNER: ("A partner needs a key and a name.", "Add partner"),
    ids.MODAL_CHANNEL: ("Which channel is the partner's?", "Add channel"),
    ids.MODAL_CHOREOGRAPHY: ("Which choreography, and what is it for?", "Describe choreography"),
    ids.MODAL_CONNECTION: ("A connection needs a partner, a name, a role and an address.", "Add connection"),
}


def form_offer(form: str) -> Message:
    """In a thread no form can open by itself: Slack wants a click for that."""
    text, label = _OFFERS[form]
    return message(text, [section(text), actions(button(label, f"{ids.OPEN_MODAL}{form}", "-", "primary"))])


def unclear(command: str, asked: Unclear, ours: bool = True) -> Message:
    """The nearest help for what was not understood. A partner's people (not `ours`) mention the bot instead."""
    command = command if ours else ""
    near = [usage for usage in asked.nearest if ours or usage.words in FOR_PARTNERS]
    said = code(f"{command} {asked.said}".strip(), NAME_SHOWN)
    known = asked.known and bool(near)
    lead = f"{said} is not complete, or has a word too many." if known else f"I do not know {said}."
    if not near:
        step = f"Try {code(f'{command} help')}" if ours else "Mention me with `help`"
        return say(f"{lead} {step}.")
    lines = "\n".join(_usage(command, usage) for usage in near)
    quotes = " Names with spaces go in quotes." if any('"' in usage.arguments for usage in near) else ""
    return message(f"{plain(asked.said)} was not understood", [section(f"{lead}{quotes}\n{lines}")])


def _usage(command: str, usage: Usage) -> str:
    return f"{code(' '.join(filter(None, (command, usage.words, usage.arguments))))} {usage.purpose}"


def _nothing_yet(text: str, form: str, ours: bool = True) -> Message:
    """Nothing to list: what would begin it, for our own people."""
    if not ours:
        return say(text)
    _, label = _OFFERS[form]
    return message(unmarked(text), [section(text), actions(button(label, f"{ids.OPEN_MODAL}{form}", "-"))])


def partners(found: Sequence[Partner]) -> Message:
    """The partners and their channels."""
    if not found:
        return _nothing_yet("There is no partner yet.", ids.MODAL_PARTNER)
    lines = [
        f"{strong(one.name)} {code(one.key)} – "
        + (", ".join(channel_link(channel) for channel in one.channels[:3]) or "no channel")
        + (", in Slack" if one.slack_team_id else "")
        for one in found
    ]
    return message(sentences.counted(len(found), "partner"), [section(f"*Partners*\n{bullets(lines)}")])


def certificates(partner: Partner, found: Sequence[Listed], now: datetime, ours: bool = True) -> Message:
    """A partner's certificates, the ones that end first on top."""
    if not found:
        return say(f"{strong(partner.name)} has no certificate yet. Drop its file into the partner's channel.")
    ordered = sorted(found, key=lambda one: one.certificate.not_after)
    lines = [_listed(one, now) for one in ordered]
    blocks = [
        section(f"*Certificates of* {strong(partner.name)}\n{bullets(lines, mark='')}"),
        context(
            f"{'`show NAME` shows one with its chain. ' if ours else ''}Nothing is deleted by itself, expired or not."
        ),
    ]
    return message(f"{sentences.counted(len(found), 'certificate')} of {plain(partner.name)}", blocks)


def _listed(one: Listed, now: datetime) -> str:
    if one.certificate.not_after < now:
        mark = ":no_entry:"
    else:
        mark = ":white_check_mark:" if one.verdict in cards.TRUSTED else ":warning:"
    names = [connection.name for connection in one.in_use_by]
    used = f", *in use* on {sentences.one_of(names, 3)}" if names else ""
    problem = "" if one.verdict in cards.TRUSTED else f". {phrases.VERDICTS.get(one.verdict, '')}"
    until = f"until {day(one.certificate.not_after)}, {cards.left(one.certificate, now)}"
    return f"{mark} {strong(one.entry.display_name)} – {until}{used}{problem}"


def shown(found: Shown, now: datetime, may_change: bool) -> Message:
    """One certificate in full, for the one who asked."""
    return message(f"Certificate {plain(_name(found))}", list(_shown(found, now, may_change)))


def _name(found: Shown) -> str:
    return found.entry.display_name if found.entry else cards.common_name(found.certificate)


def _shown(found: Shown, now: datetime, may_change: bool) -> Iterator[Block]:
    kind = f"certificate of {strong(found.partner.name)}" if found.partner else "CA certificate"
    used = f", *in use* on {sentences.one_of([one.name for one in found.in_use_by])}" if found.in_use_by else ""
    yield section(f":page_facing_up: {strong(_name(found))}\n{kind}{used}")
    yield cards.all_facts(found.certificate, now)
    yield section(cards.chain(found.report))
    yield from cards.other_paths(found.report)
    about = cards.names_above(found.certificate, found.report)
    yield from cards.findings(found.findings, about, unsaid={"self_signed"})
    yield cards.full_names(found.certificate)
    yield cards.more_facts(found.certificate)
    yield section(f"*SHA-256 fingerprint*\n{cards.full_fingerprint(found.certificate.sha256)}")
    if found.entry is not None:
        who_and_when = f"Uploaded by {who(found.entry.uploaded_by)} {moment(found.entry.uploaded_at)}"
        yield context(who_and_when)
    if not may_change:
        return
    if found.entry is not None:
        value = str(found.entry.id)
        offered = button("Propose switch", ids.PROPOSE, value) if found.report.verdict in cards.TRUSTED else None
        yield actions(offered, button("Rename", ids.RENAME, value), _delete(_name(found), ids.DELETE, value))
    elif found.ca is not None:
        yield actions(_delete(_name(found), ids.CA_DELETE, str(found.ca.id)))


def _delete(name: str, action_id: str, value: str) -> Block:
    text = f"{plain(name)} leaves the list. This is refused while something refers to it."
    return button("Delete", action_id, value, "danger", confirm("Delete?", text, "Delete", "danger"))


def deletion(found: Shown) -> Message:
    """The question before a deletion that was typed."""
    value = str(found.entry.id) if found.entry else str(found.ca.id) if found.ca else ""
    action = ids.DELETE if found.entry else ids.CA_DELETE
    whose = f" of {strong(found.partner.name)}" if found.partner else " of the CA list"
    text = f"Delete {strong(_name(found))}{whose} (SHA-256 `{short_fingerprint(found.certificate.sha256)}`)?"
    return message(f"Delete {plain(_name(found))}?", [section(text), actions(_delete(_name(found), action, value))])


def ca_list(found: CaListing, now: datetime) -> Message:
    """The CA list: roots that wait first, then trust anchors, intermediates and what was declined."""
    if not found.first:
        return say("The CA list is empty. Drop root and intermediate certificates into any channel that I am in.")
    titles = {
        AnchorState.REQUESTED: "*Roots waiting for a trust admin*",
        AnchorState.APPROVED: "*Trust anchors*",
        AnchorState.LINK: "*Intermediates*",
        AnchorState.DECLINED: "*Declined roots*",
    }
    blocks: list[Block] = []
    for state, title in titles.items():
        lines = [_ca_line(one, now) for one in found.first if one.ca.anchor is state]
        if lines:
            listed = bullets(lines, LINES_SHOWN, SECTION_TEXT - 100, total=found.totals[state])
            blocks.append(section(f"{title}\n{listed}"))
    return message(sentences.counted(sum(found.totals.values()), "CA certificate"), blocks)


def _ca_line(one: CaEntry, now: datetime) -> str:
    certificate = one.certificate
    name = words(cards.common_name(certificate))
    used = f"carries {sentences.counted(one.used_by, 'certificate')}" if one.used_by else "carries none"
    until = f"until {day(certificate.not_after)}, {cards.left(certificate, now)}"
    return f"{name} – {until}, {used}, `{short_fingerprint(certificate.sha256)}`"


def connections(partner: Partner, found: Sequence[ConnectionReport], now: datetime, ours: bool = True) -> Message:
    """A partner's connections."""
    if not found:
        return _nothing_yet(f"{strong(partner.name)} has no connection yet.", ids.MODAL_CONNECTION, ours)
    blocks = [section(f"*Connections of* {strong(partner.name)}")]
    blocks += [section(_connection(one, now)) for one in found[:LINES_SHOWN]]
    if found[LINES_SHOWN:]:
        blocks.append(context(f"… and {len(found) - LINES_SHOWN:,} more"))
    blocks.append(context("`connection NAME` shows one with its gateway, its last proof, and what is next."))
    return message(f"{sentences.counted(len(found), 'connection')} of {plain(partner.name)}", blocks)


def _connection(one: ConnectionReport, now: datetime) -> str:
    role = {"accepts": "the partner presents", "presents": "our gateway presents"}[one.connection.role]
    lines = [f"{code(one.connection.name, NAME_SHOWN)} – {address.shown(one.connection)}"]
    if one.current and one.certificate:
        lines.append(f"{role} {strong(one.current.display_name)}, {cards.left(one.certificate, now)}")
    else:
        lines.append(f"{role}: no certificate yet")
    lines.append(f"Choreographies: {sentences.listed([each.name for each in one.connection.choreographies], 8)}")
    if one.open_switch:
        lines.append(f":ballot_box_with_ballot: Open switch: it {sentences.state(one.open_switch.state)}")
    if one.drift:
        lines.append(drift.mark(one.drift))
    return "\n".join(lines)


def switches(
    found: Sequence[SwitchLine], scope: Partner | None, ours: bool = True, total: int | None = None
) -> Message:
    """Switches, newest first, the open ones marked with who has to decide; `total` where there are more."""
    of = f" of {strong(scope.name)}" if scope else ""
    if not found:
        return _nothing_yet(f"There is no switch{of} yet.", ids.MODAL_PROPOSE, ours)
    lines = [_switch(one) for one in found]
    return message("Switches", [section(f"*Switches*{of}\n{bullets(lines, total=total)}")])


def _switch(one: SwitchLine) -> str:
    waits = {Side.OURS: "ours", Side.PARTNER: "the partner's"}
    needs = f" ({' and '.join(waits[side] for side in one.needs)})" if one.needs else ""
    new = words(one.new_name or one.switch.to_sha256[:16])
    state = f"{timing.in_a_list(one.switch)}{needs}"
    return f"{code(one.connection.name, NAME_SHOWN)} to {new}: {state} {moment(one.switch.changed_at)}"
