"""The candidates of one search: the CA list, and what came along with the certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.pki.certificate import Certificate
from bot.pki.chain.index import CaIndex
from bot.pki.chain.reach import Reach
from bot.pki.chain.source import Candidates, IssuerSource
from bot.pki.names import Name


class Pool:
    """The CA list together with `extra` certificates, which are usable as links, never as anchors."""

    def __init__(self, source: IssuerSource, extra: Sequence[Certificate] = ()) -> None:
        """Each certificate counts once, whether it is in the list, came along, or both."""
        self._source = source
        self._extra = CaIndex(extra)
        self._alone = not extra
        self._along = Reach()
        for one in extra:
            self._along.add(one, anchor=source.reaches_anchor(one))

    def named(self, name: Name) -> Candidates:
        """See `IssuerSource`."""
        return self._source.named(name) if self._alone else self._joined(lambda source: source.named(name))

    def fitting(self, name: Name, key_id: bytes | None) -> Candidates:
        """See `IssuerSource`."""
        if self._alone:
            return self._source.fitting(name, key_id)
        return self._joined(lambda source: source.fitting(name, key_id))

    def keyed(self, name: Name, spki_sha256: str) -> Candidates:
        """See `IssuerSource`."""
        if self._alone:
            return self._source.keyed(name, spki_sha256)
        return self._joined(lambda source: source.keyed(name, spki_sha256))

    def renamed(self, name: Name, key_id: bytes) -> Iterator[Certificate]:
        """See `IssuerSource`."""
        yield from self._source.renamed(name, key_id)
        yield from self._extra.renamed(name, key_id)

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether the CA list says so."""
        return self._source.is_anchor(certificate)

    def reaches_anchor(self, certificate: Certificate) -> bool:
        """Whether an anchor is in reach, through the list or through what came along."""
        return self._source.reaches_anchor(certificate) or self._along.holds(certificate)

    def _joined(self, ask: Callable[[IssuerSource], Candidates]) -> Candidates:
        listed = ask(self._source)
        along = ask(self._extra)
        reaching = {one.sha256: one for one in listed.reaching}
        dead: dict[str, Certificate] = {}
        orphaned: dict[str, Certificate] = {}
        for one in (*listed.dead, *listed.orphaned, *along.dead, *along.orphaned):
            if one.sha256 not in reaching:
                known = self._source.knows(one.issuer) or self._extra.knows(one.issuer)
                (reaching if self.reaches_anchor(one) else dead if known else orphaned)[one.sha256] = one
        return Candidates(tuple(reaching.values()), tuple(dead.values()), tuple(orphaned.values()))
