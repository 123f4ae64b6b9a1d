"""From the endings of a search to the missing issuers, with what was found instead."""

from __future__ import annotations

from collections.abc import Iterator

from bot.pki.certificate import Certificate
from bot.pki.chain.report import MissingIssuer, NearMiss, NearMissReason
from bot.pki.chain.search import End, Path, Search
from bot.pki.signatures import SignatureCheck


def missing_issuers(search: Search) -> tuple[MissingIssuer, ...]:
    """Every issuer that would help, the most helpful first.

    First those that are nowhere to be found (on flawless paths before others, the deepest first), then those that are
    there but break a rule, so that another certificate of the same issuer is wanted.
    """
    gaps = [one for one in search.endings if one.end is End.GAP]
    gaps.sort(key=lambda one: (len(one.flaws), -len(one.path)))
    found: dict[str, MissingIssuer] = {}
    for gap in gaps:
        wanted = _missing(gap.path, ())
        found.setdefault(wanted.key, wanted)
    for refusal in sorted(search.refusals, key=lambda one: -len(one.path)):
        misses = tuple(NearMiss(one, NearMissReason(flaw.code.value)) for one, flaw in refusal.issuers)
        wanted = _missing(refusal.path, misses[: search.limits.near_misses])
        found.setdefault(wanted.key, wanted)
    shown = tuple(found.values())[: search.limits.missing]
    return tuple(one if one.near_misses else _with_near_misses(one, search) for one in shown)


def _missing(path: Path, misses: tuple[NearMiss, ...]) -> MissingIssuer:
    child = path[-1]
    return MissingIssuer(
        name=child.issuer,
        organisation=child.issuer.organisation,
        organisational_unit=child.issuer.organisational_unit,
        aki=child.aki.key_id if child.aki else None,
        authority_serial=child.aki.serial if child.aki else None,
        ca_issuers=child.ca_issuers,
        asked_by=child,
        depth=len(path),
        near_misses=misses,
    )


def _with_near_misses(wanted: MissingIssuer, search: Search) -> MissingIssuer:
    listed: dict[str, NearMiss] = {}
    for miss in _looked_alike(wanted, search):
        if len(listed) == search.limits.near_misses:
            break
        listed.setdefault(miss.certificate.sha256, miss)
    return MissingIssuer(**{**vars(wanted), "near_misses": tuple(listed.values())})


def _looked_alike(wanted: MissingIssuer, search: Search) -> Iterator[NearMiss]:
    child = wanted.asked_by
    others = [one for one in search.pool.issuers(wanted.name) if one.sha256 != child.sha256]
    for one in sorted(others, key=lambda other: (-other.not_after.timestamp(), other.sha256)):
        yield NearMiss(one, _why_refused(wanted, one, search))
    if wanted.aki is None:
        return
    for one in search.pool.by_key_id(wanted.aki):
        if one.subject.canonical != wanted.name.canonical:
            outcome = search.signers.check(child, one)
            good = outcome is SignatureCheck.GOOD
            yield NearMiss(one, NearMissReason.SAME_KEY_OTHER_NAME if good else NearMissReason.BAD_SIGNATURE)


def _why_refused(wanted: MissingIssuer, candidate: Certificate, search: Search) -> NearMissReason:
    outcome = search.signers.known(wanted.asked_by, candidate)
    if outcome is SignatureCheck.GOOD:
        return NearMissReason.LEADS_NOWHERE
    if outcome is SignatureCheck.UNSUPPORTED:
        return NearMissReason.UNSUPPORTED_ALGORITHM
    if wanted.aki is not None and candidate.ski == wanted.aki:
        return NearMissReason.BAD_SIGNATURE
    return NearMissReason.SAME_NAME_OTHER_KEY
