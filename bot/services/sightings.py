"""What was seen, put into the words that are stored: fingerprints, names and dates, never certificates."""

from collections.abc import Mapping, Sequence

from bot.gateways.handshake import Handshake
from bot.gateways.passage import Passage
from bot.gateways.report import Report
from bot.pki.certificate import Certificate
from bot.pki.errors import PkiError
from storage.records import PartnerCertificate
from storage.switch_entries import NewProof
from storage.switch_records import Way

Seen = Handshake | Passage | Report
"""What there is to keep of one try, by the way that it went."""


def sighting(handshake: Handshake, known: Sequence[PartnerCertificate]) -> dict[str, object]:
    """Which certificate the endpoint presented for itself.

    Keys: `verdict`, `at` and `not_after` (ISO 8601, UTC), `sha256`, `subject`, `issuer`, `display_name` (where the
    certificate is in the partner's list `known`), `protocol`; all but the first two are None where nothing was seen.
    Subject and issuer are the peer's own words: to be escaped before anybody reads them.
    """
    leaf = _leaf(handshake)
    names = {entry.sha256: entry.display_name for entry in known}
    return {
        "verdict": handshake.verdict.value,
        "at": handshake.at.isoformat(),
        "sha256": handshake.leaf,
        "subject": leaf.subject.rfc4514 if leaf else None,
        "issuer": leaf.issuer.rfc4514 if leaf else None,
        "not_after": leaf.not_after.isoformat() if leaf else None,
        "display_name": names.get(handshake.leaf or ""),
        "protocol": handshake.protocol,
    }


def proof_of(seen: Seen, purpose: str, choreography: str | None, known: Sequence[PartnerCertificate]) -> NewProof:
    """The record of one try, of whatever way.

    `detail` has of a handshake its own, `answer`, `name_matches` and, under `leaf`, the sighting; of a request through
    the gateway its own and `answer`; of a report `source`, the fingerprints `wanted` and `accepted`, and `requests`.
    """
    match seen:
        case Handshake():
            return _of_handshake(seen, purpose, choreography, known)
        case Passage():
            answered: dict[str, object] = {**seen.detail, "answer": seen.answer}
            return _without_handshake(seen, Way.THROUGH, seen.address, purpose, choreography, answered)
        case Report():
            pins: dict[str, object] = {"wanted": list(seen.wanted), "accepted": list(seen.accepted)}
            told = {"source": seen.source.value, **pins, "requests": dict(seen.requests)}
            return _without_handshake(seen, Way.REPORT, seen.gateway, purpose, choreography, told)


def _without_handshake(
    seen: Passage | Report,
    way: Way,
    asked: str,
    purpose: str,
    choreography: str | None,
    detail: Mapping[str, object],
) -> NewProof:
    return NewProof(
        purpose=purpose,
        choreography=choreography,
        endpoint=asked,
        at=seen.at,
        duration_ms=seen.duration_ms,
        verdict=seen.verdict.value,
        presented=(),
        protocol=None,
        cipher=None,
        detail=detail,
        way=way,
    )


def _of_handshake(
    handshake: Handshake, purpose: str, choreography: str | None, known: Sequence[PartnerCertificate]
) -> NewProof:
    detail: dict[str, object] = {
        **handshake.detail,
        "answer": handshake.answer,
        "name_matches": handshake.name_matches,
        "leaf": sighting(handshake, known),
    }
    return NewProof(
        purpose=purpose,
        choreography=choreography,
        endpoint=handshake.endpoint,
        at=handshake.at,
        duration_ms=handshake.duration_ms,
        verdict=handshake.verdict.value,
        presented=handshake.fingerprints,
        protocol=handshake.protocol,
        cipher=handshake.cipher,
        detail=detail,
    )


def leaf_of(detail: Mapping[str, object]) -> dict[str, object] | None:
    """The sighting that `proof_of` put into a proof's detail."""
    leaf = detail.get("leaf")
    return dict(leaf) if isinstance(leaf, dict) else None


def _leaf(handshake: Handshake) -> Certificate | None:
    if not handshake.presented:
        return None
    try:
        return Certificate.from_der(handshake.presented[0])
    except PkiError:
        return None
