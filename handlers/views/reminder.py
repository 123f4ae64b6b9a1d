"""Once more, in a line of its own: a switch still waits for somebody. It calls those who must act and nobody else."""

from collections.abc import Sequence

from bot.services.switches import Side, SwitchReport, SwitchState
from handlers.views import ends, sentences, ways
from handlers.views.blocks import Message, say
from handlers.views.text import called_upon, moment, strong, who


def render(report: SwitchReport, approvers: Sequence[str] = ()) -> Message:
    """The reminder; `approvers` are the user and group ids of who may approve for our side."""
    switch, connection = report.switch, ends.names(report)
    if _is_overdue(report):
        return _overdue(report, approvers)
    if switch.state is not SwitchState.PROPOSED or not report.needs:
        state = sentences.state(switch.state)
        return say(f":bell: The switch of {connection} waits for nobody any more: it is {state}.")
    asked = [_asked(side, report, approvers) for side in report.needs]
    due = f" It is planned for {moment(switch.due_at)}." if switch.due_at else ""
    return say(f":bell: The switch of {connection} still waits. {' '.join(asked)}{due} The buttons are above.")


def _is_overdue(report: SwitchReport) -> bool:
    """Whether this asks how an overlap ends; what was asked of a proposal came before the end of its window."""
    switch = report.switch
    is_open = switch.state is SwitchState.OVERLAP and report.connection.comes_to_us
    return is_open and bool(switch.until and switch.reminded_at and switch.reminded_at > switch.until)


def _overdue(report: SwitchReport, approvers: Sequence[str]) -> Message:
    partner, requester = strong(report.partner.name), report.switch.requested_by
    called = ", ".join(filter(None, (who(requester), called_upon(approvers, requester))))
    return say(
        f":bell: {called}: *old and new* are still accepted on {overdue(report)}, longer than agreed. {moved(report)}. "
        f"Ask {partner}, then press *Retire the old one*, or *Give up the new one* if it stays with "
        "the old. The buttons are above."
    )


def overdue(report: SwitchReport) -> str:
    """The connections whose overlap lasts longer than agreed; of one switch it is the same time for all."""
    late = (one.connection for one in report.each() if one.switch.state is SwitchState.OVERLAP)
    return sentences.one_of(one.name for one in late if one.comes_to_us)


def moved(report: SwitchReport) -> str:
    """What is known of whether the partner uses the new certificate, without its full stop."""
    return ways.first_use(report) or f"Nothing here shows whether {strong(report.partner.name)} has moved"


def _asked(side: Side, report: SwitchReport, approvers: Sequence[str]) -> str:
    if side is Side.OURS:
        decided = {one.user_id for one in report.consent.decisions}
        called = called_upon([one for one in approvers if one not in decided], report.switch.requested_by)
        return f"{called or 'Approvers'}: please approve or reject."
    partner = strong(report.partner.name)
    if report.partner.slack_team_id:
        return f"{partner}: please confirm, or tell us by telephone or mail."
    return f"{who(report.switch.requested_by)}: please ask {partner} and record its word."
