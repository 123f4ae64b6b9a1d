"""A small reader of DER elements (X.690), for what the library reads all or nothing or not at all.

pyca/cryptography decodes names and extensions lazily and as a whole: one bad extension hides the good ones, one bad
attribute the whole name. This reader goes element by element, so that the damage stays where it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from bot.pki.errors import MalformedDer, TruncatedDer

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31
_LONGEST_LENGTH: Final = 4
_LONGEST_OID: Final = 64

OIDS_KEPT: Final = 1_024
"""Object identifiers kept in dotted form; the certificates of a whole CA list use some fifty."""


class Element(NamedTuple):
    """One element: its identifier octet, its content, and all its octets."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> list[Element]:
        """The elements inside, all of them; raises `MalformedDer` where the content is not a row of elements."""
        return elements(self.content)


_element = tuple.__new__
"""Makes an `Element` at half the price of its constructor."""


def read(data: bytes, at: int = 0) -> Element:
    """The element that starts at `at`; what follows it is not looked at."""
    tag, start, stop = _bounds(data, at)
    return Element(tag, data[start:stop], data[at:stop])


def elements(data: bytes) -> list[Element]:
    """The elements that fill `data` exactly."""
    found, at, end = [], 0, len(data)
    while at < end:
        # Short lengths are read here: nine of ten elements have one, and a call each is half the cost of an import.
        if at + 2 <= end and (length := data[at + 1]) < 0x80 and data[at] & 0x1F != 0x1F and at + 2 + length <= end:
            start, stop = at + 2, at + 2 + length
        else:
            _, start, stop = _bounds(data, at)
        found.append(_element(Element, (data[at], data[start:stop], data[at:stop])))
        at = stop
    return found


Span = tuple[int, int, int, int]
"""An element by its place: identifier octet, first octet, first octet of the content, the octet after it."""


def spans(data: bytes, at: int, end: int) -> list[Span]:
    """The elements that fill `data[at:end]` exactly, without a copy of any of them: a certificate has some forty."""
    found = []
    while at < end:
        if at + 2 <= end and (length := data[at + 1]) < 0x80 and data[at] & 0x1F != 0x1F:
            start, stop = at + 2, at + 2 + length
        else:
            _, start, stop = _bounds(data, at)
        if stop > end:
            raise TruncatedDer(stop - end)
        found.append((data[at], at, start, stop))
        at = stop
    return found


def only(data: bytes, tag: int) -> Element:
    """The one element that fills `data`, with this tag."""
    one = read(data)
    if one.tag != tag or len(one.raw) != len(data):
        raise MalformedDer("unexpected element")
    return one


def _bounds(data: bytes, at: int) -> tuple[int, int, int]:
    if at + 2 > len(data):
        raise TruncatedDer(at + 2 - len(data))
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise MalformedDer("long tag")
    if length == 0x80:
        raise MalformedDer("indefinite length")
    if length > 0x80:
        octets = length & 0x7F
        if octets > _LONGEST_LENGTH:
            raise MalformedDer("length too long")
        if start + octets > len(data):
            raise TruncatedDer(start + octets - len(data))
        length = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + length > len(data):
        raise TruncatedDer(start + length - len(data))
    return tag, start, start + length


def integer(content: bytes) -> int:
    """An INTEGER's value."""
    if not content:
        raise MalformedDer("empty integer")
    return int.from_bytes(content, "big", signed=True)


@lru_cache(maxsize=OIDS_KEPT)
def dotted(content: bytes) -> str:
    """An OBJECT IDENTIFIER's content in dotted form (X.690 section 8.19)."""
    if not content or content[-1] & 0x80 or len(content) > _LONGEST_OID:
        raise MalformedDer("object identifier")
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


def bits(content: bytes) -> frozenset[int]:
    """The numbers of the bits that are set in a BIT STRING, the first one 0."""
    if not content or content[0] > 7 or (content[0] and len(content) == 1):
        raise MalformedDer("bit string")
    count = (len(content) - 1) * 8 - content[0]
    return frozenset(n for n in range(min(count, 64)) if content[1 + n // 8] & (0x80 >> n % 8))


def truth(content: bytes) -> bool:
    """A BOOLEAN's value (X.690 section 11.1: FF is the only true)."""
    if content not in {b"\xff", b"\x00"}:
        raise MalformedDer("boolean")
    return content == b"\xff"
