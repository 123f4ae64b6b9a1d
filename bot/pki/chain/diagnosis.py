"""From the endings of a search to the missing issuers, with what was found instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from bot.pki.certificate import Certificate
from bot.pki.chain.report import MissingIssuer, NearMiss, NearMissReason
from bot.pki.chain.search import End, Ending, Gap, Path, Refusal, Search
from bot.pki.chain.source import Candidates, IssuerSource
from bot.pki.names import reads_alike
from bot.pki.signatures import SignatureCheck, verifies


def missing_issuers(search: Search, known_roots: IssuerSource | None = None) -> tuple[MissingIssuer, ...]:
    """Every issuer that would help, the most helpful first.

    First those that are nowhere to be found (on flawless paths before others; where a crowd of certificates leads
    nowhere another one of that issuer before the absent ones above, else the deepest first), then those that are there
    but break a rule, so that another certificate of the same issuer is wanted, then those that lead in circles.
    """
    gaps = [one for one in search.endings if one.end is End.GAP]
    gaps.sort(key=lambda one: (len(one.flaws), one.gap, -len(one.path)))
    absent = [one for gap in gaps if gap.gap is not Gap.LOOP for one in _of_gap(gap, search)]
    refused = [_of_refusal(one, search) for one in sorted(search.refusals, key=lambda one: -len(one.path))]
    circles = [_missing(gap.path, ()) for gap in gaps if gap.gap is Gap.LOOP]
    found: dict[str, MissingIssuer] = {}
    for wanted in (*absent, *refused, *circles):
        found.setdefault(wanted.key, wanted)
    shown = tuple(found.values())[: search.limits.missing]
    return tuple(_explained(one, search, known_roots) for one in shown)


def _of_gap(gap: Ending, search: Search) -> Iterator[MissingIssuer]:
    """The absent issuer; before it, where it is the last link itself that is spoilt, a sound one in its place.

    It is spoilt when the CA that it names by name and key id is there and did not make its signature.
    """
    path, top = gap.path, gap.path[-1]
    key_id = top.aki.key_id if top.aki else None
    if len(path) > 1 and key_id is not None and gap.gap is Gap.ABSENT:
        named = islice(_everybody(search.pool.fitting(top.issuer, key_id)), search.limits.near_misses)
        if any(search.signers.known(top, one) is SignatureCheck.BAD for one in named):
            yield _missing(path[:-1], (NearMiss(top, NearMissReason.LEADS_NOWHERE),))
    yield _missing(path, ())


def _of_refusal(refusal: Refusal, search: Search) -> MissingIssuer:
    misses = [NearMiss(one, NearMissReason(flaw.code.value), dict(flaw.data)) for one, flaw in refusal.issuers]
    return _missing(refusal.path, tuple(misses[: search.limits.near_misses]))


def known_root_of(wanted: MissingIssuer, known_roots: IssuerSource | None) -> Certificate | None:
    """The well-known public root that is wanted, told by its name and key."""
    if known_roots is None:
        return None
    named = known_roots.named(wanted.name)
    return next((one for one in _everybody(named) if verifies(wanted.asked_by, one)), None)


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


def _explained(wanted: MissingIssuer, search: Search, known_roots: IssuerSource | None) -> MissingIssuer:
    misses = wanted.near_misses
    if not misses:
        listed: dict[str, NearMiss] = {}
        for miss in _looked_alike(wanted, search):
            if len(listed) == search.limits.near_misses:
                break
            listed.setdefault(miss.certificate.sha256, miss)
        misses = tuple(listed.values())
    return replace(wanted, near_misses=misses, known_root=known_root_of(wanted, known_roots))


def _looked_alike(wanted: MissingIssuer, search: Search) -> Iterator[NearMiss]:
    child = wanted.asked_by
    namesakes = search.pool.named(wanted.name)
    others = (one for one in _everybody(namesakes) if one.sha256 != child.sha256)
    generations = _generations(namesakes, search.limits.near_misses)
    for one in islice(others, search.limits.near_misses):
        yield _refused(wanted, one, search, generations)
    if wanted.aki is None:
        return
    for one in search.pool.renamed(wanted.name, wanted.aki):
        yield NearMiss(one, _other_name(wanted, one, search))


def _everybody(candidates: Candidates) -> Iterator[Certificate]:
    return chain(candidates.reaching, candidates.dead, candidates.orphaned)


def _refused(wanted: MissingIssuer, one: Certificate, search: Search, generations: dict[str, int]) -> NearMiss:
    outcome = search.signers.known(wanted.asked_by, one)
    if outcome is SignatureCheck.GOOD:
        return NearMiss(one, NearMissReason.LEADS_NOWHERE)
    if outcome is SignatureCheck.UNSUPPORTED:
        return NearMiss(one, NearMissReason.UNSUPPORTED_ALGORITHM, {"algorithm": wanted.asked_by.signature_algorithm})
    if outcome is None and wanted.asked_by.sha256 in search.signers.untried:
        return NearMiss(one, NearMissReason.LEADS_NOWHERE)
    if wanted.aki is not None and one.ski == wanted.aki:
        return NearMiss(one, NearMissReason.BAD_SIGNATURE)
    return NearMiss(one, NearMissReason.SAME_NAME_OTHER_KEY, _key_facts(wanted, one, generations))


def _key_facts(wanted: MissingIssuer, one: Certificate, generations: dict[str, int]) -> dict[str, str | int]:
    facts: dict[str, str | int] = {}
    if wanted.aki is not None and one.ski is not None:
        facts |= {"wanted": wanted.aki.hex(), "found": one.ski.hex()}
    if one.key.spki_sha256 in generations:
        facts |= {"generation": generations[one.key.spki_sha256], "generations": len(generations)}
    return facts


def _generations(namesakes: Candidates, most: int) -> dict[str, int]:
    """The keys known by one name, numbered by the day of their first certificate; none where they are a crowd."""
    everybody = _everybody(namesakes)
    listed = list(islice(everybody, most + 1))
    if len(listed) > most:
        return {}
    listed.sort(key=lambda one: (one.not_before, one.sha256))
    keys = dict.fromkeys(one.key.spki_sha256 for one in listed)
    return {key: number for number, key in enumerate(keys, start=1)}


def _other_name(wanted: MissingIssuer, one: Certificate, search: Search) -> NearMissReason:
    if search.signers.check(wanted.asked_by, one) is not SignatureCheck.GOOD:
        return NearMissReason.BAD_SIGNATURE
    alike = reads_alike(wanted.name, one.subject)
    return NearMissReason.NAME_ENCODING if alike else NearMissReason.SAME_KEY_OTHER_NAME
