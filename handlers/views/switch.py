"""The proposal of a switch, updated in place through its whole life: old against new, and who has to decide."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.services.switches import Side, SwitchReport, SwitchState
from handlers import ids
from handlers.views import certificate as cards
from handlers.views import sentences
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, section, table
from handlers.views.limits import DN_SHOWN, NAME_SHOWN, REASON_SHOWN, SECTION_TEXT, URL_SHOWN
from handlers.views.text import NOTHING, bullets, code, moment, plain, short_fingerprint, strong, utc_day, who
from handlers.views.values import Approval, Certificate

_MARKS: Mapping[SwitchState, str] = {
    SwitchState.PROPOSED: ":ballot_box_with_ballot:",
    SwitchState.APPROVED: ":hourglass_flowing_sand:",
    SwitchState.SCHEDULED: ":hourglass_flowing_sand:",
    SwitchState.SWITCHING: ":hourglass_flowing_sand:",
    SwitchState.PROVEN: ":white_check_mark:",
    SwitchState.REJECTED: ":no_entry:",
    SwitchState.CANCELLED: ":heavy_minus_sign:",
    SwitchState.EXPIRED: ":heavy_minus_sign:",
    SwitchState.ROLLED_BACK: ":leftwards_arrow_with_hook:",
    SwitchState.FAILED: ":rotating_light:",
}
_SEEN_IN_THE_TABLE = frozenset({"changed_issuer"})
_CHOREOGRAPHIES_SHOWN = 12
_CANCELLABLE = frozenset({SwitchState.PROPOSED, SwitchState.APPROVED, SwitchState.SCHEDULED})


def render(report: SwitchReport, now: datetime) -> Message:
    """The proposal as it stands."""
    blocks = [section(_title(report)), _comparison(report, now), section(_touched(report))]
    if report.switch.state is SwitchState.PROPOSED:
        blocks.append(section(_sight(report)))
    about = {one.sha256: cards.common_name(one) for one in report.chain.path[1:]}
    found = cards.findings(report.findings, about, _SEEN_IN_THE_TABLE)
    if found:
        blocks.append(section(f"*To know about the new certificate*\n{found}"))
    blocks.append(section(_decisions(report)))
    blocks += _buttons(report)
    name = plain(report.connection.name)
    return message(f"Switch of {name}: {sentences.state(report.switch.state)}", blocks)


def new_name(report: SwitchReport) -> str:
    """The new certificate's display name, or whose it is where the list entry has gone."""
    return report.new.display_name if report.new else cards.common_name(report.new_certificate)


def _title(report: SwitchReport) -> str:
    switch = report.switch
    word = sentences.state(switch.state)
    return (
        f"{_MARKS[switch.state]} *Switch* of {code(report.connection.name, NAME_SHOWN)} ({strong(report.partner.name)})"
        f" to {code(new_name(report), NAME_SHOWN)}: *{word}*\n"
        f"Proposed by {who(switch.requested_by)} {moment(switch.requested_at)}\n"
        f"Reason: {code(switch.reason, REASON_SHOWN)}"
    )


def _comparison(report: SwitchReport, now: datetime) -> Block:
    old, new = report.old_certificate, report.new_certificate
    old_name = report.old.display_name if report.old else cards.common_name(old) if old else "none"
    rows = [["", "In use" if report.switch.state.is_open else "Before", "New"], ["Name", old_name, new_name(report)]]
    rows += [[label, read(old, now) if old else NOTHING, read(new, now)] for label, read in _ROWS]
    return table([[plain(cell, DN_SHOWN) if cell else NOTHING for cell in row] for row in rows])


def _validity(certificate: Certificate, now: datetime) -> str:
    left = (certificate.not_after - now).days
    state = f"{left:,} days left" if certificate.not_after >= now else "expired"
    return f"{utc_day(certificate.not_before)} to {utc_day(certificate.not_after)} UTC, {state}"


_ROWS = (
    ("Owner", lambda one, _now: one.subject.rfc4514),
    ("Issuer", lambda one, _now: "itself (self-signed)" if one.self_signed else one.issuer.rfc4514),
    ("Valid", _validity),
    ("Key", lambda one, _now: one.key.text),
    ("Names", lambda one, _now: ", ".join(one.san[:5]) or NOTHING),
    ("SHA-256", lambda one, _now: short_fingerprint(one.sha256)),
)


def _touched(report: SwitchReport) -> str:
    names = [
        code(one.name, NAME_SHOWN) + (f"  {code(one.description, NAME_SHOWN)}" if one.description else "")
        for one in report.connection.choreographies
    ]
    end = code(report.connection.uri, URL_SHOWN)
    if not names:
        return f"*Endpoint* {end}\nNo choreography is registered for this connection."
    listed = bullets(names, _CHOREOGRAPHIES_SHOWN, SECTION_TEXT // 2)
    title = "Choreographies that will get it" if report.switch.state.is_open else "Choreographies"
    return f"*Endpoint* {end}\n*{title}*\n{listed}"


def _sight(report: SwitchReport) -> str:
    """What the endpoint presents now, as `bot.services.sightings` keeps it."""
    seen = report.switch.observed
    if not seen:
        return "*The endpoint presents now*\n:hourglass_flowing_sand: checking…"
    at = _moment_of(seen.get("at"))
    sha256 = seen.get("sha256")
    if not isinstance(sha256, str):
        return f"*The endpoint presents now*\n:warning: nothing: {sentences.handshake(str(seen.get('verdict')))} {at}"
    if sha256 == report.switch.to_sha256:
        text = ":white_check_mark: the *new* certificate already"
    elif sha256 == report.switch.from_sha256:
        text = (
            ":information_source: the certificate *in use*; the partner has to put the new one live for the switch "
            "to hold"
        )
    else:
        text = f":warning: *another* certificate: {sighted(seen)}"
    return f"*The endpoint presents now*\n{text} {at}"


def sighted(seen: Mapping[str, object]) -> str:
    """A certificate that an endpoint presented: by its name in the list, or by its subject; with its fingerprint."""
    name = seen.get("display_name") or seen.get("subject") or ""
    return f"{code(str(name), DN_SHOWN)} (SHA-256 `{short_fingerprint(str(seen.get('sha256') or ''))}`)"


def _moment_of(value: object) -> str:
    try:
        return f"({moment(datetime.fromisoformat(str(value)))})"
    except ValueError:
        return ""


def _decisions(report: SwitchReport) -> str:
    return f"*Approvals*\n{_ours(report)}\n{_theirs(report)}"


def _ours(report: SwitchReport) -> str:
    given = report.approvals.get(Side.OURS)
    if given:
        return _given("Ours", given)
    if Side.OURS in report.needs:
        return f":black_square_button: *Ours*: an approver other than {who(report.switch.requested_by)}"
    return "*Ours*: not given"


def _theirs(report: SwitchReport) -> str:
    given = report.approvals.get(Side.PARTNER)
    side = strong(report.partner.name)
    if given:
        return _given(side, given)
    if Side.PARTNER not in report.needs:
        return f"{side}: not given"
    if report.partner.slack_team_id:
        wanted = "one of the partner's people presses Confirm, or one of us records their word"
    else:
        wanted = "the partner is not in Slack, so one of us records their word"
    return f":black_square_button: {side}: {wanted}"


def _given(side: str, given: Approval) -> str:
    mark = ":white_check_mark:" if given.approved else ":no_entry:"
    side = side if side.startswith(("*", "`")) else f"*{side}*"
    if given.word_name and given.word_at:
        word = f"word of {code(given.word_name, NAME_SHOWN)} by {code(given.word_channel or '', NAME_SHOWN)}"
        return f"{mark} {side}: {word} {moment(given.word_at)}, recorded by {who(given.user_id)}"
    reason = f": {code(given.reason, REASON_SHOWN)}" if given.reason else ""
    verb = "" if given.approved else "rejected by "
    return f"{mark} {side}: {verb}{who(given.user_id)} {moment(given.at)}{reason}"


def _buttons(report: SwitchReport) -> Iterator[Block]:
    value = report.switch.public_id
    if report.switch.state not in _CANCELLABLE:
        return
    cancel = button("Cancel", ids.SWITCH_CANCEL, value, confirm=_SURE_TO_CANCEL)
    if report.switch.state is not SwitchState.PROPOSED:
        yield actions(cancel)
        return
    theirs = Side.PARTNER in report.needs
    can_confirm = theirs and report.partner.slack_team_id is not None
    yield actions(
        button("Approve", ids.SWITCH_APPROVE, value, "primary", _SURE_TO_APPROVE)
        if Side.OURS in report.needs
        else None,
        button(f"Confirm for {report.partner.name}", ids.SWITCH_CONFIRM, value, "primary") if can_confirm else None,
        button("Record the partner's word", ids.SWITCH_WORD, value) if theirs else None,
        button("Reject", ids.SWITCH_REJECT, value, "danger"),
        cancel,
    )
    yield context("After the last approval the gateway is switched and the switch is proven by a real handshake.")


_SURE_TO_APPROVE = confirm(
    "Approve this switch?",
    "You looked at the new certificate, its chain and the choreographies that get it. The switch begins after both "
    "approvals.",
    "Approve",
)
_SURE_TO_CANCEL = confirm(
    "Cancel this switch?", "The proposal is taken back. Nothing is changed.", "Cancel the switch", "danger"
)
