"""Where a switch happens: its connections, what runs over each, what each endpoint presents, how each one stands."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bot.services.switches import SwitchMode, SwitchReport, SwitchState
from handlers.views import address, sentences, timing
from handlers.views.blocks import Block, section
from handlers.views.limits import NAME_SHOWN, SECTION_TEXT
from handlers.views.text import code, moment
from handlers.views.timing import sighted
from handlers.views.values import Role

MARKS: Mapping[SwitchState, str] = {
    SwitchState.PROPOSED: ":ballot_box_with_ballot:",
    SwitchState.APPROVED: ":hourglass_flowing_sand:",
    SwitchState.SCHEDULED: ":hourglass_flowing_sand:",
    SwitchState.SWITCHING: ":hourglass_flowing_sand:",
    SwitchState.OVERLAP: ":hourglass_flowing_sand:",
    SwitchState.PROVEN: ":white_check_mark:",
    SwitchState.REJECTED: ":no_entry:",
    SwitchState.CANCELLED: ":heavy_minus_sign:",
    SwitchState.EXPIRED: ":heavy_minus_sign:",
    SwitchState.ROLLED_BACK: ":leftwards_arrow_with_hook:",
    SwitchState.FAILED: ":rotating_light:",
}
PARTNER_LEADS = frozenset({SwitchMode.FIRST_SEEN, SwitchMode.OVERLAP})
_CHOREOGRAPHIES_SHOWN = 12
_CONNECTIONS_SHOWN = 4  # in a headline
_ROOM = SECTION_TEXT - 600  # beside when it happens
_UNDECIDED = frozenset({SwitchState.PROPOSED})
_WATCHED = frozenset({SwitchState.PROPOSED, SwitchState.SCHEDULED, SwitchState.OVERLAP})


def names(report: SwitchReport, alike: bool = False) -> str:
    """The connections in a line; `alike`: those alone that came to the same by the same decision."""
    every = [one for one in report.each() if not alike or _ended_together(one, report)]
    shown = ", ".join(code(one.connection.name, NAME_SHOWN) for one in every[:_CONNECTIONS_SHOWN])
    left = len(every) - _CONNECTIONS_SHOWN
    return f"{shown} and {left:,} more" if left > 0 else shown


def headline(report: SwitchReport) -> tuple[str, str]:
    """Mark and state in words; where several connections ended in different ways, each has its own line."""
    states = {one.switch.state for one in report.each()}
    if len(states) > 1 and not any(state.is_open for state in states):
        return ":information_source:", "over, but not the same everywhere"
    return MARKS[report.switch.state], sentences.state(report.switch.state)


def _ended_together(one: SwitchReport, report: SwitchReport) -> bool:
    return (one.switch.state, one.switch.changed_at) == (report.switch.state, report.switch.changed_at)


def standing(report: SwitchReport, settles_after: timedelta) -> Iterator[Block]:
    """How it stands, once it is decided; of several connections this is about the one that is named."""
    name = f"{code(report.connection.name, NAME_SHOWN)}: " if report.together else ""
    for block in timing.standing(report, settles_after):
        yield section(f"{name}{block['text']['text']}")


def render(report: SwitchReport) -> str:
    """Choreographies and endpoint; of several connections each with its state, and shorter where it gets too long."""
    if not report.together:
        return f"{_choreographies(report)}\n{_endpoint(report)}"
    head = f"*{len(report.together):,} connections* of one decision, each switched and proven for itself:"
    whole = [f"{_how_it_stands(one)}\n{_choreographies(one)}\n{_endpoint(one)}" for one in report.each()]
    if sum(map(len, whole)) > _ROOM:
        whole = [_how_it_stands(one) for one in report.each()]
    return "\n".join([head, *whole])


def outcomes(report: SwitchReport) -> str:
    """Of several connections, how each one ended: lines to follow others."""
    return "".join(f"\n{_how_it_stands(one)}" for one in report.each()) if report.together else ""


def _how_it_stands(one: SwitchReport) -> str:
    state = one.switch.state
    return f"{MARKS[state]} {code(one.connection.name, NAME_SHOWN)}: *{sentences.state(state)}*"


def _choreographies(report: SwitchReport) -> str:
    runs = [one.name for one in report.connection.choreographies]
    if not runs:
        return "*Choreographies:* none is registered for this connection"
    return f"*Choreographies:* {sentences.listed(runs, _CHOREOGRAPHIES_SHOWN)}"


def _endpoint(report: SwitchReport) -> str:
    end = address.shown(report.connection)
    if report.connection.comes_to_us:
        return f"*Endpoint:* {end}, so what it presents is seen at our gateway alone"
    looked_at = _WATCHED if report.together else _UNDECIDED
    if report.switch.state not in looked_at:
        return f"*Endpoint:* {end}"
    return f"*Endpoint:* {end} presents now: {_sight(report)}"


def _sight(report: SwitchReport) -> str:
    """What the endpoint presents now, as `bot.services.sightings` keeps it."""
    seen = report.switch.observed
    if not seen:
        return ":hourglass_flowing_sand: checking…"
    at = _moment_of(seen.get("at"))
    sha256 = seen.get("sha256")
    if not isinstance(sha256, str):
        return f":warning: nothing: {sentences.handshake(str(seen.get('verdict')))} {at}"
    if sha256 == report.switch.to_sha256:
        return f":white_check_mark: the *new* certificate already {at}"
    if sha256 == report.switch.from_sha256:
        follows = _LEADS if report.switch.mode in PARTNER_LEADS else _FOLLOWS[report.connection.role]
        return f"the certificate *in use* {at}. {follows}"
    return f":warning: *another* certificate, {sighted(seen)} {at}"


_LEADS = "The partner puts the new one live when it suits; nobody has to wait for the same minute."
_FOLLOWS: Mapping[Role, str] = {
    Role.ACCEPTS: "For the switch to hold, the partner has to put the new one live.",
    Role.PRESENTS: "The gateway puts the new one live with the switch.",
}


def _moment_of(value: object) -> str:
    try:
        return f"({moment(datetime.fromisoformat(str(value)))})"
    except ValueError:
        return ""
