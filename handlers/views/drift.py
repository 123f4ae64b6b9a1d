"""A gateway that holds something else than is on record: what differs, what it means, and the button that mends it."""

from collections.abc import Iterator, Mapping, Sequence

from bot.services.drift_facts import Effect, effect_of
from bot.services.drift_ledger import DriftReport
from handlers import ids
from handlers.views import phrases, sentences, ways
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, section
from handlers.views.drift_phrases import BY_THE_FILES, DIFFERS, EFFECTS, LOOK, NOT_MENDED, TRIES
from handlers.views.limits import NAME_SHOWN, SECTION_TEXT
from handlers.views.text import bullets, called_upon, code, moment, plain, short_fingerprint, strong, who, words
from handlers.views.timing import sighted
from handlers.views.values import Drift, DriftState, Proof, Role, Way

_CERTIFICATES_SHOWN = 8  # of what one gateway holds
_PROOFS_SHOWN = 12
MATCHED = "matched"
_STATES: Mapping[DriftState, str] = {
    DriftState.OPEN: "waits for an approver",
    DriftState.MENDING: "is being put back",
    DriftState.MENDED: "was put back",
    DriftState.GONE: "is over",
}


def render(report: DriftReport, approvers: Sequence[str] = ()) -> Message:
    """The drift as it stands. `approvers` are the user and group ids of who may decide."""
    name = plain(report.connection.name)
    match report.drift.state:
        case DriftState.OPEN:
            return message(f"The gateway differs: {name}", list(_open(report, approvers)))
        case DriftState.MENDING:
            return message(f"The gateway is being put right: {name}", list(_mending(report)))
        case DriftState.MENDED:
            return message(f"The gateway was put right: {name}", list(_mended(report)))
        case DriftState.GONE:
            return message(f"The gateway does not differ any more: {name}", list(_gone(report)))


def line(report: DriftReport, is_ours: bool) -> str:
    """The drift in a line of a list, for one of us or for the partner's own people."""
    by_hand = report.drift.state is DriftState.OPEN and not report.found.can_be_put_back
    state = "waits for whoever runs the gateway" if by_hand else _STATES[report.drift.state]
    named = of(report) if is_ours else code(report.connection.name, NAME_SHOWN)
    return f"{named}: the gateway differs from what is on record, *{state}*"


def in_short(report: DriftReport) -> str:
    """What differs and what it means, for who decides about it elsewhere than in the message."""
    differs = " ".join(DIFFERS.get(one, code(one, NAME_SHOWN)) for one in report.found.codes)
    failed = f"\n{_last_try(report)}" if report.drift.outcome.get("code") else ""
    return f"{differs}\n*On record:* {_named(report, report.found.recorded)}\n{_meaning(report)}{failed}"


def mark(drift: Drift) -> str:
    """In the lines about a connection, that its gateway differs."""
    return f":twisted_rightwards_arrows: *The gateway differs* from what is on record, since {moment(drift.found_at)}"


def of(report: DriftReport) -> str:
    """The connection and its partner."""
    return f"{code(report.connection.name, NAME_SHOWN)} ({words(report.partner.name)})"


def _open(report: DriftReport, approvers: Sequence[str]) -> Iterator[Block]:
    found = report.found
    differs = "\n".join(DIFFERS.get(one, code(one, NAME_SHOWN)) for one in found.codes)
    lead = f":twisted_rightwards_arrows: *The gateway differs* from what is on record for {of(report)}"
    yield section(f"{lead}\n{differs}")
    yield section("\n".join(_certificates(report)), block_id=f"drift.certificates:{report.drift.public_id}")
    yield section(f"*What it means*\n{_meaning(report)}")
    yield section(f"*What to do*\n{_to_do(report, approvers)}")
    if report.drift.outcome.get("code"):
        yield section(_last_try(report))
    yield context(f"Found {moment(report.drift.found_at)}. Until it is settled, a switch may find no safe way back")
    if found.can_be_put_back:
        value = f"{report.drift.revision}.{report.drift.public_id}"
        yield actions(button("Put back what is on record", ids.DRIFT_MEND, value, "primary", _sure(report)))


def _certificates(report: DriftReport) -> Iterator[str]:
    """On record, and what the gateway has too many or too few of; where nothing is known, that."""
    found = report.found
    yield f"*On record:* {_named(report, found.recorded)}"
    if found.files is None and found.memory is None:
        yield "*At the gateway:* not to be read"
        return
    if found.memory is not None and set(found.memory) != set(found.recorded):
        yield f"*The program works with:* {_named(report, found.memory)}"
    if found.files is not None and set(found.files) != set(found.recorded):
        yield f"*Its files hold:* {_named(report, found.files)}"
    if found.only_files:
        yield "The program still works with what is on record, until it loads its files the next time."
    if report.connection.role is Role.ACCEPTS and set(found.held) - set(found.recorded):
        yield ":warning: Whoever holds the key of what is not on record may pass for the partner: nobody agreed to it."


def _named(report: DriftReport, certificates: Sequence[str]) -> str:
    if not certificates:
        return "nothing"
    shown = ", ".join(_name(report, one) for one in certificates[:_CERTIFICATES_SHOWN])
    left = len(certificates) - _CERTIFICATES_SHOWN
    return f"{shown} and {left:,} more" if left > 0 else shown


def _name(report: DriftReport, sha256: str) -> str:
    name = report.names.get(sha256)
    mark = f"SHA-256 `{short_fingerprint(sha256)}`"
    return f"{strong(name)} ({mark})" if name else f"a certificate that is not in the partner's list ({mark})"


def _meaning(report: DriftReport) -> str:
    role = report.connection.role
    effect = effect_of(report.found, role)
    said = EFFECTS.get((role, effect), EFFECTS[(role, Effect.UNSEEN)])
    if role is Role.ACCEPTS and effect is not Effect.UNSEEN and report.found.memory is None:
        said = f"{said} {BY_THE_FILES}"
    seen = report.found.presented
    if not seen:
        return said
    if seen.get("sha256"):
        return f"{said}\nThe endpoint presented {sighted(seen)} when this was found."
    return f"{said}\nThe endpoint, when this was found: {sentences.handshake(str(seen.get('verdict') or ''))}."


def _to_do(report: DriftReport, approvers: Sequence[str]) -> str:
    if not report.found.can_be_put_back:
        return (
            "Whoever runs the gateway adds the connection to its configuration and reloads it; `countersign doctor` "
            "says what is missing. This message follows by itself."
        )
    return (
        f"{called_upon(approvers) or 'An approver of ours'}: find out who changed the gateway, and why. If it was a "
        "mistake, put back what is on record: that was agreed on already, so one approver is enough. If it was meant, "
        "undo it at the gateway, and propose it as a switch."
    )


def _last_try(report: DriftReport) -> str:
    by = who(report.drift.approved_by or "")
    return f":rotating_light: *The last try failed*, approved by {by}. {_why(str(report.drift.outcome.get('code')))}"


def _why(reason: str) -> str:
    said = NOT_MENDED.get(reason)
    if said:
        return said
    word = phrases.GATEWAY.get(reason)
    return f"{word[0].upper()}{word[1:]}. Try again when that is settled." if word else f"It says {code(reason)}."


def _sure(report: DriftReport) -> Block:
    names = [plain(report.names.get(one, one[:16]), 40) for one in report.found.recorded[:2]]
    text = f"The gateway gets back {' and '.join(names) or 'what is on record'}; fresh handshakes prove it."
    if effect_of(report.found, report.connection.role) is Effect.ONLY_THUS:
        text += " The endpoint was seen with another certificate, which is refused from then on: traffic would break."
    return confirm("Put back what is on record?", text, "Put it back", "primary")


def _mending(report: DriftReport) -> Iterator[Block]:
    by = who(report.drift.approved_by or "")
    yield section(
        f":hourglass_flowing_sand: {of(report)}: the gateway gets back {_named(report, report.found.recorded)}, and "
        f"fresh handshakes prove it. Approved by {by}."
    )


def _mended(report: DriftReport) -> Iterator[Block]:
    seen = [one for one in ways.latest(report.proofs) if one.way is Way.ENDPOINT or one.verdict not in ways.GOOD]
    lines = bullets([_tried(one) for one in seen], _PROOFS_SHOWN, SECTION_TEXT // 2)
    again = f"{of(report)} holds {_named(report, report.found.recorded)} again"
    if report.drift.outcome.get("proven"):
        yield section(f":white_check_mark: *Put back:* {again}.\n{lines}".strip())
        yield _told(report, *_proven(report))
        return
    yield section(f":warning: *Put back, but not proven:* {again}; nothing shows that traffic goes on.\n{lines}")
    yield section(f"*What to do*\n{_unproven(report)}")
    yield _told(report)


def _proven(report: DriftReport) -> Iterator[str]:
    """By which ways, in a few words each."""
    made = [one for one in report.proofs if one.way is Way.ENDPOINT]
    if made:
        count = ways.handshakes(made)
        yield f"Proven by {count[0].lower()}{count[1:]}"
    passed = [one for one in report.proofs if one.way is Way.THROUGH]
    if passed:
        yield f"{sentences.counted(len(passed), 'request')} through the gateway answered"
    if any(one.way is Way.REPORT for one in report.proofs):
        yield "The gateway reports that it accepts exactly what is on record"


def _unproven(report: DriftReport) -> str:
    trouble = report.drift.outcome.get("trouble")
    if trouble:
        return _why(str(trouble))
    wrong = [one for one in report.proofs if one.verdict not in ways.GOOD]
    if report.connection.role is Role.PRESENTS:
        return "Look at our gateway and what stands before it: the endpoint does not present what the gateway holds."
    return "\n".join(dict.fromkeys(_words(one)[1] or LOOK for one in wrong)) or LOOK


def _words(proof: Proof) -> tuple[str, str]:
    """What it showed, and what to do; the words that others have for it are about a switch."""
    seen, remedy = TRIES.get(proof.verdict, (ways.shown(proof), ""))
    return seen or ways.shown(proof), remedy


def _tried(proof: Proof) -> str:
    if proof.verdict == MATCHED:
        parts = [proof.protocol or "", f"{proof.duration_ms:,} ms", str(proof.detail.get("answer") or "")]
        return f"{ways.over(proof)}: {', '.join(words(one) for one in parts if one)}"
    leaf = proof.detail.get("leaf")
    other = f": {sighted(leaf)}" if isinstance(leaf, dict) and leaf.get("sha256") else ""
    return f"{ways.over(proof)}: {_words(proof)[0]}{other}"


def _gone(report: DriftReport) -> Iterator[Block]:
    yield section(
        f":white_check_mark: {of(report)}: the gateway holds {_named(report, report.found.recorded)} again, as is on "
        "record. It was not I who put it back."
    )
    yield _told(report)


def _told(report: DriftReport, *more: str) -> Block:
    drift = report.drift
    approved = f"Approved by {who(drift.approved_by)}" if drift.approved_by else ""
    over = f", over {moment(drift.ended_at)}" if drift.ended_at else ""
    return context(*filter(None, (f"Found {moment(drift.found_at)}{over}", approved, *more)))
