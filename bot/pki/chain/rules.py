"""What RFC 5280 section 6.1 asks of each certificate in a path, apart from its signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, NamedTuple

from bot.pki.algorithms import EXTENSIONS, WEAK_HASHES
from bot.pki.certificate import Certificate
from bot.pki.chain import profile
from bot.pki.chain.constraints import Comparisons
from bot.pki.findings import FindingCode
from bot.pki.limits import DN_SHOWN

_ANY: Final = "anyExtendedKeyUsage"
_HINTS: Final = frozenset({"authorityInfoAccess", "subjectKeyIdentifier", "authorityKeyIdentifier"})
"""Extensions that only help in the search: unreadable ones break no path."""

_UNDERSTOOD: Final = frozenset(EXTENSIONS)


@dataclass(frozen=True)
class PathPolicy:
    """What a path must be good for, beyond RFC 5280. `purpose` is an extended key usage by name, None for any."""

    purpose: str | None = None
    weak_signatures: bool = True
    """Whether MD5 and SHA-1 signatures in the path are accepted (they are findings in any case)."""
    strict: bool = False
    """Whether the letter of RFC 5280's certificate profile is a condition too (`bot.pki.chain.profile`)."""


class Flaw(NamedTuple):
    """A rule that a certificate breaks in its place in the path."""

    code: FindingCode
    sha256: str
    data: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True)
class Rules:
    """The rules at one moment, under one policy; for one search, which has its own budget of name comparisons."""

    at: datetime
    policy: PathPolicy = field(default_factory=PathPolicy)
    names: Comparisons = field(default_factory=Comparisons)

    @cached_property
    def _moment(self) -> datetime:
        """Validity has whole seconds and both ends belong to it (RFC 5280 section 4.1.2.5)."""
        return self.at.replace(microsecond=0)

    def end_entity(self, certificate: Certificate) -> tuple[Flaw, ...]:
        """What is wrong with the certificate that the path is for."""
        return (*self._itself(certificate), *self._purpose(certificate), *_misplaced(certificate))

    def link(self, issuer: Certificate, below: Sequence[Certificate], anchor: bool) -> tuple[Flaw, ...]:
        """What is wrong with this issuer above `below`, the path so far, end entity first."""
        return (
            *self._itself(issuer),
            *_authority(issuer, below, anchor),
            *self._names(issuer, below),
            *(() if anchor else self._purpose(issuer)),
            *(() if anchor else _nesting(issuer, below)),
            *self._strength(below[-1]),
        )

    def _itself(self, certificate: Certificate) -> Iterator[Flaw]:
        moment = self._moment
        if moment < certificate.not_before:
            yield _dated(FindingCode.NOT_YET_VALID, certificate, certificate.not_before)
        if moment > certificate.not_after:
            yield _dated(FindingCode.EXPIRED, certificate, certificate.not_after)
        for name in certificate.unreadable:
            if name not in _HINTS:
                yield Flaw(FindingCode.UNREADABLE_EXTENSION, certificate.sha256, (("extension", name),))
        if not certificate.critical <= _UNDERSTOOD:
            for oid in sorted(certificate.critical - _UNDERSTOOD):
                yield Flaw(FindingCode.UNKNOWN_CRITICAL_EXTENSION, certificate.sha256, (("extension", oid),))
        if self.policy.strict:
            for rule in profile.departures(certificate):
                yield Flaw(FindingCode.OFF_PROFILE, certificate.sha256, (("rule", rule),))

    def _purpose(self, certificate: Certificate) -> Iterator[Flaw]:
        purpose, usages = self.policy.purpose, certificate.extended_key_usage
        if purpose is not None and usages is not None and not {purpose, _ANY} & set(usages):
            yield Flaw(FindingCode.PURPOSE_NOT_ALLOWED, certificate.sha256, (("purpose", purpose),))

    def _names(self, issuer: Certificate, below: Sequence[Certificate]) -> Iterator[Flaw]:
        name = self.names.violation(issuer, below)
        if name is not None:
            yield Flaw(FindingCode.NAME_NOT_ALLOWED, issuer.sha256, (("name", name[:DN_SHOWN]),))

    def _strength(self, signed: Certificate) -> Iterator[Flaw]:
        if not self.policy.weak_signatures and signed.signature_hash in WEAK_HASHES:
            algorithm = signed.signature_algorithm
            yield Flaw(FindingCode.WEAK_SIGNATURE, signed.sha256, (("algorithm", algorithm),))


def intermediates(path: Sequence[Certificate]) -> int:
    """The CA certificates above the end entity that count against a path length (RFC 5280 section 6.1.4 (l))."""
    return sum(not one.self_issued for one in path[1:])


def _misplaced(certificate: Certificate) -> Iterator[Flaw]:
    """Name constraints must be in CA certificates only (RFC 5280 section 4.2.1.10)."""
    if certificate.name_constraints is not None and certificate.is_ca is False:
        yield Flaw(FindingCode.MISPLACED_NAME_CONSTRAINTS, certificate.sha256)


def _authority(issuer: Certificate, below: Sequence[Certificate], anchor: bool) -> Iterator[Flaw]:
    """RFC 5280 section 6.1.4 (k) to (n)."""
    old_root = anchor and issuer.version < 3  # version 1 roots have no extensions; approval says that it is a CA
    if issuer.is_ca is False and not old_root:
        yield Flaw(FindingCode.NOT_A_CA, issuer.sha256)
    if issuer.path_length is not None and intermediates(below) > issuer.path_length:
        numbers = (("allowed", issuer.path_length), ("found", intermediates(below)))
        yield Flaw(FindingCode.PATH_LENGTH, issuer.sha256, numbers)
    if issuer.key_usage is not None and "keyCertSign" not in issuer.key_usage:
        yield Flaw(FindingCode.NO_CERT_SIGN, issuer.sha256)


def _nesting(issuer: Certificate, below: Sequence[Certificate]) -> Iterator[Flaw]:
    """Whether any purpose that the certificate claims is left by all the CAs above it that restrict purposes.

    RFC 5280 leaves this open (section 4.2.1.12); browsers, Java and OpenSSL read it so. A certificate that claims no
    purpose loses none: that an issuer was made for something else is then a remark of the report.
    """
    claimed = below[0].extended_key_usage
    if claimed is None or not _restricts(issuer):
        return
    left = set(claimed)
    for one in (*below[1:], issuer):
        if _restricts(one) and _ANY not in left:
            left &= set(one.extended_key_usage or ())
        elif _restricts(one):
            left = set(one.extended_key_usage or ())
    if not left:
        yield Flaw(FindingCode.PURPOSE_NOT_ALLOWED, issuer.sha256, (("purpose", ", ".join(claimed)[:DN_SHOWN]),))


def _restricts(issuer: Certificate) -> bool:
    return issuer.extended_key_usage is not None and _ANY not in issuer.extended_key_usage


def _dated(code: FindingCode, certificate: Certificate, moment: datetime) -> Flaw:
    return Flaw(code, certificate.sha256, (("date", moment.isoformat()),))
