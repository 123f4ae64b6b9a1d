"""A gateway that holds something else than is on record: what differs, what it means, and the button that mends it."""

from collections.abc import Iterator, Mapping, Sequence

from bot.services.drift_facts import Effect, effect_of
from bot.services.drift_ledger import DriftReport
from handlers import ids
from handlers.views import phrases, sentences
from handlers.views.blocks import Block, Message, actions, button, confirm, context, message, section
from handlers.views.drift_phrases import BY_THE_FILES, DIFFERS, EFFECTS, HANDSHAKES, LOOK, NOT_MENDED
from handlers.views.limits import NAME_SHOWN, SECTION_TEXT
from handlers.views.text import bullets, called_upon, code, moment, plain, short_fingerprint, strong, who, words
from handlers.views.timing import sighted
from handlers.views.values import Drift, DriftState, Role

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
    yield context(f"Found {moment(report.drift.found_at)}. No switch of this connection can begin before it is settled")
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
    proofs = _proofs(report)
    lines = bullets([_proof(one) for one in _latest(proofs)], _PROOFS_SHOWN, SECTION_TEXT // 2)
    again = f"{of(report)} holds {_named(report, report.found.recorded)} again"
    if report.drift.outcome.get("proven"):
        handshakes = sentences.counted(len(proofs), "fresh handshake")
        yield section(f":white_check_mark: *Put back:* {again}.\n{lines}")
        yield _told(report, f"Proven by {handshakes}")
        return
    yield section(f":warning: *Put back, but not proven:* {again}; no handshake shows that traffic goes on.\n{lines}")
    yield section(f"*What to do*\n{_unproven(report, proofs)}")
    yield _told(report)


def _unproven(report: DriftReport, proofs: Sequence[Mapping[str, object]]) -> str:
    trouble = report.drift.outcome.get("trouble")
    if trouble:
        return _why(str(trouble))
    if report.connection.role is Role.PRESENTS:
        return "Look at our gateway and what stands before it: the endpoint does not present what the gateway holds."
    wrong = [str(one.get("verdict")) for one in proofs if one.get("verdict") != MATCHED]
    return "\n".join(dict.fromkeys(_handshake(one)[1] or LOOK for one in wrong)) or LOOK


def _handshake(verdict: str) -> tuple[str, str]:
    """What it showed, and what to do."""
    return HANDSHAKES.get(verdict) or phrases.HANDSHAKES.get(verdict) or (code(verdict, NAME_SHOWN), "")


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


def _proofs(report: DriftReport) -> list[Mapping[str, object]]:
    kept = report.drift.outcome.get("proofs")
    return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []


def _latest(proofs: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return list({str(one.get("choreography")): one for one in proofs}.values())


def _proof(proof: Mapping[str, object]) -> str:
    over = words(str(proof.get("choreography") or "connection"))
    verdict, detail = str(proof.get("verdict")), proof.get("detail")
    leaf = detail.get("leaf") if isinstance(detail, dict) else None
    if verdict == MATCHED:
        parts = [str(proof.get("protocol") or ""), f"{proof.get('duration_ms')} ms", _answer(detail)]
        return f"{over}: {', '.join(words(one) for one in parts if one)}"
    other = f": {sighted(leaf)}" if isinstance(leaf, dict) and leaf.get("sha256") else ""
    return f"{over}: {_handshake(verdict)[0]}{other}"


def _answer(detail: object) -> str:
    return str(detail.get("answer") or "") if isinstance(detail, dict) else ""
