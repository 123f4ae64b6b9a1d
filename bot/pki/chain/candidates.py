"""Who may have signed a certificate: candidates in order of promise, each key tried once, within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from bot.pki.certificate import Certificate
from bot.pki.chain.pool import Pool
from bot.pki.chain.source import NONE, Candidates
from bot.pki.limits import ChainLimits
from bot.pki.signatures import SignatureCheck, check


@dataclass
class Budget:
    """What is left of a search; `exhausted` stays set once anything ran out that could have led to an anchor."""

    signatures: int
    steps: int
    exhausted: bool = False

    def step(self) -> bool:
        """Take one step."""
        if self.steps == 0:
            self.exhausted = True
            return False
        self.steps -= 1
        return True

    def cap(self, signatures: int, steps: int) -> None:
        """Leave no more than this."""
        self.signatures = min(self.signatures, signatures)
        self.steps = min(self.steps, steps)


@dataclass
class Signers:
    """Finds, for a certificate, the issuer certificates whose key made its signature.

    A signature is made by one key. Once it is known, its other certificates (cross-signs, renewals) need no check and
    certificates for other keys are no candidates: a store full of namesakes costs three checks for three links.
    Candidates that lead nowhere are tried for the diagnosis alone, see `everybody`.
    """

    pool: Pool
    at: datetime
    limits: ChainLimits
    budget: Budget
    checked: int = 0
    everybody: bool = False
    results: dict[tuple[str, str], SignatureCheck] = field(default_factory=dict)
    untried: set[str] = field(default_factory=set)
    """Certificates for which candidates that lead nowhere are left, because the budget is used up."""

    _keys: dict[str, str] = field(default_factory=dict)
    _orphans: set[tuple[str, bool]] = field(default_factory=set)

    def of(self, child: Certificate) -> Candidates:
        """The certificates of the key that made the signature, most promising first; nobody when it is unknown."""
        key = self._keys.get(child.sha256)
        if key is None and (child.sha256, self.everybody) not in self._orphans:
            key = self._signing_key(child)
            if key is None:
                self._orphans.add((child.sha256, self.everybody))
            else:
                self._keys[child.sha256] = key
        return NONE if key is None else self.pool.keyed(child.issuer, key)

    def in_order(self, candidates: Iterable[Certificate]) -> Iterator[Certificate]:
        """Those in date first; lazily, because a thousand namesakes may stand behind the right one."""
        late = []
        for one in candidates:
            if one.not_before <= self.at <= one.not_after:
                yield one
            else:
                late.append(one)
        yield from late

    def check(self, child: Certificate, issuer: Certificate) -> SignatureCheck | None:
        """The outcome for the child's signature and the issuer's key; None when the budget is used up."""
        pair = (child.sha256, issuer.key.spki_sha256)
        if pair not in self.results:
            if self.budget.signatures < issuer.check_cost:
                return None
            self.budget.signatures -= issuer.check_cost
            self.checked += 1
            self.results[pair] = check(child, issuer)
        return self.results[pair]

    def known(self, child: Certificate, issuer: Certificate) -> SignatureCheck | None:
        """The outcome of an earlier check, if there was one."""
        return self.results.get((child.sha256, issuer.key.spki_sha256))

    def _signing_key(self, child: Certificate) -> str | None:
        for candidate in self._candidates(child, reaching=True):
            outcome = self.check(child, candidate)
            if outcome is SignatureCheck.GOOD:
                return candidate.key.spki_sha256
            if outcome is None:
                self.budget.exhausted = True
                return None
        for candidate in self._candidates(child, reaching=False) if self.everybody else ():
            outcome = self.check(child, candidate)
            if outcome is SignatureCheck.GOOD:
                return candidate.key.spki_sha256
            if outcome is None:
                # Whoever of them it is: no anchor is above. So the answer is known, only its place is not.
                self.untried.add(child.sha256)
                return None
        return None

    def _candidates(self, child: Certificate, reaching: bool) -> Iterator[Certificate]:
        """By key id: the right one, none at all, another one. Without a key id all of the name are alike."""
        name, wanted = child.issuer, child.aki.key_id if child.aki else None
        if wanted is None:
            yield from self.in_order(_part(self.pool.named(name), reaching))
            return
        yield from self.in_order(_part(self.pool.fitting(name, wanted), reaching))
        yield from self.in_order(_part(self.pool.fitting(name, None), reaching))
        others = (one for one in _part(self.pool.named(name), reaching) if one.ski not in {wanted, None})
        yield from islice(self.in_order(others), self.limits.mismatches if reaching else self.limits.dead_mismatches)


def _part(candidates: Candidates, reaching: bool) -> Iterable[Certificate]:
    return candidates.reaching if reaching else chain(candidates.dead, candidates.orphaned)
