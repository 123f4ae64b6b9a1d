"""The proofs on the evidence page: what was tried, what it showed, and which certificates were seen."""

from collections.abc import Mapping, Sequence

from bot.services.switches import SwitchReport
from handlers.views import markup, ways
from handlers.views.limits import DN_SHOWN
from handlers.views.text import NOTHING, unmarked
from handlers.views.values import Proof, Way

_PURPOSES = {
    "before": "before the switch",
    "seen": "first seen with the new one",
    "overlap": "to prove that both are accepted",
    "switch": "to prove the switch",
    "restore": "to prove the restored state",
    "used": "first use of the new one",
}

_TIMES_SHOWN = 4  # of tries that showed the same


def known(report: SwitchReport) -> dict[str | None, str]:
    """The two certificates that stand in full on the page, by fingerprint."""
    switch = report.switch
    return {switch.from_sha256: "old" if switch.from_sha256 else "none", switch.to_sha256: "new"}


def table(report: SwitchReport) -> str:
    """Tries that showed the same stand in one row, each choreography with its moments; the JSON has each by itself."""
    if not report.proofs:
        return "<p>There was none.</p>"
    alike: dict[tuple[object, ...], list[Proof]] = {}
    for one in report.proofs:
        showed = (one.verdict, one.detail.get("answer"), one.protocol, one.cipher, *_certificates_of(one))
        alike.setdefault((one.purpose, one.way, one.endpoint, *showed), []).append(one)
    marks = _marks(report)
    columns = ("Why, and how", "Result", "Certificates", "Over, when, and how long")
    return f"{markup.table(columns, (_proof(one, report, marks) for one in alike.values()))}{_legend(report, marks)}"


def _proof(tries: Sequence[Proof], report: SwitchReport, marks: Mapping[str, str]) -> tuple[str, ...]:
    proof = tries[0]
    days = {markup.day_of(one.at) for one in tries}
    day = f", {min(days)}" if len(days) == 1 else ""
    by = "".join(f", {markup.text(part)}" for part in (proof.protocol, proof.cipher) if part)
    over: dict[str | None, list[Proof]] = {}
    for one in tries:
        over.setdefault(one.choreography, []).append(one)
    return (
        f"{markup.text(_PURPOSES.get(proof.purpose, proof.purpose))}, {_how(proof, report)}{day}",
        f"{markup.text(unmarked(ways.shown(proof)))}{by}",
        ", ".join(marks[one] for one in _certificates_of(proof)) or NOTHING,
        "".join(f"<div>{_moments(name, made, len(days) == 1)}</div>" for name, made in over.items()),
    )


def _how(proof: Proof, report: SwitchReport) -> str:
    """By which way, and what was asked, where that does not stand above."""
    match proof.way:
        case Way.ENDPOINT if proof.endpoint == report.connection.uri:
            return "at the address above"
        case Way.ENDPOINT:
            return f"at {markup.code(proof.endpoint)}"
        case Way.REPORT if proof.endpoint == report.connection.gateway:
            return "the gateway's own report"
        case Way.REPORT:
            return f"the own report of the gateway {markup.code(proof.endpoint)}"
        case Way.THROUGH:
            return f"through the gateway at {markup.code(proof.endpoint)}"


def _moments(choreography: str | None, tries: Sequence[Proof], is_one_day: bool) -> str:
    """The moment of each try and how long it took; the time alone, where the day has been said."""
    name = f"{markup.text(choreography)} " if choreography else ""
    show = markup.time_of if is_one_day else markup.when
    shown = [f"{show(one.at)} ({one.duration_ms:,} ms)" for one in tries[:_TIMES_SHOWN]]
    more = [f"{len(tries):,} times in all"] if tries[_TIMES_SHOWN:] else []
    return name + ", ".join([*shown, *more])


def _marks(report: SwitchReport) -> dict[str, str]:
    """A short mark for each certificate that was presented or accepted; `_legend` says which it is."""
    own = known(report)
    shown = dict.fromkeys(sha256 for one in report.proofs for sha256 in _certificates_of(one))
    strangers = [one for one in shown if one not in own]
    return {one: own.get(one) or f"[{strangers.index(one) + 1}]" for one in shown}


def _legend(report: SwitchReport, marks: Mapping[str, str]) -> str:
    subjects = {one.sha256: one.subject.rfc4514 for one in report.chain.path}
    own = known(report)
    lines = [
        f"{mark} {markup.code(sha256)}{f' {markup.text(subjects[sha256], DN_SHOWN)}' if sha256 in subjects else ''}"
        for sha256, mark in marks.items()
        if sha256 not in own
    ]
    return f"<p>SHA-256 of old and new: above. {'; '.join(lines)}</p>"


def _certificates_of(proof: Proof) -> tuple[str, ...]:
    """What was presented; of a report what is accepted."""
    accepted = proof.detail.get("accepted") if proof.way is Way.REPORT else None
    return tuple(str(one) for one in accepted) if isinstance(accepted, list) else proof.presented
