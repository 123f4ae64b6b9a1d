"""Where issuers come from: the CA list as an index in memory."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from bot.pki.certificate import Certificate
from bot.pki.names import Name


class IssuerSource(Protocol):
    """What the path search asks; `CaIndex` is the one that the product uses."""

    def issuers(self, name: Name) -> Sequence[Certificate]:
        """Every CA certificate whose subject is that name (RFC 5280 section 7.1)."""

    def tiers(self, name: Name, key_id: bytes | None) -> Iterator[Sequence[Certificate]]:
        """The same, in three groups: with that key id, with none to compare, with another one."""

    def with_key(self, spki_sha256: str) -> Sequence[Certificate]:
        """Every CA certificate for that public key."""

    def by_key_id(self, key_id: bytes) -> Sequence[Certificate]:
        """Every CA certificate that carries that subject key id."""

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether a path may end here."""

    def reaches_anchor(self, certificate: Certificate) -> bool:
        """Whether names and key ids alone lead from this CA certificate of the source to an anchor: a hint."""


def contradicts(child: Certificate, issuer: Certificate) -> bool:
    """Whether the child's authority key id names another key than the issuer's subject key id."""
    wanted = child.aki.key_id if child.aki else None
    return wanted is not None and issuer.ski is not None and wanted != issuer.ski


class CaIndex:
    """CA certificates by subject, key id and key, changed in place. Not locked: one writer, or a lock around it."""

    def __init__(self, certificates: Iterable[Certificate] = (), anchors: Collection[str] = ()) -> None:
        """Index the certificates; those whose SHA-256 is in `anchors` are trust anchors."""
        self._all: dict[str, Certificate] = {}
        self._anchors: set[str] = set()
        self._by_name: dict[bytes, dict[bytes | None, dict[str, Certificate]]] = {}
        self._by_issuer: defaultdict[bytes, dict[str, Certificate]] = defaultdict(dict)
        self._by_key: defaultdict[str, dict[str, Certificate]] = defaultdict(dict)
        self._by_key_id: defaultdict[bytes, dict[str, Certificate]] = defaultdict(dict)
        self._reached: set[str] | None = None
        for certificate in certificates:
            self.add(certificate, anchor=certificate.sha256 in anchors)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Certificate]:
        return iter(tuple(self._all.values()))

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._all

    def get(self, sha256: str) -> Certificate | None:
        """The certificate with that fingerprint."""
        return self._all.get(sha256)

    def add(self, certificate: Certificate, anchor: bool) -> None:
        """Add a certificate, or change whether one that is there already is an anchor."""
        sha256 = certificate.sha256
        self._all[sha256] = certificate
        if anchor:
            self._anchors.add(sha256)
        else:
            self._anchors.discard(sha256)
        self._by_name.setdefault(certificate.subject.canonical, {}).setdefault(certificate.ski, {})[sha256] = (
            certificate
        )
        self._by_issuer[certificate.issuer.canonical][sha256] = certificate
        self._by_key[certificate.key.spki_sha256][sha256] = certificate
        if certificate.ski is not None:
            self._by_key_id[certificate.ski][sha256] = certificate
        self._reached = None

    def remove(self, sha256: str) -> None:
        """Take a certificate out; one that is not there is no error."""
        certificate = self._all.pop(sha256, None)
        if certificate is None:
            return
        self._anchors.discard(sha256)
        self._by_name[certificate.subject.canonical][certificate.ski].pop(sha256, None)
        self._by_issuer[certificate.issuer.canonical].pop(sha256, None)
        self._by_key[certificate.key.spki_sha256].pop(sha256, None)
        if certificate.ski is not None:
            self._by_key_id[certificate.ski].pop(sha256, None)
        self._reached = None

    def issuers(self, name: Name) -> Sequence[Certificate]:
        """See `IssuerSource`."""
        return [one for group in self._by_name.get(name.canonical, {}).values() for one in group.values()]

    def tiers(self, name: Name, key_id: bytes | None) -> Iterator[Sequence[Certificate]]:
        """See `IssuerSource`; the third group is put together only when it is asked for."""
        groups = self._by_name.get(name.canonical, {})
        if key_id is None:
            yield ()
            yield self.issuers(name)
            yield ()
            return
        yield tuple(groups.get(key_id, {}).values())
        yield tuple(groups.get(None, {}).values())
        yield [one for ski, group in groups.items() if ski not in {key_id, None} for one in group.values()]

    def with_key(self, spki_sha256: str) -> Sequence[Certificate]:
        """See `IssuerSource`."""
        return tuple(self._by_key.get(spki_sha256, {}).values())

    def by_key_id(self, key_id: bytes) -> Sequence[Certificate]:
        """See `IssuerSource`."""
        return tuple(self._by_key_id.get(key_id, {}).values())

    def is_anchor(self, certificate: Certificate) -> bool:
        """See `IssuerSource`."""
        return certificate.sha256 in self._anchors

    def reaches_anchor(self, certificate: Certificate) -> bool:
        """See `IssuerSource`; walked from the anchors down, once after each change of the list."""
        if self._reached is None:
            self._reached = self._walk_down()
        return certificate.sha256 in self._reached

    def _walk_down(self) -> set[str]:
        """One visit for each (name, key id), so that a thousand namesakes cost no more than one."""
        reached = set(self._anchors)
        waiting = deque(self._all[sha256] for sha256 in self._anchors)
        visited: set[tuple[bytes, bytes | None]] = set()
        while waiting:
            issuer = waiting.popleft()
            node = (issuer.subject.canonical, issuer.ski)
            if node in visited:
                continue
            visited.add(node)
            for child in self._by_issuer.get(issuer.subject.canonical, {}).values():
                if child.sha256 not in reached and not contradicts(child, issuer):
                    reached.add(child.sha256)
                    waiting.append(child)
        return reached
