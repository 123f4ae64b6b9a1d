"""How a switch was proven, way by way: at the endpoint, through the gateway, by the gateway's own report.

No address of the gateway's own is shown: the partner's people read along.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.services.proofs import PROOF_ROUNDS
from bot.services.switches import SwitchReport
from handlers.views import phrases, sentences
from handlers.views.text import code, moment, words
from handlers.views.values import Proof, Role, Way

GOOD: Final = frozenset({"matched", "answered", "agrees", "used"})

# What a try showed that was no handshake, and what to do about it (bot.gateways.passage, bot.gateways.report).
_TRIES: Final[Mapping[str, tuple[str, str]]] = {
    "answered": ("a request was answered", ""),
    "not_passed": (
        "which is what a gateway says when it could not pass the request on",
        "Look at the gateway's log and its way to the partner, then propose the switch again.",
    ),
    "not_answered": (
        "what listens at the gateway's own address gave no HTTP answer",
        "Look at the gateway's listener, then propose the switch again. `countersign doctor` knocks there.",
    ),
    "no_listener": (
        "nobody listens at the gateway's own address",
        (
            "Look at the gateway's listener and at `through` in GATEWAYS_FILE, then propose the switch again. "
            "`countersign doctor` knocks there."
        ),
    ),
    "agrees": ("it accepts exactly what it should", ""),
    "used": ("a client came in with the new certificate", ""),
    "differs": (
        "it accepts something else than it should",
        "See who else changes the gateway, then propose the switch again. `countersign doctor` shows what it holds.",
    ),
}
UNPROVEN: Final[Mapping[str, str]] = {
    "no_way_through": (
        "The endpoint presents the right certificate, but a request through the gateway did not get to the partner."
    ),
    "other_accepted": "The gateway itself reports that it accepts something else than was agreed on.",
}
"""Why a switch was undone where the handshakes were as they should be (bot.services.proofs)."""

_SOURCES: Final = {
    "memory": "asked of the running program",
    "disk": "by its files; the program that reads them cannot be asked",
}
_NOT_TRIED: Final = (
    "Through the gateway: not tried, because `through` in GATEWAYS_FILE does not say where the gateway takes our "
    "requests for this connection"
)
_STATUSES_SHOWN = 4


def latest(proofs: Sequence[Proof]) -> list[Proof]:
    """The last try of each way for each choreography; earlier tries stay in the audit."""
    return list({(one.way, one.choreography): one for one in proofs}.values())


def handshakes(proofs: Sequence[Proof]) -> str:
    """How many of the newest rounds there were."""
    tries: dict[str | None, int] = {}
    for one in proofs:
        tries[one.choreography] = min(tries.get(one.choreography, 0) + 1, PROOF_ROUNDS)
    made = sum(tries.values())
    if made == 1:
        return "One fresh handshake"
    each = f", {made // len(tries)} for each choreography" if 1 < len(tries) < made and not made % len(tries) else ""
    return f"{made:,} fresh handshakes{each}"


def through(report: SwitchReport, purpose: str) -> str | None:
    """What came back through the gateway; None where that was not tried."""
    tried = latest(report.proofs_for(purpose, Way.THROUGH))
    if not tried:
        return None
    answered = [one for one in tried if one.verdict in GOOD]
    seen = sorted({status for one in answered if (status := _status(one))})[:_STATUSES_SHOWN]
    how = f" ({', '.join(seen)})" if seen else ""
    if len(tried) == 1 and tried[0].choreography is None:
        return f"Through the gateway: {'a request was answered' if answered else 'no answer'}{how}"
    return f"Through the gateway: {len(answered):,} of {len(tried):,} choreographies answered{how}"


def reported(report: SwitchReport, purpose: str) -> str | None:
    """What the gateway tells of itself; None where it was not asked."""
    told = report.proofs_for(purpose, Way.REPORT)
    if not told:
        return None
    source = _SOURCES.get(str(told[-1].detail.get("source")), "")
    what = "the new certificate and the old one" if purpose == "overlap" else "the new certificate alone"
    accepts = f"accepts {what}" if told[-1].verdict in GOOD else "accepts something else"
    return f"The gateway itself reports that it {accepts}{f' ({source})' if source else ''}"


def first_use(report: SwitchReport) -> str | None:
    """When a client was first seen with the new certificate; None where nobody was, or the gateway does not count."""
    seen = report.proofs_for("used", Way.REPORT)
    return f"First use by a client seen at the gateway {moment(seen[0].at)}" if seen else None


def told(report: SwitchReport) -> Iterator[str]:
    """Every way of the last proof that was tried, and the one that was not; for those who want to know in full."""
    purpose = next((one for one in ("switch", "overlap") if report.tries_for(one)), None)
    if purpose is None:
        return
    seen = report.proofs_for(purpose)
    if seen:
        yield f"At the endpoint: {handshakes(seen)}"
    if report.connection.role is Role.ACCEPTS:
        if not report.connection.comes_to_us:
            yield through(report, purpose) or _NOT_TRIED
        yield from filter(None, (reported(report, purpose), first_use(report)))


def shown(proof: Proof) -> str:
    """What a try showed."""
    if proof.way is Way.ENDPOINT:
        return sentences.handshake(proof.verdict)
    seen = _TRIES.get(proof.verdict, (code(proof.verdict), ""))[0]
    answer = str(proof.detail.get("answer") or "") if proof.way is Way.THROUGH else ""
    return f"{words(answer)}, {seen}" if answer else seen


def remedy(proof: Proof) -> str:
    """What to do about a try that proved nothing."""
    return sentences.remedy(proof.verdict) if proof.way is Way.ENDPOINT else _TRIES.get(proof.verdict, ("", ""))[1]


def over(proof: Proof) -> str:
    """What was tried: for which choreography, by which way."""
    if proof.way is Way.REPORT:
        return "the gateway's own report"
    name = words(proof.choreography) if proof.choreography else "connection"
    return f"{name}, through the gateway" if proof.way is Way.THROUGH else name


def why(reason: str) -> str | None:
    """The sentence for a code of `bot.services.proofs` or of a gateway; None for any other."""
    if reason in UNPROVEN:
        return UNPROVEN[reason]
    word = phrases.GATEWAY.get(reason)
    return f"{word[0].upper()}{word[1:]}." if word else None


def _status(proof: Proof) -> str:
    parts = str(proof.detail.get("answer") or "").split()
    return parts[1] if len(parts) > 1 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) == 3 else ""
