"""The proposal of a switch, updated in place through its whole life; once it is over, it shrinks to a summary."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.services.overlaps import SETTLES_AFTER
from bot.services.switches import Side, SwitchReport, SwitchState
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import comparison, ends, sentences, timing
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, section
from handlers.views.comparison import new_name, old_name
from handlers.views.limits import REASON_SHOWN
from handlers.views.text import called_upon, code, moment, plain, quote, strong, who, words
from handlers.views.values import Approval, Role, Severity

_SEEN_IN_THE_TABLE = frozenset({"changed_issuer", "changed_key", "self_signed"})
_CANCELLABLE = frozenset({SwitchState.PROPOSED, SwitchState.APPROVED, SwitchState.SCHEDULED})


def render(
    report: SwitchReport, now: datetime, approvers: Sequence[str] = (), settles_after: timedelta = SETTLES_AFTER
) -> Message:
    """The proposal as it stands. `approvers` are the user and group ids of who may approve for our side.

    `settles_after`: after an overlap's new certificate has been seen for so long, the old one is retired.
    """
    blocks = _open(report, now, approvers, settles_after) if report.switch.state.is_open else _over(report)
    names = ", ".join(plain(one.connection.name) for one in report.each())
    return message(f"Switch of {names}: {ends.headline(report)[1]}", list(blocks))


def _open(report: SwitchReport, now: datetime, approvers: Sequence[str], settles_after: timedelta) -> Iterator[Block]:
    switch = report.switch
    yield section(
        f"{_subject(report)} to {strong(new_name(report))}: *{sentences.state(switch.state)}*\n{quote(switch.reason)}"
    )
    # A mention in a first post notifies, and who proposed has nothing to do: the update with the sighting names them.
    by = f" by {who(switch.requested_by)}" if switch.observed else ""
    undoes = [f"Takes back the switch {code(switch.undoes)}"] if switch.undoes else []
    yield context(f"Proposed{by} {moment(switch.requested_at)}", *undoes)
    yield from ends.standing(report, settles_after)
    yield from comparison.render(report, now)
    when = f"{timing.agreed(switch, settles_after)}\n" if switch.state is SwitchState.PROPOSED else ""
    yield section(f"{when}{ends.render(report)}")
    about = {one.sha256: cards.common_name(one) for one in report.chain.path[1:]}
    yield from cards.findings(report.findings, about, _SEEN_IN_THE_TABLE, Severity.WARNING)
    yield section(f"*Approvals*\n{_ours(report, approvers)}\n{_theirs(report)}")
    yield from _buttons(report)


def _over(report: SwitchReport) -> Iterator[Block]:
    """What, from what to what, and who decided; the handshakes are in the reply that proves it."""
    switch = report.switch
    old = f"{words(name)} → " if (name := old_name(report)) else ""
    yield section(
        f"{_subject(report)}: *{ends.headline(report)[1]}* {moment(switch.changed_at)}\n"
        f"{old}{strong(new_name(report))}\n{quote(switch.reason)}{ends.outcomes(report)}"
    )
    given = [_given(one, report) for side in Side for one in _decisions(report, side)]
    yield context(f"Proposed by {who(switch.requested_by)} {moment(switch.requested_at)}", *given)


def _subject(report: SwitchReport) -> str:
    return f"{ends.headline(report)[0]} *Switch* of {ends.names(report)} ({words(report.partner.name)})"


def _decisions(report: SwitchReport, side: Side) -> list[Approval]:
    return [one for one in report.consent.decisions if one.side is side]


def _ours(report: SwitchReport, approvers: Sequence[str]) -> str:
    decided = _decisions(report, Side.OURS)
    lines = [_given(one, report) for one in decided]
    if Side.OURS in report.needs:
        wanted, lacks = report.consent.wanted(Side.OURS), report.consent.lacks(Side.OURS)
        count = f" ({lacks} of {wanted} still needed)" if wanted > 1 and lacks else ""
        done = {one.user_id for one in decided}
        called = called_upon([one for one in approvers if one not in done], report.switch.requested_by)
        but = "not the one who proposed it" if not decided else "none of those, nor the one who proposed it"
        lines.append(f":white_large_square: *Ours*{count}: {called or 'an approver'}, but {but}")
    return "\n".join(lines) or ":heavy_minus_sign: *Ours*: not given"


def _theirs(report: SwitchReport) -> str:
    side = strong(report.partner.name)
    decided = _decisions(report, Side.PARTNER)
    if decided:
        return "\n".join(_given(one, report) for one in decided)
    if not report.consent.wanted(Side.PARTNER):
        return f":heavy_minus_sign: {side}: need not confirm"
    if Side.PARTNER not in report.needs:
        return f":heavy_minus_sign: {side}: not given"
    if report.partner.slack_team_id:
        return f":white_large_square: {side}: one of its people confirms, or one of us records its word"
    return f":white_large_square: {side}: not in Slack, so one of us records its word"


def _given(given: Approval, report: SwitchReport) -> str:
    name = "*Ours*" if given.side is Side.OURS else strong(report.partner.name)
    mark = ":white_check_mark:" if given.approved else ":no_entry:"
    if given.word_name and given.word_at:
        by = f" ({words(given.word_channel)})" if given.word_channel else ""
        word = f"word of {words(given.word_name)}{by} {moment(given.word_at)}"
        return f"{mark} {name}: {word}, recorded by {who(given.user_id)}"
    if given.approved:
        return f"{mark} {name}: {who(given.user_id)} {moment(given.at)}"
    reason = f": {words(given.reason, REASON_SHOWN)}" if given.reason else ""
    return f"{mark} {name}: rejected by {who(given.user_id)} {moment(given.at)}{reason}"


def _buttons(report: SwitchReport) -> Iterator[Block]:
    value, state = report.switch.public_id, report.switch.state
    details = button("Details", ids.SWITCH_DETAILS, value)
    sheet = button("Sheet for the partner", ids.SWITCH_SHEET, value)
    if state is SwitchState.OVERLAP:
        yield actions(
            button("Retire the old one", ids.SWITCH_RETIRE, value, "primary", _SURE_TO_RETIRE),
            button("Give up the new one", ids.SWITCH_ABANDON, value, "danger", _SURE_TO_ABANDON),
            details,
        )
    if state not in _CANCELLABLE:
        return
    cancel = button("Cancel", ids.SWITCH_CANCEL, value, confirm=_SURE_TO_CANCEL)
    if state is not SwitchState.PROPOSED:
        yield actions(cancel, details, sheet)
        return
    ours, theirs = Side.OURS in report.needs, Side.PARTNER in report.needs
    label = f"Confirm for {report.partner.name}"
    sure = _sure_to_confirm(report)
    yield actions(
        button("Approve", ids.SWITCH_APPROVE, value, "primary", _sure_to_approve(report)) if ours else None,
        button(label, ids.SWITCH_CONFIRM, value, "primary", sure) if theirs and report.partner.slack_team_id else None,
        button("Record the partner's word", ids.SWITCH_WORD, value) if theirs else None,
        button("Reject", ids.SWITCH_REJECT, value, "danger"),
        cancel,
        details,
        sheet,
    )


def _sure_to_confirm(report: SwitchReport) -> Block:
    switch = report.switch
    ready = {
        Role.ACCEPTS: "the new certificate is yours, and your endpoint presents it when the switch begins",
        Role.PRESENTS: "your side accepts our new certificate when the switch begins",
    }[report.connection.role]
    if switch.mode in ends.PARTNER_LEADS:
        ready = "the new certificate is yours, and you put it live when it suits you"
    text = f"For {plain(report.partner.name)}: {ready}. The switch happens {timing.SHORTLY[switch.mode]}."
    return confirm("Confirm this switch?", text, "Confirm")


def _sure_to_approve(report: SwitchReport) -> Block:
    return confirm(
        "Approve this switch?",
        "You looked at the new certificate, its chain and the choreographies that get it. The gateway is switched "
        f"{timing.SHORTLY[report.switch.mode]}; real handshakes prove it.",
        "Approve",
    )


_SURE_TO_CANCEL = confirm(
    "Cancel this switch?", "The proposal is taken back. Nothing is changed.", "Cancel the switch", "danger"
)
_SURE_TO_RETIRE = confirm(
    "Retire the old certificate?",
    "The gateway accepts the new one alone from now on, and fresh handshakes prove it. If they do not, both are "
    "accepted again.",
    "Retire it",
)
_SURE_TO_ABANDON = confirm(
    "Give up the new certificate?",
    "The gateway accepts the old one alone again. Whoever presents the new one is refused.",
    "Give it up",
    "danger",
)
