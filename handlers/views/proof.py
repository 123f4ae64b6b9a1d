"""The outcome of a switch, as a reply in its thread: the handshakes that prove it, or what was seen instead."""

from collections.abc import Iterator, Mapping, Sequence

from bot.services.switches import SwitchReport, SwitchState
from handlers.views import phrases, sentences
from handlers.views.blocks import Block, Message, context, message, say, section
from handlers.views.limits import NAME_SHOWN, REASON_SHOWN, SECTION_TEXT, URL_SHOWN
from handlers.views.switch import new_name, sighted
from handlers.views.text import NOTHING, bullets, code, moment, plain, short_fingerprint, strong, who
from handlers.views.values import Proof

_PROOFS_SHOWN = 12
MATCHED = "matched"
NOT_PROVEN = "not_proven"


def render(report: SwitchReport) -> Message:
    """The outcome; before there is one, the state."""
    state = report.switch.state
    if state is SwitchState.PROVEN:
        return message(f"Proven: {plain(report.connection.name)}", list(_proven(report)))
    if state is SwitchState.ROLLED_BACK:
        return message(f"Rolled back: {plain(report.connection.name)}", list(_rolled_back(report)))
    if state is SwitchState.FAILED:
        return message(f"Failed: {plain(report.connection.name)}", list(_failed(report)))
    return say(_decided(report))


def _decided(report: SwitchReport) -> str:
    outcome = report.switch.outcome
    requester, connection = who(report.switch.requested_by), code(report.connection.name, NAME_SHOWN)
    by = who(str(outcome.get("by") or ""))
    if report.switch.state is SwitchState.REJECTED:
        reason = code(str(outcome.get("reason") or ""), REASON_SHOWN)
        return f":no_entry: {requester} The switch of {connection} was *rejected* by {by}. Reason: {reason}"
    if report.switch.state is SwitchState.CANCELLED:
        return f":heavy_minus_sign: The switch of {connection} was *cancelled* by {by}. Nothing was changed."
    if report.switch.state is SwitchState.EXPIRED:
        why = sentences.obstacle(str(outcome.get("code") or ""))
        return f":heavy_minus_sign: {requester} The switch of {connection} has *expired*. {why}"
    return f":hourglass_flowing_sand: The switch of {connection} is {sentences.state(report.switch.state)}."


def _proven(report: SwitchReport) -> Iterator[Block]:
    yield section(
        f":white_check_mark: *Proven*: {code(report.connection.name, NAME_SHOWN)} ({strong(report.partner.name)}) "
        f"runs with {code(new_name(report), NAME_SHOWN)} now. Fresh handshakes with what the gateway holds:"
    )
    proofs = _latest(report.proofs_for("switch"))
    yield section(bullets([_matched(one) for one in proofs], _PROOFS_SHOWN))
    yield context(
        f"Endpoint {code(report.connection.uri, URL_SHOWN)}, SHA-256 `{short_fingerprint(report.switch.to_sha256)}`"
    )


def _rolled_back(report: SwitchReport) -> Iterator[Block]:
    yield section(
        f":leftwards_arrow_with_hook: {who(report.switch.requested_by)} *Rolled back*: "
        f"{code(report.connection.name, NAME_SHOWN)} ({strong(report.partner.name)}) was *not* switched to "
        f"{code(new_name(report), NAME_SHOWN)}."
    )
    yield from _seen_instead(report)
    yield section(_restored(report))
    yield section(f"*What to do*\n{_to_do(report)}")


def _failed(report: SwitchReport) -> Iterator[Block]:
    outcome = report.switch.outcome
    connection = code(report.connection.name, NAME_SHOWN)
    lead = f":rotating_light: {who(report.switch.requested_by)} *Failed*: "
    if outcome.get("phase") == "begin":
        yield section(f"{lead}the switch of {connection} could not begin. Nothing was changed.")
        yield section(f"*What to do*\n{_why(outcome)}")
        return
    yield section(f"{lead}{connection} could not be brought back to its old state. *Look at the gateway now.*")
    yield from _seen_instead(report)
    why = _word(outcome.get("restore_code")) or "The gateway did not restore the old certificate."
    yield section(f"*What to do*\n{why} Put the old files back by hand.")


def _seen_instead(report: SwitchReport) -> Iterator[Block]:
    outcome = report.switch.outcome
    proofs = _latest(report.proofs_for("switch"))
    if outcome.get("code") != NOT_PROVEN:
        yield section(f"*What happened*\n{_why(outcome)}{_gateway_data(outcome.get('data'))}")
    if proofs:
        yield section(f"*What was seen*\n{bullets([_seen(one) for one in proofs], _PROOFS_SHOWN, SECTION_TEXT - 100)}")


def _restored(report: SwitchReport) -> str:
    proofs = _latest(report.proofs_for("restore"))
    if report.switch.outcome.get("restore_proven"):
        if not proofs:
            return "*Old state*\n:white_check_mark: the gateway holds what it held before"
        count = "a fresh handshake" if len(proofs) == 1 else f"{len(proofs)} fresh handshakes"
        return f"*Old state*\n:white_check_mark: restored, and proven by {count} {moment(proofs[-1].at)}"
    listed = bullets([_seen(one) for one in proofs if one.verdict != MATCHED], 5, SECTION_TEXT // 2)
    return f"*Old state*\n:warning: the gateway holds the old certificate again, but no handshake proves it\n{listed}"


def _to_do(report: SwitchReport) -> str:
    if report.switch.outcome.get("code") != NOT_PROVEN:
        return "Put right what is said above, then propose the switch again."
    wrong = [one.verdict for one in _latest(report.proofs_for("switch")) if one.verdict != MATCHED]
    return "\n".join(dict.fromkeys(sentences.remedy(verdict) for verdict in wrong)) or sentences.remedy("")


def _why(outcome: Mapping[str, object]) -> str:
    reason = str(outcome.get("code") or "")
    return _word(reason) or sentences.obstacle(reason)


def _word(reason: object) -> str | None:
    word = phrases.GATEWAY.get(str(reason or ""))
    return f"{word[0].upper()}{word[1:]}." if word else None


def _gateway_data(data: object) -> str:
    """What the gateway said with it, such as the output of a reload command."""
    if not isinstance(data, dict) or not data:
        return ""
    facts = [f"{plain(str(name))} {code(str(value), NAME_SHOWN)}" for name, value in list(data.items())[:4]]
    return f"\n{', '.join(facts)}"


def _latest(proofs: Sequence[Proof]) -> list[Proof]:
    """The last try for each choreography; earlier tries stay in the audit."""
    return list({one.choreography: one for one in proofs}.values())


def _matched(proof: Proof) -> str:
    parts = [proof.protocol or "", f"{proof.duration_ms:,} ms", str(proof.detail.get("answer") or "")]
    shown = ", ".join(code(part, NAME_SHOWN) for part in parts if part)
    return f":white_check_mark: {_over(proof)}: presented as pinned, {shown} {moment(proof.at)}"


def _seen(proof: Proof) -> str:
    leaf = proof.detail.get("leaf")
    seen: Mapping[str, object] = leaf if isinstance(leaf, dict) else {}
    other = f": {sighted(seen)}" if seen.get("sha256") and proof.verdict != MATCHED else ""
    return f"{_over(proof)}: {sentences.handshake(proof.verdict)}{other} {moment(proof.at)}"


def _over(proof: Proof) -> str:
    return (
        code(proof.choreography, NAME_SHOWN)
        if proof.choreography
        else code("connection")
        if proof.endpoint
        else NOTHING
    )
