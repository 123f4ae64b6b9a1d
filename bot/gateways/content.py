"""What a version holds, as DER: made from material, read back from a disk, compared with a program's memory."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.gateways.base import Material, Role, TrustMaterial
from bot.gateways.errors import GatewayRefused
from bot.pki.certificate import Certificate


@dataclass(frozen=True)
class Content:
    """One version's certificates in DER; `leaves` are the pinned ones, the newest first."""

    role: Role
    leaves: tuple[bytes, ...]
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]

    @classmethod
    def of(cls, material: Material) -> Self:
        """The material's certificates."""
        groups = (material.pinned, material.chain, material.anchors)
        return cls(material.role, *(tuple(one.der for one in group) for group in groups))

    @property
    def pins(self) -> tuple[str, ...]:
        """SHA-256 of each leaf, lower-case hex."""
        return tuple(hashlib.sha256(der).hexdigest() for der in self.leaves)

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """What a program verifies paths against: intermediates, anchors, and leaves that nobody else vouches for.

        The intermediates make up for a partner who does not send them; the pin keeps other holders out.
        """
        alone = tuple(der for der in self.leaves if Certificate.from_der(der).self_signed)
        return tuple(dict.fromkeys((*self.chain, *self.anchors, *alone)))

    def trust(self) -> TrustMaterial:
        """The yardstick of a proof."""
        return TrustMaterial(role=self.role, pins=self.pins, chain=self.chain, anchors=self.anchors)


def check(material: Material) -> None:
    """Refuse material that no gateway could hold a proof against.

    Raises:
        GatewayRefused: `bad_material`: anchors missing for a certificate that is not self-signed, others beside one
            that is, or an overlap in role `presents`.
    """
    if material.beside and material.role is Role.PRESENTS:
        raise GatewayRefused("bad_material", {"reason": "overlap_presents"})
    alone = [one for one in material.pinned if one.self_signed]
    if len(alone) == len(material.pinned):
        known = {one.sha256 for one in alone}
        if any(other.sha256 not in known for other in (*material.chain, *material.anchors)):
            raise GatewayRefused("bad_material", {"reason": "self_signed_with_chain"})
    elif not material.anchors:
        # A pin without anchors is a bare pin: Envoy, for one, then admits even an expired certificate.
        raise GatewayRefused("bad_material", {"reason": "no_anchors"})


def digest_of(content: Content) -> str:
    """16 hex digits that tell one content from another; the same material staged twice has the same."""
    digest = hashlib.sha256(content.role.value.encode("ascii"))
    for part in (content.leaves, content.chain, content.anchors):
        digest.update(b"\0" + b"".join(hashlib.sha256(der).digest() for der in part))
    return digest.hexdigest()[:16]


def fingerprints_sha1(ders: Sequence[bytes]) -> frozenset[str]:
    """SHA-1 in lower-case hex: HAProxy names its certificates by it. Tells them apart; secures nothing."""
    return frozenset(hashlib.sha1(der, usedforsecurity=False).hexdigest() for der in ders)
