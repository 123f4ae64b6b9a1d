"""Cutting a file into blocks of DER: PEM armour as people mangle it, bare base64, hexadecimal, XML, DER in a row."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.pki import der
from bot.pki.errors import MalformedDer, TruncatedDer
from bot.pki.parsing.layers import text_of

_BEGIN: Final = re.compile(r"-[ \t]*BEGIN[ \t]+([A-Z0-9][A-Z0-9 #.]{0,60}?)[ \t]*-{2,10}", re.IGNORECASE)
_END: Final = re.compile(r"-[ \t]*END[ \t]+[A-Z0-9]", re.IGNORECASE)
_HEADER: Final = re.compile(r"^[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]*\n", re.MULTILINE)
_BLANKS: Final = re.compile(r"[\s\\\"',\ufeff]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_XML: Final = re.compile(r"<(?:[A-Za-z0-9_.-]{1,40}:)?X509Certificate(?:\s[^<>]{0,500})?>([^<]*)<")
_OFFSET: Final = re.compile(r"[ \t]*[0-9a-f]{4,16}:?[ \t]{1,8}", re.IGNORECASE)
_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_HEX_SIGNS: Final = re.compile(r"[\s:,;-]|0x|\\x", re.IGNORECASE)
_INDEFINITE: Final = b"\x30\x80"
"""The start of a BER object without a length: old tools write PKCS#7 so, and the library's loader reads it."""

_LEAST_BARE: Final = 32
"""Characters of bare base64 or hexadecimal that are worth decoding: the shortest key (Ed25519) has 64."""


@dataclass(frozen=True)
class Block:
    """One block of a file. `problem` is a stable word where it could not be decoded; `der` is empty then.

    `rest` holds what the block carries after its object; `missing` counts the bytes that a cut one lacks.
    """

    label: str
    der: bytes = field(repr=False)
    problem: str = ""
    missing: int = 0
    rest: bytes = field(default=b"", repr=False)


def blocks(data: bytes) -> Iterator[Block]:
    """The blocks of one plain file, in order; none when nothing in it looks like an encoded object."""
    # A hexadecimal dump may start with the digit 0, which is the octet of SEQUENCE; DER is never pure ASCII.
    if data[:1] == bytes((der.SEQUENCE,)) and not data.isascii():
        row = _der_row(data)
        first = next(row, None)
        if first is not None:
            yield first
            yield from row
            return
    text = text_of(data)
    armoured = list(_BEGIN.finditer(text))
    if armoured:
        yield from _armoured(text, armoured)
    elif "X509Certificate" in text:
        for match in _XML.finditer(text):
            yield _from_base64("XML", match[1])
    else:
        yield from _bare(text)


def _der_row(data: bytes) -> Iterator[Block]:
    """DER objects one after another, with blanks and zeros after them (FTP in text mode, padded block devices)."""
    at, first = 0, True
    while at < len(data) and data[at] == der.SEQUENCE:
        try:
            one = der.read(data, at)
        except TruncatedDer as cut:
            if not first or _plausible(data):
                yield Block("DER", b"", "truncated", cut.missing)
            return
        except MalformedDer:
            if first:
                if data[:2] == _INDEFINITE:
                    yield Block("DER", data)
                return
            yield Block("DER", b"", "trailing_data")
            return
        yield Block("DER", one.raw)
        at, first = at + len(one.raw), False
        while at < len(data) and data[at] in b"\0\r\n\t \x1a":
            at += 1
    if at < len(data):
        yield Block("DER", b"", "trailing_data")


def _plausible(data: bytes) -> bool:
    """Whether a cut object was DER at all: the outer and the first inner header agree."""
    head = 2 + (data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0)
    return (
        data[head : head + 1] in {b"\x30", b"\x02", b"\x06"} and len(data) > head + 2 and data[1] in {0x81, 0x82, 0x83}
    )


def _armoured(text: str, begins: list[re.Match[str]]) -> Iterator[Block]:
    stops = [match.start() for match in begins[1:]] + [len(text)]
    for begin, stop in zip(begins, stops, strict=True):
        body = text[begin.end() : stop]
        end = _END.search(body)
        label = " ".join(begin[1].upper().split())
        yield _from_base64(label, body[: end.start()] if end else _until_noise(body))


def _until_noise(body: str) -> str:
    """Of a body without END line the lines that are base64."""
    kept = []
    for line in body.split("\n"):
        bare = line.strip(" \t\\\"',")
        if bare and not _BASE64.fullmatch(bare):
            break
        kept.append(bare)
    return "\n".join(kept)


def _from_base64(label: str, body: str) -> Block:
    plain = _BLANKS.sub("", _HEADER.sub("", body)).rstrip("-")
    if not _BASE64.fullmatch(plain):
        return Block(label, b"", "broken_base64")
    try:
        data = base64.b64decode(plain.rstrip("=") + "=" * (-len(plain.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        # One sign too many: what stands before it may still be whole, or cut off, and then that is the better word.
        data = base64.b64decode(plain.rstrip("=")[:-1], validate=True)
    return _first_object(label, data)


def _first_object(label: str, data: bytes) -> Block:
    """The object at the start: a TRUSTED CERTIFICATE carries OpenSSL's own data after it."""
    if data[:1] != bytes((der.SEQUENCE,)):
        return Block(label, b"", "not_a_certificate")
    try:
        one = der.read(data).raw
        return Block(label, one, rest=data[len(one) :])
    except TruncatedDer as cut:
        return Block(label, b"", "truncated", cut.missing)
    except MalformedDer:
        return Block(label, data) if data[:2] == _INDEFINITE else Block(label, b"", "not_a_certificate")


def _bare(text: str) -> Iterator[Block]:
    signs = _HEX_SIGNS.sub("", text)
    if len(signs) >= _LEAST_BARE and not len(signs) % 2 and _HEX.fullmatch(signs):
        yield _first_object("HEX", bytes.fromhex(signs))
        return
    dumped = _dumped(text)
    if dumped[:1] == b"\x30":
        yield _first_object("HEX", dumped)
        return
    plain = _BLANKS.sub("", text)
    if len(plain) >= _LEAST_BARE and plain.startswith("M") and _BASE64.fullmatch(plain):
        yield _from_base64("BASE64", text)


def _dumped(text: str) -> bytes:
    """The bytes of a dump by xxd, hexdump -C or od: an offset, the octets, and often the text beside them."""
    found = bytearray()
    for line in text.split("\n"):
        if not line.strip():
            continue
        offset = _OFFSET.match(line)
        if offset is None:
            break
        octets = line[offset.end() :]
        octets = octets.partition("|")[0] if "|" in octets else octets.partition("  ")[0]
        signs = "".join(octets.split())
        if len(signs) % 2 or not _HEX.fullmatch(signs):
            break
        found += bytes.fromhex(signs)
    return bytes(found)
