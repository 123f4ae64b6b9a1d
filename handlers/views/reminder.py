"""Once more, in a line of its own: a switch still waits for somebody. It calls those who must act and nobody else."""

from collections.abc import Sequence

from bot.services.switches import Side, SwitchReport, SwitchState
from handlers.views import ends, sentences
from handlers.views.blocks import Message, say
from handlers.views.text import called_upon, moment, strong, who


def render(report: SwitchReport, approvers: Sequence[str] = ()) -> Message:
    """The reminder; `approvers` are the user and group ids of who may approve for our side."""
    switch, connection = report.switch, ends.names(report)
    if switch.state is not SwitchState.PROPOSED or not report.needs:
        state = sentences.state(switch.state)
        return say(f":bell: The switch of {connection} waits for nobody any more: it is {state}.")
    asked = [_asked(side, report, approvers) for side in report.needs]
    due = f" It is planned for {moment(switch.due_at)}." if switch.due_at else ""
    return say(f":bell: The switch of {connection} still waits. {' '.join(asked)}{due} The buttons are above.")


def _asked(side: Side, report: SwitchReport, approvers: Sequence[str]) -> str:
    if side is Side.OURS:
        decided = {one.user_id for one in report.consent.decisions}
        called = called_upon([one for one in approvers if one not in decided], report.switch.requested_by)
        return f"{called or 'Approvers'}: please approve or reject."
    partner = strong(report.partner.name)
    if report.partner.slack_team_id:
        return f"{partner}: please confirm, or tell us by telephone or mail."
    return f"{who(report.switch.requested_by)}: please ask {partner} and record its word."
