"""Which CA certificates lead to a trust anchor, told by names and key ids alone, before any signature is checked.

In a list with thousands of cross-signed CAs nearly every way up is a dead end. Knowing them costs one walk from the
anchors down, once; then each answer is two look-ups, and a certificate that is added walks on from where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bot.pki.certificate import Certificate

Children = dict[bytes | None, dict[str, Certificate]]
"""The certificates that name one issuer, by the key id that they expect of it."""


class Reach:
    """The nodes of the CA graph, (subject, subject key id), from which an anchor is reached."""

    def __init__(self) -> None:
        self._children: defaultdict[bytes, Children] = defaultdict(dict)
        self._nodes: dict[bytes, set[bytes | None]] = {}

    def holds(self, certificate: Certificate) -> bool:
        """Whether the issuer that this certificate names is such a node, and no key id contradicts."""
        key_ids = self._nodes.get(certificate.issuer.canonical)
        if not key_ids:
            return False
        wanted = certificate.aki.key_id if certificate.aki else None
        return wanted is None or wanted in key_ids or None in key_ids

    def add(self, certificate: Certificate, anchor: bool) -> None:
        """A certificate has come into the list, or has become an anchor."""
        wanted = certificate.aki.key_id if certificate.aki else None
        self._children[certificate.issuer.canonical].setdefault(wanted, {})[certificate.sha256] = certificate
        if anchor or self.holds(certificate):
            self._walk([certificate], self._nodes)

    def remove(self, certificate: Certificate) -> None:
        """A certificate has left the list; `restart` follows where it was a way to an anchor."""
        wanted = certificate.aki.key_id if certificate.aki else None
        self._children[certificate.issuer.canonical].get(wanted, {}).pop(certificate.sha256, None)

    def below(self, certificates: Iterable[Certificate]) -> frozenset[bytes]:
        """The canonical names of their subjects, and of all whose way up may lead over them, told by names alone."""
        names: set[bytes] = set()
        waiting = [one.subject.canonical for one in certificates]
        while waiting:
            name = waiting.pop()
            if name not in names:
                names.add(name)
                children = self._children.get(name, {}).values()
                waiting += {one.subject.canonical for same in children for one in same.values()}
        return frozenset(names)

    def restart(self, anchors: Iterable[Certificate]) -> None:
        """Walk anew from these anchors."""
        nodes: dict[bytes, set[bytes | None]] = {}
        self._walk(list(anchors), nodes)
        self._nodes = nodes

    def _walk(self, reaching: list[Certificate], nodes: dict[bytes, set[bytes | None]]) -> None:
        """Down from these certificates, each node once, so that a thousand namesakes cost no more than one."""
        while reaching:
            issuer = reaching.pop()
            name, key_id = issuer.subject.canonical, issuer.ski
            known = nodes.setdefault(name, set())
            if key_id in known:
                continue
            first = not known
            known.add(key_id)
            for wanted, children in self._children.get(name, {}).items():
                # Children without a key id follow the first certificate of the name, others their own key.
                if key_id is None or wanted == key_id or (wanted is None and first):
                    reaching.extend(children.values())
