"""Who may have signed a certificate: candidates in order of promise, each key tried once, within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.pki.algorithms import WEAK_HASHES
from bot.pki.certificate import Certificate
from bot.pki.chain.source import CaIndex, IssuerSource
from bot.pki.limits import ChainLimits
from bot.pki.names import Name
from bot.pki.signatures import SignatureCheck, check


@dataclass
class Budget:
    """What is left of a search; `exhausted` stays set once anything ran out."""

    signatures: int
    steps: int
    exhausted: bool = False

    def sign(self) -> bool:
        """Take one signature check."""
        if self.signatures == 0:
            self.exhausted = True
            return False
        self.signatures -= 1
        return True

    def step(self) -> bool:
        """Take one step."""
        if self.steps == 0:
            self.exhausted = True
            return False
        self.steps -= 1
        return True


@dataclass
class Pool:
    """The CA list, and the certificates that came along with this one: usable as links, never as anchors."""

    source: IssuerSource
    extra: CaIndex

    def tiers(self, name: Name, key_id: bytes | None) -> Iterator[Sequence[Certificate]]:
        """Candidates for a name in three groups, see `IssuerSource.tiers`."""
        pairs = zip(self.source.tiers(name, key_id), self.extra.tiers(name, key_id), strict=True)
        return ((*listed, *along) for listed, along in pairs)

    def issuers(self, name: Name) -> Sequence[Certificate]:
        """Every certificate with that subject."""
        return _unique((*self.source.issuers(name), *self.extra.issuers(name)))

    def with_key(self, spki_sha256: str) -> Sequence[Certificate]:
        """Every certificate for that key."""
        return _unique((*self.source.with_key(spki_sha256), *self.extra.with_key(spki_sha256)))

    def by_key_id(self, key_id: bytes) -> Sequence[Certificate]:
        """Every certificate with that subject key id."""
        return _unique((*self.source.by_key_id(key_id), *self.extra.by_key_id(key_id)))

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether the CA list says so."""
        return self.source.is_anchor(certificate)

    def may_reach(self, certificate: Certificate) -> bool:
        """Whether an anchor is in reach. With certificates that came along nothing can be ruled out."""
        return len(self.extra) > 0 or self.source.reaches_anchor(certificate)


def _unique(certificates: Sequence[Certificate]) -> Sequence[Certificate]:
    return tuple({one.sha256: one for one in certificates}.values())


@dataclass
class Signers:
    """Finds, for a certificate, the issuer certificates whose key made its signature.

    A signature is made by one key. Once it is known, its other certificates (cross-signs, renewals) need no check and
    certificates for other keys are no candidates: a store full of namesakes costs three checks for three links.
    """

    pool: Pool
    at: datetime
    limits: ChainLimits
    budget: Budget
    results: dict[tuple[str, str], SignatureCheck] = field(default_factory=dict)
    _found: dict[str, tuple[Certificate, ...]] = field(default_factory=dict)

    def of(self, child: Certificate) -> tuple[Certificate, ...]:
        """The issuers, most promising first; empty when none is known."""
        if child.sha256 not in self._found:
            key = self._signing_key(child)
            named = () if key is None else self.pool.with_key(key)
            fitting = [one for one in named if one.subject.canonical == child.issuer.canonical]
            self._found[child.sha256] = tuple(sorted(fitting, key=self._promise))
        return self._found[child.sha256]

    def check(self, child: Certificate, issuer: Certificate) -> SignatureCheck | None:
        """The outcome for the child's signature and the issuer's key; None when the budget is used up."""
        pair = (child.sha256, issuer.key.spki_sha256)
        if pair not in self.results:
            if not self.budget.sign():
                return None
            self.results[pair] = check(child.der, issuer.der)
        return self.results[pair]

    def known(self, child: Certificate, issuer: Certificate) -> SignatureCheck | None:
        """The outcome of an earlier check, if there was one."""
        return self.results.get((child.sha256, issuer.key.spki_sha256))

    def _signing_key(self, child: Certificate) -> str | None:
        wanted = child.aki.key_id if child.aki else None
        for mismatched, tier in zip((False, False, True), self.pool.tiers(child.issuer, wanted), strict=True):
            ordered = sorted(tier, key=self._promise) if len(tier) > 1 else tier
            for candidate in ordered[: self.limits.mismatches] if mismatched else ordered:
                outcome = self.check(child, candidate)
                if outcome is SignatureCheck.GOOD:
                    return candidate.key.spki_sha256
                if outcome is None:
                    return None
        return None

    def _promise(self, candidate: Certificate) -> tuple[bool, bool, bool, bool, float, str]:
        """Reachable, usable, strong, anchor, long-lived; the fingerprint makes the answer always the same."""
        usable = candidate.not_before <= self.at <= candidate.not_after and candidate.is_ca is not False
        return (
            not self.pool.may_reach(candidate),
            not usable,
            candidate.signature_hash in WEAK_HASHES,
            not self.pool.is_anchor(candidate),
            -candidate.not_after.timestamp(),
            candidate.sha256,
        )
