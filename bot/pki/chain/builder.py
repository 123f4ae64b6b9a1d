"""`build_chain`: one certificate in, one report out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from bot.pki.algorithms import WEAK_HASHES, weak_key
from bot.pki.certificate import Certificate
from bot.pki.chain.candidates import Pool
from bot.pki.chain.diagnosis import missing_issuers
from bot.pki.chain.report import ChainReport, Verdict
from bot.pki.chain.rules import Flaw, PathPolicy, Rules
from bot.pki.chain.search import End, Ending, Path, Search
from bot.pki.chain.source import CaIndex, IssuerSource, contradicts
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
) -> ChainReport:
    """Find the path of `certificate` to a trust anchor of `source` at the moment `at`, or say what is missing.

    `extra` holds certificates that came along in the same upload: usable as links, never as anchors. `at` must be
    aware; a naive moment raises `ValueError`. Revocation is not looked at. RFC 5280 section 6.1, RFC 4158.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a path search must carry its time zone")
    search = Search(Pool(source, CaIndex(extra)), Rules(at, policy), limits)
    own = search.rules.end_entity(certificate)
    path = search.best((certificate,))
    if path is not None:
        return _report(search, _completed(own), Ending(End.ANCHOR, path, ()), own)
    if certificate.self_signed:
        verdict = Verdict.UNAPPROVED_ROOT if certificate.is_ca else Verdict.SELF_SIGNED
        return _report(search, verdict, Ending(End.ROOT, (certificate,), ()), own)
    search.explain((certificate,))
    ending = min(search.endings, key=_rank, default=Ending(End.GAP, (certificate,), ()))
    return _report(search, _verdict(search, ending, own), ending, own)


def _rank(ending: Ending) -> tuple[int, int, int]:
    """The most useful ending first: without flaws an anchor, a root to approve, a gap to fill; the longest of its kind.

    An anchor without flaws turns up this late when a key id above the certificate misleads (see `Search.best`).
    """
    clean, flawed = {End.ANCHOR: 0, End.ROOT: 1, End.GAP: 2}, {End.ANCHOR: 3, End.ROOT: 4, End.GAP: 5}
    order = flawed if ending.flaws else clean
    return order[ending.end], len(ending.flaws), -len(ending.path)


def _verdict(search: Search, ending: Ending, own: tuple[Flaw, ...]) -> Verdict:
    if ending.end is End.ANCHOR and not ending.flaws:
        return _completed(own)
    if search.budget.exhausted:
        return Verdict.BUDGET_EXHAUSTED
    if ending.end is End.GAP:
        return Verdict.INCOMPLETE
    return Verdict.UNAPPROVED_ROOT if ending.end is End.ROOT and not ending.flaws else Verdict.UNUSABLE


def _completed(own: tuple[Flaw, ...]) -> Verdict:
    """The verdict on a path whose links are in order: what is left is the certificate itself."""
    return Verdict.UNUSABLE if own else Verdict.COMPLETE


def _report(search: Search, verdict: Verdict, ending: Ending, own: tuple[Flaw, ...]) -> ChainReport:
    path = ending.path
    wanting = verdict in {Verdict.INCOMPLETE, Verdict.UNUSABLE} and (ending.flaws or ending.end is End.GAP)
    broken = [Finding(flaw.code, Severity.ERROR, flaw.sha256, dict(flaw.data)) for flaw in (*own, *ending.flaws)]
    return ChainReport(
        certificate=path[0],
        verdict=verdict,
        path=path,
        anchor=path[-1] if ending.end is End.ANCHOR else None,
        missing=missing_issuers(search) if wanting else (),
        findings=merged(broken, _remarks(path)),
        ends=min(one.not_after for one in path),
        signatures=search.limits.signatures - search.budget.signatures,
    )


def _remarks(path: Path) -> list[Finding]:
    """What breaks no rule and is still worth knowing about a path."""
    found = [remark for child, issuer in pairwise(path) for remark in _about_link(child, issuer)]
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
