"""`build_chain`: one certificate in, one report out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from bot.pki.algorithms import WEAK_HASHES, weak_key
from bot.pki.certificate import Certificate
from bot.pki.chain.diagnosis import missing_issuers
from bot.pki.chain.pool import Pool
from bot.pki.chain.report import ChainReport, SignedPath, Verdict
from bot.pki.chain.rules import Flaw, PathPolicy, Rules
from bot.pki.chain.search import End, Ending, Path, Search
from bot.pki.chain.source import NONE, IssuerSource, contradicts
from bot.pki.findings import Finding, FindingCode, Severity, merged
from bot.pki.limits import ChainLimits

DEFAULT_LIMITS = ChainLimits()
DEFAULT_POLICY = PathPolicy()


def build_chain(
    certificate: Certificate,
    source: IssuerSource,
    at: datetime,
    extra: Sequence[Certificate] = (),
    limits: ChainLimits = DEFAULT_LIMITS,
    policy: PathPolicy = DEFAULT_POLICY,
    known_roots: IssuerSource | None = None,
) -> ChainReport:
    """Find the paths of `certificate` to a trust anchor of `source` at the moment `at`, or say what is missing.

    `extra` holds certificates that came along in the same upload: usable as links, never as anchors. `known_roots`
    are public roots that a missing or unapproved root may turn out to be; they are no part of any path. `at` must be
    aware; a naive moment raises `ValueError`. Revocation is not looked at. RFC 5280 section 6.1, RFC 4158.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a path search must carry its time zone")
    search = Search(Pool(source, extra), Rules(at, policy), limits)
    own = search.rules.end_entity(certificate)
    paths = _complete_paths(search, certificate)
    if paths:
        return _report(search, _completed(own), Ending(End.ANCHOR, paths[0].certificates, ()), own, paths)
    if certificate.rootlike:
        verdict = Verdict.UNAPPROVED_ROOT if certificate.is_ca else Verdict.SELF_SIGNED
        return _report(search, verdict, Ending(End.ROOT, (certificate,), ()), own, (), known_roots)
    search.explain((certificate,))
    ending = min(search.endings, key=_rank, default=Ending(End.GAP, (certificate,), ()))
    return _report(search, _verdict(search, ending, own), ending, own, (), known_roots)


def _complete_paths(search: Search, certificate: Certificate) -> tuple[SignedPath, ...]:
    """The first path whatever it costs within the limits, a few more where they are cheap."""
    found: list[Path] = []
    for path in search.complete((certificate,)):
        found.append(path)
        search.budget.cap(search.limits.more_signatures, search.limits.more_steps)
        if len(found) == search.limits.paths:
            break
    if len(found) > 1:
        found.sort(key=_preference)
    return tuple(SignedPath(path, _end(path)) for path in found)


def _preference(path: Path) -> tuple[int, float, int, float, tuple[str, ...]]:
    """Strong, long-lived, short; where the certificate itself ends first, its issuers' end decides."""
    weak = sum(one.signature_hash in WEAK_HASHES for one in path[:-1])
    above = min((one.not_after for one in path[1:]), default=path[0].not_after)
    names = tuple(one.sha256 for one in path)
    return weak, -_end(path).timestamp(), len(path), -above.timestamp(), names


def _end(path: Path) -> datetime:
    return min(one.not_after for one in path)


def _rank(ending: Ending) -> tuple[int, int, int, int]:
    """The most useful ending first: without flaws an anchor, a root to approve, a gap to fill; the longest of its kind.

    An anchor without flaws turns up this late when a key id above the certificate misleads (see `Search.complete`).
    """
    clean, flawed = {End.ANCHOR: 0, End.ROOT: 1, End.GAP: 2}, {End.ANCHOR: 3, End.ROOT: 4, End.GAP: 5}
    order = flawed if ending.flaws else clean
    return order[ending.end], len(ending.flaws), ending.gap, -len(ending.path)


def _verdict(search: Search, ending: Ending, own: tuple[Flaw, ...]) -> Verdict:
    if ending.end is End.ANCHOR and not ending.flaws:
        return _completed(own)
    if search.budget.exhausted or search.rules.names.exhausted:
        return Verdict.BUDGET_EXHAUSTED
    if ending.end is End.GAP:
        return Verdict.INCOMPLETE
    return Verdict.UNAPPROVED_ROOT if ending.end is End.ROOT and not ending.flaws else Verdict.UNUSABLE


def _completed(own: tuple[Flaw, ...]) -> Verdict:
    """The verdict on a path whose links are in order: what is left is the certificate itself."""
    return Verdict.UNUSABLE if own else Verdict.COMPLETE


def _report(
    search: Search,
    verdict: Verdict,
    ending: Ending,
    own: tuple[Flaw, ...],
    paths: tuple[SignedPath, ...],
    known_roots: IssuerSource | None = None,
) -> ChainReport:
    path = ending.path
    wanting = verdict in {Verdict.INCOMPLETE, Verdict.UNUSABLE} and (ending.flaws or ending.end is End.GAP)
    broken = [Finding(flaw.code, Severity.ERROR, flaw.sha256, dict(flaw.data)) for flaw in (*own, *ending.flaws)]
    if verdict is Verdict.COMPLETE and not paths:
        paths = (SignedPath(path, _end(path)),)
    return ChainReport(
        certificate=path[0],
        verdict=verdict,
        path=path,
        anchor=path[-1] if ending.end is End.ANCHOR else None,
        missing=missing_issuers(search, known_roots) if wanting else (),
        findings=merged(broken, _remarks(path, ending.end)),
        ends=_end(path),
        signatures=search.signers.checked,
        paths=paths,
        known_root=_known(path[-1], known_roots) if ending.end is End.ROOT else None,
    )


def _known(root: Certificate, known_roots: IssuerSource | None) -> Certificate | None:
    """The well-known public root with the name and key of an unapproved one."""
    found = known_roots.keyed(root.subject, root.key.spki_sha256) if known_roots else NONE
    return next(iter((*found.reaching, *found.dead, *found.orphaned)), None)


def _remarks(path: Path, end: End) -> list[Finding]:
    """What breaks no rule and is still worth knowing about a path."""
    found = [remark for child, issuer in pairwise(path) for remark in _about_link(child, issuer)]
    if end is End.ROOT and not path[-1].self_signed:
        data: dict[str, str | int] = {"algorithm": path[-1].signature_algorithm, "key": path[-1].key.text}
        found.append(Finding(FindingCode.UNCHECKED_SIGNATURE, Severity.WARNING, path[-1].sha256, data))
    ends = min((one.not_after for one in path[1:]), default=path[0].not_after)
    if ends < path[0].not_after:
        data = {"chain_ends": ends.isoformat(), "not_after": path[0].not_after.isoformat()}
        found.append(Finding(FindingCode.OUTLIVES_CHAIN, Severity.WARNING, path[0].sha256, data))
    return [*found, *_purposes(path)]


def _about_link(child: Certificate, issuer: Certificate) -> list[Finding]:
    found = []
    if child.signature_hash in WEAK_HASHES:
        data: dict[str, str | int] = {"algorithm": child.signature_algorithm}
        found.append(Finding(FindingCode.WEAK_SIGNATURE, Severity.WARNING, child.sha256, data))
    if weak_key(issuer.key.kind, issuer.key.bits):
        data = {"key": issuer.key.text}
        found.append(Finding(FindingCode.WEAK_KEY, Severity.WARNING, issuer.sha256, data))
    if contradicts(child, issuer) and child.aki and child.aki.key_id and issuer.ski:
        data = {"wanted": child.aki.key_id.hex(), "found": issuer.ski.hex()}
        found.append(Finding(FindingCode.KEY_ID_MISMATCH, Severity.INFO, child.sha256, data))
    return found


def _purposes(path: Path) -> list[Finding]:
    """Purposes of the certificate that an intermediate does not pass on: browsers and Java refuse such a path."""
    found = []
    for issuer in path[1:]:
        allowed = issuer.extended_key_usage
        if issuer.self_signed or allowed is None or "anyExtendedKeyUsage" in allowed:
            continue
        lost = sorted(set(path[0].extended_key_usage or ("clientAuth", "serverAuth")) - set(allowed))
        if lost:
            data = {"purpose": ", ".join(lost)}
            found.append(Finding(FindingCode.PURPOSE_NOT_ALLOWED, Severity.WARNING, issuer.sha256, data))
    return found
