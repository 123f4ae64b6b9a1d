"""What the path search asks of a list of CA certificates; `CaIndex` is the one that the product uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from bot.pki.certificate import Certificate
from bot.pki.names import Name


class Candidates(NamedTuple):
    """CA certificates that may have signed something, each part with the most promising first.

    Names and key ids lead from the `reaching` ones to a trust anchor, from the `dead` ones to issuers that are there
    and lead to none, from the `orphaned` ones nowhere: the issuer that they name is absent.
    """

    reaching: Sequence[Certificate]
    dead: Sequence[Certificate]
    orphaned: Sequence[Certificate]


NONE: Final = Candidates((), (), ())
"""Nobody."""


class IssuerSource(Protocol):
    """A list of CA certificates, some of them trust anchors."""

    def named(self, name: Name) -> Candidates:
        """Those whose subject is that name (RFC 5280 section 7.1)."""

    def fitting(self, name: Name, key_id: bytes | None) -> Candidates:
        """Of these those with that subject key id; None asks for those that have none."""

    def keyed(self, name: Name, spki_sha256: str) -> Candidates:
        """Of these those for that public key."""

    def knows(self, name: Name) -> bool:
        """Whether there is any certificate with that subject."""

    def renamed(self, name: Name, key_id: bytes) -> Iterable[Certificate]:
        """Those with that subject key id and another subject."""

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether a path may end here."""

    def reaches_anchor(self, certificate: Certificate) -> bool:
        """Whether names and key ids alone lead from this certificate, of the list or not, to an anchor: a hint."""


def contradicts(child: Certificate, issuer: Certificate) -> bool:
    """Whether the child's authority key id names another key than the issuer's subject key id."""
    wanted = child.aki.key_id if child.aki else None
    return wanted is not None and issuer.ski is not None and wanted != issuer.ski
