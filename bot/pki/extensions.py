"""The certificate extensions that path building and people need, each read by itself (RFC 5280 section 4.2).

The library gives all extensions or none. Here a broken one costs itself only and is reported by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple, TypeVar

from bot.pki import der
from bot.pki.algorithms import EXTENSIONS, KEY_USAGES, PURPOSES
from bot.pki.errors import MalformedDer
from bot.pki.limits import EXTENSIONS_PER_CERTIFICATE, NAMES_PER_CERTIFICATE
from bot.pki.names import Name

BASIC_CONSTRAINTS: Final = "2.5.29.19"
KEY_USAGE: Final = "2.5.29.15"
EXTENDED_KEY_USAGE: Final = "2.5.29.37"
SUBJECT_ALT_NAME: Final = "2.5.29.17"
SUBJECT_KEY_ID: Final = "2.5.29.14"
AUTHORITY_KEY_ID: Final = "2.5.29.35"
NAME_CONSTRAINTS: Final = "2.5.29.30"
AUTHORITY_INFO_ACCESS: Final = "1.3.6.1.5.5.7.1.1"
_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"
_URL_SCHEMES: Final = ("http://", "https://", "ldap://", "ldaps://")
_DIRECTORY_NAME: Final = 0xA4
_GENERAL_NAMES: Final = {0xA0: "otherName", 0x81: "email", 0x82: "DNS", 0xA4: "dirName", 0x86: "URI", 0x87: "IP"}


_T = TypeVar("_T")

VALUES_KEPT: Final = 512
VALUE_KEPT_BYTES: Final = 64
"""Extension values whose reading is kept, of so many bytes at most: a whole CA list has some dozen key usages."""


def _kept(reader: Callable[[bytes], _T]) -> Callable[[bytes], _T]:
    """The reader, remembering short values; what it raises is not remembered."""
    remembering = lru_cache(maxsize=VALUES_KEPT)(reader)
    return lambda value: remembering(value) if len(value) <= VALUE_KEPT_BYTES else reader(value)


class RawExtension(NamedTuple):
    """An extension before its value is read."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True)
class AuthorityKeyId:
    """How a certificate points at its issuer's key (RFC 5280 section 4.2.1.1); every part may be absent."""

    key_id: bytes | None
    issuer: str | None
    serial: int | None


@dataclass(frozen=True)
class Subtree:
    """One base of a name constraint: the kind of name (as in SAN texts) and its raw content."""

    kind: str
    base: bytes


@dataclass(frozen=True)
class NameConstraints:
    """What a CA may name below it (RFC 5280 section 4.2.1.10)."""

    permitted: tuple[Subtree, ...]
    excluded: tuple[Subtree, ...]


def listed(field: bytes) -> tuple[dict[str, RawExtension], tuple[str, ...]]:
    """The extensions of a certificate by object identifier, and the names of those that occur twice.

    A second extension of the same kind makes both unreadable (RFC 5280 section 4.2: at most one).
    """
    found: dict[str, RawExtension] = {}
    twice: list[str] = []
    sequence = der.read(field)
    if sequence.tag != der.SEQUENCE or len(sequence.raw) != len(field):
        raise MalformedDer("extensions")
    data = sequence.content
    parts = der.spans(data, 0, len(data))
    if len(parts) > EXTENSIONS_PER_CERTIFICATE:
        raise MalformedDer("too many extensions")
    for _, _, start, stop in parts:
        one = _raw(data, der.spans(data, start, stop))
        if one.oid in found:
            twice.append(one.oid)
        found[one.oid] = one
    for oid in twice:
        found.pop(oid, None)
    return found, tuple(known(oid) for oid in dict.fromkeys(twice))


def _raw(data: bytes, fields: list[der.Span]) -> RawExtension:
    if len(fields) not in {2, 3} or fields[0][0] != der.OID or fields[-1][0] != der.OCTET_STRING:
        raise MalformedDer("extension")
    critical = len(fields) == 3 and der.truth(data[fields[1][2] : fields[1][3]])
    oid = der.dotted(data[fields[0][2] : fields[0][3]])
    return RawExtension(oid, critical, data[fields[-1][2] : fields[-1][3]])


def known(oid: str) -> str:
    """An extension's name where it has one, else its object identifier."""
    return EXTENSIONS.get(oid, oid)


@_kept
def basic_constraints(value: bytes) -> tuple[bool, int | None]:
    """The CA flag and the path length."""
    is_ca, length = False, None
    for field in der.only(value, der.SEQUENCE).children():
        if field.tag == der.BOOLEAN:
            is_ca = der.truth(field.content)
        elif field.tag == der.INTEGER:
            length = der.integer(field.content)
        else:
            raise MalformedDer("basic constraints")
    if length is not None and length < 0:
        raise MalformedDer("path length")
    return is_ca, length


@_kept
def key_usage(value: bytes) -> frozenset[str]:
    """The usages by their RFC 5280 names."""
    numbers = der.bits(der.only(value, der.BIT_STRING).content)
    return frozenset(KEY_USAGES[n] for n in numbers if n < len(KEY_USAGES))


@_kept
def extended_key_usage(value: bytes) -> tuple[str, ...]:
    """The purposes, by name where known; an empty list is malformed (RFC 5280 section 4.2.1.12: at least one)."""
    parts = der.only(value, der.SEQUENCE).children()
    if not parts or any(part.tag != der.OID for part in parts):
        raise MalformedDer("extended key usage")
    oids = (der.dotted(part.content) for part in parts)
    return tuple(PURPOSES.get(oid, oid) for oid in oids)


def subject_key_id(value: bytes) -> bytes:
    """The key identifier."""
    return der.only(value, der.OCTET_STRING).content


def authority_key_id(value: bytes) -> AuthorityKeyId:
    """The pointer to the issuer's key."""
    key_id: bytes | None = None
    issuer: str | None = None
    serial: int | None = None
    for field in der.only(value, der.SEQUENCE).children():
        if field.tag == 0x80:
            key_id = field.content
        elif field.tag == 0xA1:
            names = [one for one in field.children() if one.tag == _DIRECTORY_NAME]
            issuer = Name(names[0].content).rfc4514 if names else None
        elif field.tag == 0x82:
            serial = der.integer(field.content)
        else:
            raise MalformedDer("authority key identifier")
    return AuthorityKeyId(key_id, issuer, serial)


def general_names(value: bytes) -> tuple[Subtree, ...]:
    """The alternative names, kind and raw content of each."""
    parts = der.only(value, der.SEQUENCE).children()
    if len(parts) > NAMES_PER_CERTIFICATE:
        raise MalformedDer("too many names")
    for part in parts:
        if part.tag in {0x81, 0x82, 0x86} and not part.content.isascii():
            raise MalformedDer("name is not ASCII")
        if part.tag == 0x87 and len(part.content) not in {4, 16}:
            raise MalformedDer("address length")
        if part.tag == 0xA0:
            der.dotted(der.read(part.content).content)  # its type, which is shown; raises where it is none
    return tuple(Subtree(_kind(part.tag), part.content) for part in parts)


def shown_name(name: Subtree) -> str:
    """A general name as text: "DNS:x", "IP:192.0.2.1", "email:..", "URI:..", "dirName:CN=..", "otherName:<oid>"."""
    if name.kind == "IP":
        return f"IP:{ip_address(name.base)}"
    if name.kind == "dirName":
        return f"dirName:{Name(name.base).rfc4514}"
    if name.kind in {"DNS", "email", "URI"}:
        return f"{name.kind}:{name.base.decode('ascii')}"
    if name.kind == "otherName":
        return f"otherName:{der.dotted(der.read(name.base).content)}"
    return f"{name.kind}:#{name.base.hex()}"


def ca_issuers(value: bytes) -> tuple[str, ...]:
    """The addresses where the issuer's certificate can be had (RFC 5280 section 4.2.2.1)."""
    urls = []
    for access in der.only(value, der.SEQUENCE).children():
        parts = access.children()
        if len(parts) != 2:
            raise MalformedDer("access description")
        method, place = parts
        if der.dotted(method.content) == _CA_ISSUERS and place.tag == 0x86:
            url = place.content.decode("ascii", "replace")
            if url.lower().startswith(_URL_SCHEMES):
                urls.append(url)
    return tuple(urls)


def name_constraints(value: bytes) -> NameConstraints:
    """The permitted and excluded subtrees; `minimum` and `maximum` must be absent, as the RFC demands."""
    trees: dict[int, tuple[Subtree, ...]] = {}
    for field in der.only(value, der.SEQUENCE).children():
        if field.tag not in {0xA0, 0xA1}:
            raise MalformedDer("name constraints")
        trees[field.tag] = tuple(_subtree(one) for one in field.children())
    if not any(trees.values()):
        raise MalformedDer("empty name constraints")
    return NameConstraints(trees.get(0xA0, ()), trees.get(0xA1, ()))


def _subtree(element: der.Element) -> Subtree:
    parts = element.children()
    if element.tag != der.SEQUENCE or len(parts) != 1:
        raise MalformedDer("subtree")
    return Subtree(_kind(parts[0].tag), parts[0].content)


def _kind(tag: int) -> str:
    return _GENERAL_NAMES.get(tag, f"tag{tag & 0x1F}")


def critical(found: Mapping[str, RawExtension]) -> frozenset[str]:
    """The object identifiers that carry the critical mark."""
    return frozenset(oid for oid, one in found.items() if one.critical)
