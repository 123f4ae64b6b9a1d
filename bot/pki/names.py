"""Distinguished names: read attribute by attribute, shown by RFC 4514, compared by RFC 5280 section 7.1.

A name is never refused: what cannot be decoded keeps its raw DER, so that the certificate still chains and still shows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from bot.pki import der
from bot.pki.errors import MalformedDer
from bot.pki.limits import DN_SHOWN, NAMES_PER_CERTIFICATE

_COMMON_NAME: Final = "2.5.4.3"
_ORGANISATION: Final = "2.5.4.10"
_ORGANISATIONAL_UNIT: Final = "2.5.4.11"

_SHORT: Final = {
    _COMMON_NAME: "CN",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    _ORGANISATION: "O",
    _ORGANISATIONAL_UNIT: "OU",
    "2.5.4.6": "C",
    "2.5.4.9": "STREET",
    "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID",
}
"""RFC 4514 section 3; every other type is shown as its object identifier, as that section asks."""

_DECODERS: Final[dict[int, Callable[[bytes], str]]] = {
    0x0C: lambda octets: octets.decode("utf-8"),
    0x12: lambda octets: octets.decode("ascii"),
    0x13: lambda octets: octets.decode("ascii"),
    0x14: lambda octets: octets.decode("latin-1"),  # TeletexString: what everybody writes in it, not T.61
    0x16: lambda octets: octets.decode("ascii"),
    0x1A: lambda octets: octets.decode("ascii"),
    0x1C: lambda octets: octets.decode("utf-32-be"),
    0x1E: lambda octets: octets.decode("utf-16-be"),
}
"""The string types of X.520's DirectoryString and their kin, by tag."""


NAMES_KEPT: Final = 2_048
NAME_KEPT_BYTES: Final = 512
"""Comparison keys of whole names that are kept: few issuers stand in many certificates. 2 MB in the worst case."""

RDNS_KEPT: Final = 8_192
RDN_KEPT_BYTES: Final = 256
"""Comparison keys of relative names that are kept, of so many bytes at most: 4 MB in the worst case."""


class Attribute(NamedTuple):
    """One attribute of a name; `text` is None where the value is no readable string."""

    oid: str
    text: str | None
    raw: bytes


@dataclass(frozen=True)
class Name:
    """A distinguished name, held as its raw DER; everything else is read from it and never raises."""

    der: bytes

    @cached_property
    def rdns(self) -> tuple[tuple[Attribute, ...], ...] | None:
        """The relative names in the order of the certificate; None where the DER is not a name."""
        try:
            return tuple(tuple(_attribute(one) for one in rdn.children()) for rdn in _rdns(self.der))
        except MalformedDer:
            return None

    @cached_property
    def rfc4514(self) -> str:
        """The name for people and logs (RFC 4514); "#" and the start of the DER in hexadecimal where it is no name."""
        if self.rdns is None:
            return "#" + self.der.hex()[:DN_SHOWN]
        return ",".join("+".join(_shown(one) for one in rdn) for rdn in reversed(self.rdns))

    @cached_property
    def canonical(self) -> bytes:
        """The comparison key: equal for two names exactly when RFC 5280 section 7.1 calls them equal.

        Order of the relative names counts, order inside one does not; of strings only the meaning counts: not the
        ASN.1 type, not case, not surrounding or doubled blanks (RFC 4518).
        """
        return _kept_canonical(self.der) if len(self.der) <= NAME_KEPT_BYTES else _canonical(self.der)

    @cached_property
    def canonical_rdns(self) -> tuple[bytes, ...]:
        """The comparison keys of the relative names, in order; the whole DER as one where it is no name."""
        return _canonical_rdns(self.der)

    @property
    def common_name(self) -> str | None:
        """The last CN, which is the most specific one."""
        return self._last(_COMMON_NAME)

    @property
    def organisation(self) -> str | None:
        """The last O."""
        return self._last(_ORGANISATION)

    @property
    def organisational_unit(self) -> str | None:
        """The last OU."""
        return self._last(_ORGANISATIONAL_UNIT)

    @property
    def empty(self) -> bool:
        """Whether the name has no attribute at all."""
        return self.rdns == ()

    def _last(self, oid: str) -> str | None:
        found = [one.text for rdn in self.rdns or () for one in rdn if one.oid == oid and one.text is not None]
        return found[-1] if found else None

    def __str__(self) -> str:
        return self.rfc4514


def reads_alike(one: Name, other: Name) -> bool:
    """Whether a person would take two names for the same although RFC 5280 section 7.1 does not.

    The order of the parts, blanks, punctuation, accents, and letters that were spoilt by a wrong encoding do not count.
    """
    return bool(one.rdns and other.rdns) and _as_read(one) == _as_read(other)


def _as_read(name: Name) -> list[tuple[str, str]]:
    parts = []
    for rdn in name.rdns or ():
        for attribute in rdn:
            text = attribute.raw[2:].decode("latin-1") if attribute.text is None else attribute.text
            plain = unicodedata.normalize("NFKD", text).casefold()
            parts.append((attribute.oid, "".join(sign for sign in plain if sign.isascii() and sign.isalnum())))
    return sorted(parts)


def _rdns(name: bytes) -> list[der.Element]:
    found = der.only(name, der.SEQUENCE).children()
    if len(found) > NAMES_PER_CERTIFICATE or any(rdn.tag != der.SET for rdn in found):
        raise MalformedDer("relative name")
    return found


def _attribute(element: der.Element) -> Attribute:
    parts = element.children()
    if element.tag != der.SEQUENCE or len(parts) != 2 or parts[0].tag != der.OID:
        raise MalformedDer("attribute")
    kind, value = parts
    return Attribute(der.dotted(kind.content), _decoded(value), value.raw)


def _decoded(value: der.Element) -> str | None:
    decoder = _DECODERS.get(value.tag)
    if decoder is None:
        return None
    try:
        return decoder(value.content)
    except UnicodeDecodeError:
        return None


def _shown(attribute: Attribute) -> str:
    value = "#" + attribute.raw.hex() if attribute.text is None else _escaped(attribute.text)
    return f"{_SHORT.get(attribute.oid, attribute.oid)}={value}"


def _escaped(text: str) -> str:
    """RFC 4514 section 2.4."""
    out = "".join("\\" + sign if sign in '\\"+,;<>' else sign for sign in text).replace("\0", "\\00")
    if out.startswith(("#", " ")):
        out = "\\" + out
    if out.endswith(" ") and len(text) > 1:
        out = out[:-1] + "\\ "
    return out


def _canonical_rdns(name: bytes) -> tuple[bytes, ...]:
    try:
        return tuple(_rdn_key(rdn.content) for rdn in _rdns(name))
    except MalformedDer:
        return (name,)


def _canonical(name: bytes) -> bytes:
    return b"".join(_canonical_rdns(name))


_kept_canonical: Final = lru_cache(maxsize=NAMES_KEPT)(_canonical)


def _rdn_key(rdn: bytes) -> bytes:
    """The comparison key of a relative name. The countries and organisations of a CA list are few: they are kept."""
    return _kept_rdn_key(rdn) if len(rdn) <= RDN_KEPT_BYTES else _fresh_rdn_key(rdn)


def _fresh_rdn_key(rdn: bytes) -> bytes:
    parts = [_comparable(_attribute(one)) for one in der.elements(rdn)]
    return _framed(parts[0] if len(parts) == 1 else b"".join(sorted(set(parts))))


_kept_rdn_key: Final = lru_cache(maxsize=RDNS_KEPT)(_fresh_rdn_key)


def _comparable(attribute: Attribute) -> bytes:
    text = attribute.text
    if text is None:
        value = attribute.raw
    elif text.isascii():  # NFKC leaves ASCII alone
        value = b"s" + " ".join(text.lower().split()).encode("ascii")
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        value = b"s" + " ".join(folded.split()).encode("utf-8", "surrogatepass")
    return _framed(attribute.oid.encode("ascii")) + _framed(value)


def _framed(octets: bytes) -> bytes:
    """With its length before it, so that no two different rows of parts give the same key."""
    return len(octets).to_bytes(4, "big") + octets
