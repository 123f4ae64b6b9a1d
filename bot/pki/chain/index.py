"""The CA list as an index in memory: changed in place, asked without touching more than the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from bot.pki.algorithms import WEAK_HASHES
from bot.pki.certificate import Certificate
from bot.pki.chain.reach import Reach
from bot.pki.chain.source import NONE, Candidates
from bot.pki.names import Name

_K = TypeVar("_K")

Promise = tuple[bool, bool, bool, bool, float, str]
"""A CA, strongly signed, an anchor, not signed by itself, long-lived; the fingerprint makes the order always the same.

The moment of a search is not in it: who is out of date is told during the search.
"""


@dataclass(frozen=True)
class _View:
    """The certificates of one subject in the order of their promise, at one state of the list."""

    changes: int
    all: Candidates
    by_ski: dict[bytes | None, Candidates]
    by_key: dict[str, Candidates]


class _Namesakes:
    """The certificates of one subject. Sorted and split on the first question after a change, not before."""

    __slots__ = ("_view", "members")

    def __init__(self) -> None:
        self.members: dict[str, Certificate] = {}
        self._view: _View | None = None

    def put(self, certificate: Certificate) -> None:
        self.members[certificate.sha256] = certificate
        self._view = None

    def drop(self, sha256: str) -> None:
        self.members.pop(sha256, None)
        self._view = None

    def view(self, changes: int, order: Callable[[Certificate], Promise], part: Callable[[Certificate], int]) -> _View:
        if self._view is None or self._view.changes != changes:
            ordered = sorted(self.members.values(), key=order) if len(self.members) > 1 else self.members.values()
            placed = [(one, part(one)) for one in ordered]
            self._view = _View(
                changes,
                _split(placed),
                _grouped(placed, lambda one: one.ski),
                _grouped(placed, lambda one: one.key.spki_sha256),
            )
        return self._view


def _split(placed: Iterable[tuple[Certificate, int]]) -> Candidates:
    parts: tuple[list[Certificate], ...] = ([], [], [])
    for one, part in placed:
        parts[part].append(one)
    return Candidates(*parts)


def _grouped(placed: Iterable[tuple[Certificate, int]], key: Callable[[Certificate], _K]) -> dict[_K, Candidates]:
    groups: defaultdict[_K, list[tuple[Certificate, int]]] = defaultdict(list)
    for one in placed:
        groups[key(one[0])].append(one)
    return {found: _split(group) for found, group in groups.items()}


class CaIndex:
    """CA certificates by subject, key id and key.

    Not locked: one writer at a time, and nobody asking meanwhile. Questions may come from several threads at once: what
    they fill in lazily is the same whoever comes first.
    """

    def __init__(self, certificates: Iterable[Certificate] = (), anchors: Collection[str] = ()) -> None:
        """Index the certificates; those whose SHA-256 is in `anchors` are trust anchors."""
        self._all: dict[str, Certificate] = {}
        self._anchors: set[str] = set()
        self._by_name: dict[bytes, _Namesakes] = {}
        self._names_by_key_id: dict[bytes, tuple[bytes, ...]] = {}
        self._reach = Reach()
        self._stale = False
        self._changes = 0
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
        self._changes += 1
        self._all[sha256] = certificate
        if anchor:
            self._anchors.add(sha256)
        elif sha256 in self._anchors:
            self._anchors.discard(sha256)
            self._stale = True
        name = certificate.subject.canonical
        namesakes = self._by_name.get(name)
        if namesakes is None:
            namesakes = self._by_name[name] = _Namesakes()
        namesakes.put(certificate)
        if certificate.ski is not None:
            names = self._names_by_key_id.get(certificate.ski, ())
            if name not in names:
                self._names_by_key_id[certificate.ski] = (*names, name)
        self._reach.add(certificate, anchor)

    def remove(self, sha256: str) -> None:
        """Take a certificate out; one that is not there is no error."""
        certificate = self._all.pop(sha256, None)
        if certificate is None:
            return
        self._changes += 1
        self._stale = self._stale or self.is_anchor(certificate) or self._reach.holds(certificate)
        self._anchors.discard(sha256)
        name = certificate.subject.canonical
        self._by_name[name].drop(sha256)
        if not self._by_name[name].members:
            del self._by_name[name]
        if certificate.ski is not None:
            self._forget_key_id(certificate.ski, name)
        self._reach.remove(certificate)

    def named(self, name: Name) -> Candidates:
        """See `IssuerSource`."""
        view = self._view(name)
        return view.all if view else NONE

    def fitting(self, name: Name, key_id: bytes | None) -> Candidates:
        """See `IssuerSource`."""
        view = self._view(name)
        return view.by_ski.get(key_id, NONE) if view else NONE

    def keyed(self, name: Name, spki_sha256: str) -> Candidates:
        """See `IssuerSource`."""
        view = self._view(name)
        return view.by_key.get(spki_sha256, NONE) if view else NONE

    def knows(self, name: Name) -> bool:
        """See `IssuerSource`."""
        return name.canonical in self._by_name

    def renamed(self, name: Name, key_id: bytes) -> Iterator[Certificate]:
        """See `IssuerSource`."""
        for other in self._names_by_key_id.get(key_id, ()):
            if other != name.canonical:
                yield from (one for one in self._by_name[other].members.values() if one.ski == key_id)

    def issuers_below(self, certificates: Iterable[Certificate]) -> frozenset[bytes]:
        """The canonical names of the issuers whose certificates may have one of these in their path.

        Told by names alone: of a certificate whose issuer is none of them, no path runs over these.
        """
        return self._reach.below(certificates)

    def is_anchor(self, certificate: Certificate) -> bool:
        """See `IssuerSource`."""
        return certificate.sha256 in self._anchors

    def reaches_anchor(self, certificate: Certificate) -> bool:
        """See `IssuerSource`."""
        if self._stale:
            self._settle()
        return certificate.sha256 in self._anchors or self._reach.holds(certificate)

    def _promise(self, one: Certificate) -> Promise:
        anchor = self.is_anchor(one)
        weak = one.signature_hash in WEAK_HASHES
        by_itself = one.self_issued and not anchor
        return one.is_ca is False, weak, not anchor, by_itself, -one.not_after.timestamp(), one.sha256

    def _view(self, name: Name) -> _View | None:
        namesakes = self._by_name.get(name.canonical)
        if namesakes is None:
            return None
        if self._stale:
            self._settle()
        return namesakes.view(self._changes, self._promise, self._part)

    def _part(self, one: Certificate) -> int:
        """The place among `Candidates`."""
        if self.reaches_anchor(one):
            return 0
        return 1 if self.knows(one.issuer) else 2

    def _forget_key_id(self, key_id: bytes, name: bytes) -> None:
        """A certificate of that name and key id has gone; another one of both may be left."""
        namesakes = self._by_name.get(name)
        if namesakes is None or all(one.ski != key_id for one in namesakes.members.values()):
            left = tuple(one for one in self._names_by_key_id[key_id] if one != name)
            if left:
                self._names_by_key_id[key_id] = left
            else:
                del self._names_by_key_id[key_id]

    def _settle(self) -> None:
        """A way to an anchor has gone: which ones are left is found out on the next question, once."""
        self._reach.restart(self._all[sha256] for sha256 in self._anchors)
        self._stale = False
