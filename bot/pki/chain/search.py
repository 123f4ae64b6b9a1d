"""The path search: depth first with backtracking over all candidates (RFC 4158 sections 2.4 and 3.5).

Two walks share one budget and one memory of signatures. The first yields the paths that keep every rule and goes only
where an anchor is in reach. Only when there is none the second one looks at everything, each certificate once, and
keeps every place where a signed path ended: that is the diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto

from bot.pki.certificate import Certificate
from bot.pki.chain.candidates import Budget, Signers
from bot.pki.chain.pool import Pool
from bot.pki.chain.rules import Flaw, Rules, intermediates
from bot.pki.chain.source import NONE
from bot.pki.limits import ChainLimits

Path = tuple[Certificate, ...]


class End(Enum):
    """How a signed path can end."""

    ANCHOR = auto()
    ROOT = auto()
    """At a self-signed certificate that is no anchor."""
    GAP = auto()
    """At a certificate whose issuer is not known, see `Gap`."""


class Gap(IntEnum):
    """Why a path has a gap; what is most useful to name comes first."""

    CROWD = 1
    """The issuer is known by more dead ends than anybody would follow: another certificate of it is wanted."""
    ABSENT = 2
    LOOP = 3
    """All known issuers lead back into the path, or too far."""


@dataclass(frozen=True)
class Ending:
    """A signed path and its end. `flaws` are those of its links, not of the end entity."""

    end: End
    path: Path
    flaws: tuple[Flaw, ...]
    gap: Gap = Gap.ABSENT


@dataclass(frozen=True)
class Refusal:
    """All known issuers of the last certificate of `path` break a rule in this place."""

    path: Path
    issuers: tuple[tuple[Certificate, Flaw], ...]


@dataclass
class Search:
    """One search for one certificate."""

    pool: Pool
    rules: Rules
    limits: ChainLimits
    budget: Budget = field(init=False)
    signers: Signers = field(init=False)
    endings: list[Ending] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits.signatures, self.limits.steps)
        self.signers = Signers(self.pool, self.rules.at, self.limits, self.budget)

    def complete(self, path: Path) -> Iterator[Path]:
        """The paths that end at an anchor and have no flaw in their links, best candidates first.

        Whether an anchor is in reach is told by names and key ids, so a key id that misleads higher up in the CA list
        hides a path here; `explain` then finds it.
        """
        top = path[-1]
        if self.pool.is_anchor(top):
            yield path
            return
        if top.rootlike:
            return
        for issuer in self.signers.in_order(self.signers.of(top).reaching):
            if not self.budget.step():
                return
            anchor = self.pool.is_anchor(issuer)
            if self._fits(path, issuer, anchor) and not self.rules.link(issuer, path, anchor):
                yield from self.complete((*path, issuer))

    def explain(self, path: Path, flaws: tuple[Flaw, ...] = ()) -> None:
        """Fill `endings` and `refusals`, walking on above links that break a rule."""
        top = path[-1]
        if self.pool.is_anchor(top):
            self.endings.append(Ending(End.ANCHOR, path, flaws))
            return
        if top.rootlike:
            self.endings.append(Ending(End.ROOT, path, flaws))
            return
        self.signers.everybody = True
        issuers = self.signers.of(top)
        orphaned = issuers.orphaned
        if len(orphaned) > self.limits.dead_ends:
            orphaned = ()
            if not issuers.reaching:
                self.endings.append(Ending(End.GAP, path, flaws, Gap.CROWD))
        refused: list[tuple[Certificate, Flaw]] = []
        usable, fitting = False, False
        for issuer in self.signers.in_order((*issuers.reaching, *issuers.dead, *orphaned)):
            if not self.budget.step():
                return
            anchor = self.pool.is_anchor(issuer)
            if not self._fits(path, issuer, anchor):
                continue
            fitting = True
            broken = self.rules.link(issuer, path, anchor)
            usable = usable or not broken
            refused.extend((issuer, flaw) for flaw in broken[:1])
            if issuer.sha256 not in self._seen:
                self._seen.add(issuer.sha256)
                self.explain((*path, issuer), (*flaws, *broken))
        if not fitting and len(orphaned) == len(issuers.orphaned):
            gap = Gap.LOOP if issuers != NONE else Gap.ABSENT
            self.endings.append(Ending(End.GAP, path, flaws, gap))
        if refused and not usable:
            self.refusals.append(Refusal(path, tuple(refused)))

    def _fits(self, path: Path, issuer: Certificate, anchor: bool) -> bool:
        """No loop, and not too deep. A loop is the same name with the same key, whatever the certificate."""
        node = (issuer.subject.canonical, issuer.key.spki_sha256)
        if any((one.subject.canonical, one.key.spki_sha256) == node for one in path):
            return False
        if anchor:
            return True
        # Self-issued certificates do not count, but with a new key each they could go on for ever.
        if len(path) > 3 * self.limits.depth + 1:
            return False
        return intermediates((*path, issuer)) <= self.limits.depth
