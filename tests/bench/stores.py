"""CA lists of any size around one chain of three links: leaf <- int1 <- int2 <- root, RSA-2048, no SAN, no EKU.

The chain is real. The rest of a list is made from one template by exchanging names, key and key identifiers in its
DER, which takes microseconds: nobody checks a signature of theirs that could hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import Final

from bot.pki.certificate import Certificate
from tests.lab.builders import Ca, Issued

SAME_NAME: Final = 0.10
"""In cross stores: the part of the list that carries int1's name with other keys."""

DEAD_ENDS: Final = 0.05
"""In cross stores: the part that certifies int2's name and key, issued by CAs that nobody has."""


class Kind(StrEnum):
    """Three kinds of lists."""

    PLAIN = "plain"
    """All names differ."""

    CROSS = "cross"
    NO_KEY_IDS = "nokid"
    """Cross, without subject and authority key identifiers anywhere."""


@dataclass(frozen=True)
class Chain:
    """The chain itself."""

    leaf: Issued
    int1: Ca
    int2: Ca
    root: Ca


@dataclass(frozen=True)
class Store:
    """A CA list in DER: the chain's own three certificates first, the crowd behind them."""

    kind: Kind
    chain: Chain
    ders: tuple[bytes, ...]

    def values(self) -> list[Certificate]:
        """As the product's values, in an order that favours nobody."""
        made = [Certificate.from_der(der) for der in self.ders]
        Random(1).shuffle(made)  # noqa: S311 - deals test data
        return made


@lru_cache
def chain(key_ids: bool, /) -> Chain:
    """The chain, with or without key identifiers."""
    root = Ca.root("Bench Root", key_kind="rsa", ski=key_ids, aki=key_ids)
    int2 = root.intermediate("Bench Policy CA 2", key_kind="rsa", ski=key_ids, aki=key_ids)
    int1 = int2.intermediate("Bench Issuing CA 1", key_kind="rsa", ski=key_ids, aki=key_ids)
    return Chain(int1.leaf("as2.bench.example", key_kind="rsa", ski=key_ids, aki=key_ids), int1, int2, root)


def store(kind: Kind, size: int) -> Store:
    """A list of `size` CA certificates of that kind; the same for the same arguments, but for the chain's keys."""
    made = chain(kind is not Kind.NO_KEY_IDS)
    room = size - 3
    crowd: list[bytes] = []
    if kind is not Kind.PLAIN:
        crowd += _copies(made.int1, int(size * SAME_NAME), new_name=False, new_key=True)
        crowd += _copies(made.int2, int(size * DEAD_ENDS), new_name=False, new_key=False)
    crowd += _copies(made.int1, room - len(crowd), new_name=True, new_key=True)
    return Store(kind, made, (made.int1.der, made.int2.der, made.root.der, *crowd))


def _copies(template: Ca, count: int, new_name: bool, new_key: bool) -> Iterator[bytes]:
    """Copies under an issuer that nobody has, each another one."""
    deal = Random(f"{template.sha256}{count}")  # noqa: S311 - deals test data
    modulus = template.key.public_key().public_numbers().n.to_bytes(256, "big")  # type: ignore[union-attr]
    name, issuer = _common_name(template), _common_name(template.above[0])
    key_ids = _key_ids(template)
    serial = template.certificate.serial_number.to_bytes(20, "big").lstrip(b"\0")
    for number in range(count):
        der = template.der.replace(issuer, f"{number:0{len(issuer)}}".encode(), 1)
        if new_name:
            der = der.replace(name, f"C{number:0{len(name) - 1}}".encode(), 1)
        if new_key:
            other = modulus[:1] + deal.randbytes(254) + b"\1"
            der = der.replace(modulus, other, 1)
        for place, key_id in enumerate(key_ids):
            if place or new_key:
                der = der.replace(key_id, deal.randbytes(20), 1)
        yield der.replace(serial, serial[:1] + deal.randbytes(len(serial) - 1), 1)


def _common_name(issued: Issued) -> bytes:
    return str(issued.name.rfc4514_string()).split("CN=")[1].split(",")[0].encode()


def _key_ids(issued: Issued) -> tuple[bytes, ...]:
    """Subject and authority key identifier, where there are any."""
    one = Certificate.from_der(issued.der)
    return (one.ski, one.aki.key_id) if one.ski and one.aki and one.aki.key_id else ()
