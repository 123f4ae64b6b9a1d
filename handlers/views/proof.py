"""The outcome of a switch, as a reply in its thread: what proves it, or what was seen instead."""

from collections.abc import Iterator, Mapping

from bot.services.proofs import NOT_PROVEN
from bot.services.schedule import SEEN
from bot.services.switches import SwitchReport, SwitchState
from handlers import ids
from handlers.views import ends, sentences, survivors, ways
from handlers.views.blocks import Block, Message, actions, button, context, message, say, section
from handlers.views.comparison import new_name, old_name
from handlers.views.limits import NAME_SHOWN, SECTION_TEXT, URL_SHOWN
from handlers.views.text import bullets, code, moment, plain, quote, short_fingerprint, strong, who, words
from handlers.views.timing import sighted
from handlers.views.values import Proof, Role, Way

_PROOFS_SHOWN = 12
_VOIDED_SHOWN = 6  # as many as a policy can ask for, ours and the partner's
_BY_HAND = (
    "Put the old files back by hand. A message in the partner's channel, and App Home, say what the gateway holds "
    "instead; there an approver can also have it put back."
)
_MENDED_FIRST = "Put right what is said above, then propose the switch again."
_TRIED = ("switch", "overlap")  # what was to prove it; of an overlap that never began, what was to prove that
_GIVEN_UP = frozenset({"abandoned", "never_seen"})  # an overlap that nothing was wrong with


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
    requester, connection = who(report.switch.requested_by), ends.names(report, alike=True)
    by = who(str(outcome.get("by") or ""))
    if report.switch.state is SwitchState.REJECTED:
        reason = quote(str(outcome.get("reason") or ""))
        return f":no_entry: {requester} The switch of {connection} was *rejected* by {by}.\n{reason}"
    if report.switch.state is SwitchState.CANCELLED:
        return f":heavy_minus_sign: The switch of {connection} was *cancelled* by {by}. Nothing was changed."
    if report.switch.state is SwitchState.EXPIRED:
        why = sentences.obstacle(str(outcome.get("code") or ""))
        return f":heavy_minus_sign: {requester} The switch of {connection} has *expired*. {why}{_voided(outcome)}"
    return f":hourglass_flowing_sand: The switch of {connection} is {sentences.state(report.switch.state)}."


def _voided(outcome: Mapping[str, object]) -> str:
    """A word to those who had approved what is no longer so."""
    people = outcome.get("voided")
    if not isinstance(people, list) or not people:
        return ""
    named = ", ".join(dict.fromkeys(who(str(one)) for one in people[:_VOIDED_SHOWN]))
    return f"\n{named}: what you approved does not count any more."


def _proven(report: SwitchReport) -> Iterator[Block]:
    lines = bullets([_matched(one) for one in ways.latest(report.proofs_for("switch"))], _PROOFS_SHOWN)
    yield section(
        f":white_check_mark: *Proven:* {code(report.connection.name, NAME_SHOWN)} ({words(report.partner.name)}) "
        f"runs with {strong(new_name(report))} now.\n{lines}"
    )
    if (passed := ways.through(report, "switch")) is not None:
        yield section(passed)
    more = (_first_seen(report), ways.reported(report, "switch"), ways.first_use(report))
    yield context(_made(report), *(one for one in more if one))
    left = survivors.lines(report)
    if left:
        yield context(" ".join(left))
    undo = button("Undo", ids.SWITCH_UNDO, report.switch.public_id) if report.switch.from_sha256 else None
    yield actions(_details(report), _export(report), undo)


def _made(report: SwitchReport) -> str:
    """The handshakes; of a partner that comes to us, why there are none."""
    made, mark = report.proofs_for("switch"), f"SHA-256 `{short_fingerprint(report.switch.to_sha256)}`"
    if report.connection.comes_to_us:
        return f"No handshake: the partner comes to us, {mark}"
    at = f"{ways.handshakes(made)} {moment(made[-1].at)}" if made else "Fresh handshakes"
    return f"{at} with {code(report.connection.uri, URL_SHOWN)}, {mark}"


def _details(report: SwitchReport) -> Block:
    return button("Details", ids.SWITCH_DETAILS, report.switch.public_id)


def _export(report: SwitchReport) -> Block:
    return button("Export", ids.SWITCH_EVIDENCE, report.switch.public_id)


def _first_seen(report: SwitchReport) -> str:
    """The gap: for so long the partner presented the new certificate while the old one was accepted."""
    seen, proofs = report.proofs_for(SEEN), report.proofs_for("switch")
    if not seen or not proofs:
        return ""
    gap = max(0.0, (proofs[-1].at - seen[0].at).total_seconds())
    return f"First seen at the endpoint {moment(seen[0].at)}, accepted and proven {gap:.1f} s later"


def _rolled_back(report: SwitchReport) -> Iterator[Block]:
    old = old_name(report)
    outcome = f"stays with {strong(old)}" if old else "has no certificate, as before"
    yield section(
        f":leftwards_arrow_with_hook: {who(report.switch.requested_by)} *Rolled back:* "
        f"{code(report.connection.name, NAME_SHOWN)} ({words(report.partner.name)}) {outcome}. "
        f"{words(new_name(report))} is *not* in use."
    )
    yield from _seen_instead(report)
    yield section(f"*What to do*\n{_to_do(report)}")
    yield from _restored(report)
    yield actions(_details(report), _export(report))


def _failed(report: SwitchReport) -> Iterator[Block]:
    outcome = report.switch.outcome
    connection = code(report.connection.name, NAME_SHOWN)
    lead = f":rotating_light: {who(report.switch.requested_by)} *Failed:* "
    if outcome.get("phase") == "begin":
        yield section(f"{lead}the switch of {connection} could not begin. Nothing was changed.")
        yield section(f"*What to do*\n{_why(outcome)}{_told_to_ours(outcome)}")
        yield actions(_details(report), _export(report))
        return
    back = "to accepting old and new" if outcome.get("retiring") else "to its old state"
    yield section(f"{lead}{connection} could not be brought back {back}. *Look at the gateway now.*")
    yield from _seen_instead(report)
    why = ways.why(str(outcome.get("restore_code") or "")) or "The gateway did not restore the old certificate."
    yield section(f"*What to do*\n{why} {_BY_HAND}")
    yield actions(_details(report), _export(report))


def _seen_instead(report: SwitchReport) -> Iterator[Block]:
    outcome = report.switch.outcome
    given_up = outcome.get("code") in _GIVEN_UP
    wrong = [] if given_up else [_seen(one, report) for one in _tried(report) if one.verdict not in ways.GOOD]
    if outcome.get("code") != NOT_PROVEN:
        yield section(f"*What happened*\n{_why(outcome)}{_told_to_ours(outcome)}")
    elif blind := _not_looked_at(outcome, *_TRIED):
        yield section(f"*What happened*\n{blind}")
    if wrong:
        yield section(f"*What was seen instead*\n{bullets(wrong, _PROOFS_SHOWN, SECTION_TEXT - 100)}")


def _restored(report: SwitchReport) -> Iterator[Block]:
    tried, proofs = ways.latest(report.tries_for("restore")), report.proofs_for("restore")
    if not report.switch.outcome.get("restore_proven"):
        wrong = bullets([_seen(one, report) for one in tried if one.verdict not in ways.GOOD], 5, SECTION_TEXT // 2)
        lead = ":warning: The gateway holds the old certificate again, but no handshake proves it."
        blind = _not_looked_at(report.switch.outcome, "restore")
        yield section("\n".join(filter(None, (lead, blind, wrong))))
    elif proofs:
        shown = ways.handshakes(proofs).lower()
        yield context(f":white_check_mark: Old state restored, and proven by {shown} {moment(proofs[-1].at)}")
    else:
        yield context(":white_check_mark: Old state restored: the gateway holds what it held before")


def _to_do(report: SwitchReport) -> str:
    if report.switch.outcome.get("code") in _GIVEN_UP:
        return "Agree with the partner on a new date, then propose the switch again."
    wrong = [one for one in _tried(report) if one.verdict not in ways.GOOD]
    if report.switch.outcome.get("code") in ways.UNPROVEN:
        return "\n".join(dict.fromkeys(filter(None, map(ways.remedy, wrong)))) or sentences.remedy("")
    if report.switch.outcome.get("code") != NOT_PROVEN:
        return _MENDED_FIRST
    if not wrong and _not_looked_at(report.switch.outcome, *_TRIED):
        return _MENDED_FIRST
    if report.connection.role is Role.PRESENTS:  # the endpoint is ours: the partner has nothing to mend
        return "Look at our gateway and what stands before it, then propose the switch again."
    return "\n".join(dict.fromkeys(map(ways.remedy, wrong))) or sentences.remedy("")


def _not_looked_at(outcome: Mapping[str, object], *purposes: str) -> str:
    """Why the gateway could not be looked at for one of these purposes; empty where it could."""
    codes = (str(outcome.get(f"{purpose}_trouble") or "") for purpose in purposes)
    return next((ways.why(one) or f"The gateway could not be asked ({code(one)})." for one in codes if one), "")


def _why(outcome: Mapping[str, object]) -> str:
    reason = str(outcome.get("code") or "")
    if reason == "never_seen" and outcome.get("restored"):
        return "The endpoint was not seen with the new certificate alone in time, so the old state was put back."
    if reason == "abandoned":
        return f"{sentences.obstacle(reason)} {who(str(outcome.get('by') or ''))} decided that."
    return ways.why(reason) or sentences.obstacle(reason)


def _told_to_ours(outcome: Mapping[str, object]) -> str:
    """Paths and a program's own output are of our inside, and the partner's people read this thread."""
    return " What the gateway said stands behind *Details*, for our own people." if outcome.get("data") else ""


def _tried(report: SwitchReport) -> list[Proof]:
    """What was to prove it; of an overlap that never began, what was to prove that."""
    return ways.latest(report.tries_for("switch") or report.tries_for("overlap"))


def _matched(proof: Proof) -> str:
    parts = [proof.protocol or "", f"{proof.duration_ms:,} ms", str(proof.detail.get("answer") or "")]
    return f"{ways.over(proof)}: {', '.join(words(part) for part in parts if part)}"


def _seen(proof: Proof, report: SwitchReport) -> str:
    leaf = proof.detail.get("leaf")
    seen: Mapping[str, object] = leaf if isinstance(leaf, dict) else {}
    sha256 = seen.get("sha256")
    if sha256 and proof.purpose == "switch" and sha256 == report.switch.from_sha256:
        return f"{ways.over(proof)}: still the old certificate, {sighted(seen)}"
    other = f": {sighted(seen)}" if sha256 and proof.way is Way.ENDPOINT else ""
    return f"{ways.over(proof)}: {ways.shown(proof)}{other}"
