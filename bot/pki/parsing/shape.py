"""What a DER object is, told by its shape alone: nothing is decrypted, no key is loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.pki import der
from bot.pki.errors import MalformedDer

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_ENCRYPTED_CONTENT: Final = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d010706"))
_PBES: Final = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
_PKCS8_HEAD: Final = re.compile(rb"\x02\x01[\x00\x01]\x30(.)\x06", re.DOTALL)
"""PKCS#8's version and the start of its algorithm (RFC 5958 section 2)."""

_BER_PKCS12: Final = bytes.fromhex("3080020103")
"""The start of a PKCS#12 with indefinite lengths, as NSS and old Windows write it."""

_ALGORITHM_LENGTH: Final = 0x7F


class Shape(StrEnum):
    """The kinds of objects that turn up in uploads."""

    CERTIFICATE = "certificate"
    SIGNED_DATA = "pkcs7"
    PRIVATE_KEY = "private_key"
    CERTIFICATE_REQUEST = "certificate_request"
    PUBLIC_KEY = "public_key"
    PKCS12 = "pkcs12"
    ENCRYPTED = "encrypted"
    REVOCATION_LIST = "revocation_list"
    UNKNOWN = "unknown"


def shape_of(data: bytes) -> Shape:
    """The kind of the DER object that fills `data`; never raises."""
    try:
        return _shape(der.only(data, der.SEQUENCE).children())
    except MalformedDer:
        return Shape.PKCS12 if data.startswith(_BER_PKCS12) else Shape.UNKNOWN


def holds_private_key(data: bytes) -> bool:
    """Whether a PKCS#8 private key stands anywhere in these bytes, at whatever place.

    A certificate with serial number 0 starts the same way, but an INTEGER and an algorithm are followed by an octet
    string in a key alone.
    """
    for match in _PKCS8_HEAD.finditer(data):
        length = match[1][0]
        after = match.start() + 5 + length
        if length <= _ALGORITHM_LENGTH and data[after : after + 1] == bytes((der.OCTET_STRING,)):
            return True
    return False


def _shape(parts: Sequence[der.Element]) -> Shape:
    if not parts:
        return Shape.UNKNOWN
    if parts[0].tag == der.INTEGER:
        return _numbered(parts)
    if parts[0].tag == der.OID:
        if parts[0].content == _SIGNED_DATA:
            return Shape.SIGNED_DATA
        return Shape.ENCRYPTED if parts[0].content in _ENCRYPTED_CONTENT else Shape.UNKNOWN
    if parts[0].tag == der.SEQUENCE:
        return _nested(parts)
    return Shape.UNKNOWN


def _numbered(parts: Sequence[der.Element]) -> Shape:
    """PKCS#8, PKCS#1, SEC1 and DSA keys, PKCS#12: all start with an INTEGER."""
    tags = [part.tag for part in parts]
    numbers = tags.count(der.INTEGER)
    if tags[:3] == [der.INTEGER, der.SEQUENCE, der.OCTET_STRING] or tags[:2] == [der.INTEGER, der.OCTET_STRING]:
        return Shape.PRIVATE_KEY
    if numbers >= 6:  # DSA has 6 (OpenSSL's form), PKCS#1 9 (RFC 8017 appendix A.1.2)
        return Shape.PRIVATE_KEY
    if numbers == len(tags) == 2:
        return Shape.PUBLIC_KEY
    if tags[:2] == [der.INTEGER, der.SEQUENCE] and der.integer(parts[0].content) == 3:
        return Shape.PKCS12
    return Shape.UNKNOWN


def _nested(parts: Sequence[der.Element]) -> Shape:
    tags = [part.tag for part in parts]
    if tags == [der.SEQUENCE, der.OCTET_STRING]:
        algorithm = der.read(parts[0].content)
        return Shape.PRIVATE_KEY if algorithm.content.startswith(_PBES) else Shape.UNKNOWN
    if tags == [der.SEQUENCE, der.BIT_STRING]:
        return Shape.PUBLIC_KEY
    if tags == [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        return _signed(parts[0].children())
    return Shape.UNKNOWN


def _signed(fields: Sequence[der.Element]) -> Shape:
    """Certificate, request or revocation list: all are a signed body (RFC 5280 sections 4.1, 5.1; RFC 2986)."""
    tags = [field.tag for field in fields]
    if tags[:1] == [0xA0] or (len(fields) >= 6 and tags[:6] == [der.INTEGER, *[der.SEQUENCE] * 5]):
        return Shape.CERTIFICATE
    if tags[:3] == [der.INTEGER, der.SEQUENCE, der.SEQUENCE] and len(fields) <= 4:
        return Shape.CERTIFICATE_REQUEST
    return Shape.REVOCATION_LIST
