"""Where the fields of a certificate are in its DER, found without decoding any of them."""

from __future__ import annotations

from typing import Final, NamedTuple

from bot.pki import der
from bot.pki.errors import MalformedDer

_EXTENSIONS_TAG: Final = 0xA3
_VERSION_TAG: Final = 0xA0
_FIELDS: Final = [der.INTEGER, *[der.SEQUENCE] * 5]
"""Serial number, algorithm, issuer, validity, subject, public key (RFC 5280 section 4.1)."""


class Layout(NamedTuple):
    """The fields of a certificate in DER (RFC 5280 section 4.1), found without decoding any of them."""

    version: int
    serial: int
    algorithm: bytes
    issuer: bytes
    subject: bytes
    spki: bytes
    extensions: bytes | None
    outer_algorithm: bytes


def layout_of(data: bytes) -> Layout:
    """The layout of the certificate that fills `data`; raises `MalformedDer` where it is none."""
    outer = der.spans(data, 0, len(data))
    parts = der.spans(data, outer[0][2], outer[0][3]) if len(outer) == 1 and outer[0][0] == der.SEQUENCE else ()
    if len(parts) != 3 or parts[0][0] != der.SEQUENCE:
        raise MalformedDer("not a certificate")
    fields = der.spans(data, parts[0][2], parts[0][3])
    version = 1
    if fields and fields[0][0] == _VERSION_TAG:
        version = der.integer(der.read(data, fields.pop(0)[2]).content) + 1
    if [one[0] for one in fields[:6]] != _FIELDS:
        raise MalformedDer("not a certificate")
    serial, algorithm, issuer, _, subject, spki = fields[:6]
    listed = [data[one[2] : one[3]] for one in fields[6:] if one[0] == _EXTENSIONS_TAG]
    return Layout(
        version,
        der.integer(data[serial[2] : serial[3]]),
        data[algorithm[1] : algorithm[3]],
        data[issuer[1] : issuer[3]],
        data[subject[1] : subject[3]],
        data[spki[1] : spki[3]],
        listed[0] if listed else None,
        data[parts[1][1] : parts[1][3]],
    )
