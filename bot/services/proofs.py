"""What makes a proof of the tries that were kept: by every way, for every choreography, more than once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.gateways.handshake import ProofVerdict
from bot.gateways.passage import PassageVerdict
from bot.gateways.report import ReportVerdict
from bot.services.sightings import leaf_of
from storage.switch_records import Proof, Way

# Behind one address a partner may run several servers and flip them one by one: one good handshake is luck.
PROOF_ROUNDS = 2

NOT_PROVEN = "not_proven"
"""Why a switch is undone: a handshake with the connection's own address did not show what it should."""
_BY_WAY = {Way.ENDPOINT: NOT_PROVEN, Way.THROUGH: "no_way_through", Way.REPORT: "other_accepted"}

_GOOD = frozenset({ProofVerdict.MATCHED.value, PassageVerdict.ANSWERED.value, ReportVerdict.AGREES.value})


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What has to be shown: these certificates (any of them, by a report all and no other), by each of these ways."""

    purpose: str
    pins: frozenset[str]
    ways: tuple[Way, ...]
    choreographies: tuple[str | None, ...]

    def tries_of(self, way: Way) -> tuple[str | None, ...]:
        """What is tried one by one; the gateway's report is one for all."""
        return (None,) if way is Way.REPORT else self.choreographies


def is_proven(proofs: Sequence[Proof], wanted: Yardstick) -> bool:
    """Whether the newest tries of each kind, one a round, showed all that has to be shown."""
    for way in wanted.ways:
        for name in wanted.tries_of(way):
            kept = [one for one in proofs if (one.purpose, one.way, one.choreography) == (wanted.purpose, way, name)]
            newest = kept[-PROOF_ROUNDS:]
            if len(newest) < PROOF_ROUNDS or not all(_shows(one, wanted.pins) for one in newest):
                return False
    return True


def why_not_proven(proofs: Sequence[Proof], purpose: str) -> str:
    """The code for the try that went wrong; `NOT_PROVEN` also where it never came to one."""
    last = _last(proofs, purpose)
    return NOT_PROVEN if last is None or last.verdict in _GOOD else _BY_WAY[last.way]


def seen_instead(proofs: Sequence[Proof], purpose: str) -> dict[str, object] | None:
    """The sighting of the last handshake; None where it never came to one, or it was as it should be."""
    last = _last(proofs, purpose)
    return None if last is None or last.verdict in _GOOD else leaf_of(last.detail)


def _last(proofs: Iterable[Proof], purpose: str) -> Proof | None:
    tried = [proof for proof in proofs if proof.purpose == purpose]
    return tried[-1] if tried else None


def _shows(proof: Proof, pins: frozenset[str]) -> bool:
    if proof.way is Way.ENDPOINT:
        return proof.verdict == ProofVerdict.MATCHED and bool(proof.presented) and proof.presented[0] in pins
    if proof.way is Way.REPORT:
        return proof.verdict == ReportVerdict.AGREES and proof.detail.get("accepted") == sorted(pins)
    return proof.verdict == PassageVerdict.ANSWERED
