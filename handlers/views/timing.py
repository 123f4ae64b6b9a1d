"""When a switch happens, and how one that waits for its moment stands: the same words in proposals, lists and forms."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bot.services.switches import SwitchMode, SwitchReport, SwitchState
from handlers.views import sentences, ways
from handlers.views.blocks import Block, section
from handlers.views.text import NOTHING, moment, short_fingerprint, strong
from handlers.views.values import Switch

MODES: Mapping[SwitchMode, tuple[str, str]] = {
    SwitchMode.NOW: ("Now", "Right after the last approval."),
    SwitchMode.AT: ("At a time", "By itself, at a moment that both sides agree on."),
    SwitchMode.FIRST_SEEN: ("When first seen", "By itself, once the partner has moved."),
    SwitchMode.OVERLAP: ("Overlap", "Both are accepted until the partner has moved."),
}
"""Each mode by its name, and what it does in one line of an option (75 characters)."""

SHORTLY: Mapping[SwitchMode, str] = {
    SwitchMode.NOW: "right after the last approval",
    SwitchMode.AT: "at the agreed moment",
    SwitchMode.FIRST_SEEN: "when the partner's endpoint is first seen with the new certificate",
    SwitchMode.OVERLAP: "right after the last approval, and old and new are both accepted until the partner has moved",
}
"""The same for the middle of a sentence in plain words."""


def agreed(switch: Switch, settles_after: timedelta) -> str:
    """When it happens, for those who decide; dates are shown in each reader's own zone."""
    until = moment(switch.until) if switch.until else NOTHING
    match switch.mode:
        case SwitchMode.NOW:
            return "*When:* right after the last approval"
        case SwitchMode.AT:
            due = moment(switch.due_at) if switch.due_at else NOTHING
            return f"*When:* {due}, or right after the last approval if that comes later"
        case SwitchMode.FIRST_SEEN:
            return (
                "*When:* as soon as the endpoint presents the new certificate. If it does not by "
                f"{until}, nothing is changed"
            )
        case SwitchMode.OVERLAP if _is_unseen(switch):
            return (
                "*When:* right after the last approval, *beside* the old one. That one is retired by a click; if "
                f"nobody has decided by {until}, both stay accepted, and people are asked"
            )
        case SwitchMode.OVERLAP:
            return (
                "*When:* right after the last approval, *beside* the old one. That one is retired by a click, or once "
                f"only the new one has been seen for {span(settles_after)}; if neither happens by {until}, the new one "
                "is given up"
            )


def standing(report: SwitchReport, settles_after: timedelta) -> Iterator[Block]:
    """How a switch stands that is decided and not over."""
    switch = report.switch
    if switch.state is SwitchState.SWITCHING:
        yield section(f":hourglass_flowing_sand: {_switching(switch)}")
    elif switch.state is SwitchState.SCHEDULED and switch.mode is SwitchMode.AT and switch.due_at:
        yield section(f":alarm_clock: It switches by itself {moment(switch.due_at)}.")
    elif switch.state is SwitchState.SCHEDULED:
        until = f" until {moment(switch.until)}" if switch.until else ""
        yield section(
            f":eyes: The endpoint is looked at every few seconds{until}. {_presents(switch)} "
            "It switches by itself when the new one is seen."
        )
    elif switch.state is SwitchState.OVERLAP:
        used = ways.first_use(report)
        yield section("\n".join([*_overlap(switch, settles_after), *([f"{used}."] if used else [])]))


def _switching(switch: Switch) -> str:
    if switch.outcome.get("undo") and not switch.outcome.get("retiring"):
        return f"The old state comes back, and {_proven_by(switch)} it."
    if switch.outcome.get("retiring"):
        return f"The old certificate is retired, and {_proven_by(switch)} that the new one does alone."
    if switch.mode is SwitchMode.OVERLAP:
        return f"The gateway gets the new certificate beside the old one, and {_proven_by(switch)} it."
    return f"The gateway gets the new certificate and {_proven_by(switch)} it."


def _proven_by(switch: Switch) -> str:
    return "its own report proves" if _is_unseen(switch) else "fresh handshakes prove"


def _is_unseen(switch: Switch) -> bool:
    """Whether the partner comes to us: there is no endpoint to look at."""
    return switch.observed.get("verdict") == "no_endpoint"


def _overlap(switch: Switch, settles_after: timedelta) -> Iterator[str]:
    since = _moment_of(switch.outcome.get("since"))
    yield f":twisted_rightwards_arrows: The gateway accepts *old and new*{f' since {moment(since)}' if since else ''}."
    yield from _how_it_ends(switch, settles_after)
    trouble = switch.outcome.get("trouble")
    if isinstance(trouble, dict):
        yield f":warning: The old one could not be retired, so both are accepted again: {_trouble(trouble)}"


def _how_it_ends(switch: Switch, settles_after: timedelta) -> Iterator[str]:
    until, new_since = switch.until, _moment_of(switch.outcome.get("new_since"))
    if _is_unseen(switch):
        yield "The partner comes to us, so the old one is retired by a click: when the partner says that it has moved."
        if until:
            yield f"If nobody has decided by {moment(until)}, both stay accepted, and I ask here again and again."
        return
    if new_since:
        yield (
            f"Only the *new* one is seen since {moment(new_since)}: the old one is retired by itself at about "
            f"{moment(min(filter(None, (new_since + settles_after, until))))}."
        )
    else:
        yield (
            f"{_presents(switch)} The old one is retired by itself when only the new one has been seen for "
            f"{span(settles_after)}."
        )
    if until and new_since:
        yield f"Should the endpoint turn back to the old one, the new one is given up {moment(until)}."
    elif until:
        yield f"If that does not happen by {moment(until)}, the new one is given up."


def _trouble(trouble: Mapping[str, object]) -> str:
    code, seen = str(trouble.get("code") or ""), trouble.get("seen")
    if code == "not_proven":
        found = f", but {sighted(seen)}" if isinstance(seen, dict) and seen.get("sha256") else ""
        return f"the endpoint was not seen with the new one{found}."
    return ways.why(code) or sentences.obstacle(code)


def _presents(switch: Switch) -> str:
    """What was seen last; the store keeps since when."""
    seen = switch.observed
    at = _moment_of(seen.get("at"))
    since = f"Since {moment(at)} it" if at else "It"
    sha256 = seen.get("sha256")
    if not seen:
        return "It was not looked at yet."
    if not isinstance(sha256, str):
        return f"{since} presents nothing: {sentences.handshake(str(seen.get('verdict')))}."
    if sha256 == switch.to_sha256:
        return f"{since} presents the *new* one."
    if sha256 == switch.from_sha256:
        return f"{since} presents the one *in use*."
    return f"{since} presents *another* one, {sighted(seen)}."


def sighted(seen: Mapping[str, object]) -> str:
    """A certificate that an endpoint presented: by its name in the list, or by its subject; with its fingerprint."""
    name = str(seen.get("display_name") or sentences.called(str(seen.get("subject") or "")))
    return f"{strong(name)} (SHA-256 `{short_fingerprint(str(seen.get('sha256') or ''))}`)"


def in_a_list(switch: Switch) -> str:
    """The state of a switch in a line of a list, with its moment where it has one to wait for."""
    state = f"*{sentences.state(switch.state)}*"
    if switch.state not in {SwitchState.PROPOSED, SwitchState.SCHEDULED}:
        return state
    match switch.mode:
        case SwitchMode.AT if switch.due_at:
            return f"{state}, planned for {moment(switch.due_at)}"
        case SwitchMode.FIRST_SEEN:
            return f"{state}, happens when the new one is first seen"
        case SwitchMode.OVERLAP:
            return f"{state}, by overlap"
        case _:
            return state


def span(length: timedelta) -> str:
    """A length of time: "10 minutes", "90 seconds"."""
    seconds = length.total_seconds()
    if seconds < 120:
        return sentences.counted(round(seconds), "second")
    return sentences.counted(round(seconds / 60), "minute")


def _moment_of(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None
