"""`read_upload`: every certificate in a file that somebody dropped, or the named reason why the file is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from bot.pki.certificate import Certificate
from bot.pki.errors import UnreadableCertificate
from bot.pki.limits import BLOCKS_PER_UPLOAD, CERTIFICATES_PER_UPLOAD, UPLOAD_BYTES
from bot.pki.parsing.blocks import Block, blocks
from bot.pki.parsing.layers import members, text_of
from bot.pki.parsing.refusal import Refusal, Refused
from bot.pki.parsing.shape import Shape, holds_private_key, shape_of

_KEY_WORDS: Final = re.compile(r"PRIVATE[ \t]{1,9}KEY|PuTTY-User-Key-File-\d", re.IGNORECASE)
_KEY_ARMOUR: Final = re.compile(r"(?:BEGIN|END)[A-Z0-9 \t]*$", re.IGNORECASE)
_ARMOUR_LENGTH: Final = 80
"""Characters before the words "PRIVATE KEY" in which BEGIN or END must stand, on the same line."""

_KEY_STORES: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_ENCRYPTED: Final = re.compile(r"Salted__|BEGIN PGP MESSAGE|BEGIN AGE ENCRYPTED FILE")
_HTML: Final = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_HEAD: Final = 4_096

_REFUSED_SHAPES: Final = {
    Shape.CERTIFICATE_REQUEST: Refusal.CERTIFICATE_REQUEST,
    Shape.PKCS12: Refusal.PKCS12,
    Shape.ENCRYPTED: Refusal.ENCRYPTED,
    Shape.PUBLIC_KEY: Refusal.PUBLIC_KEY,
}


@dataclass(frozen=True)
class BlockProblem:
    """One thing in the file that gave no new certificate; `place` is the number of its block, from 1.

    Codes: broken_base64, truncated (`missing` bytes), not_a_certificate (`shape`: what it is), unreadable
    (`reason`), duplicate (`sha256`), trailing_data.
    """

    place: int
    code: str
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """The certificates of a file, in its order, each once; and what else was in it."""

    certificates: tuple[Certificate, ...]
    problems: tuple[BlockProblem, ...]


def read_upload(data: bytes) -> Reading:
    """Read a file by its content alone; its name and declared type say nothing.

    PEM (RFC 7468, and as people mangle it), DER, PKCS#7 (RFC 5652), in gzip or ZIP as well. A broken block costs itself
    only. Raises `Refused` and nothing else; a private key anywhere refuses the whole file.
    """
    if len(data) > UPLOAD_BYTES:
        raise Refused(Refusal.TOO_LARGE, {"size": len(data), "limit": UPLOAD_BYTES})
    files = members(data)
    if not any(one.strip(b"\0 \t\r\n\xef\xbb\xbf") for one in files):
        raise Refused(Refusal.EMPTY)
    found: list[Block] = []
    for one in files:
        _refuse_key_text(one)
        for block in blocks(one):
            found.append(block)
            if len(found) > BLOCKS_PER_UPLOAD:
                raise Refused(Refusal.TOO_MANY, {"limit": BLOCKS_PER_UPLOAD})
    shapes = [shape_of(block.der) for block in found]
    if Shape.PRIVATE_KEY in shapes or any(_key_in(block) for block in found):
        raise Refused(Refusal.PRIVATE_KEY)
    for one in files:
        _refuse_store(one)
    reading = _certificates(found, shapes)
    if not reading.certificates:
        raise _why_none(files, shapes, reading.problems)
    return reading


def _refuse_key_text(data: bytes) -> None:
    """Keys are looked for first, in every layer and encoding, before anything else is said about the file."""
    if _names_key(text_of(data)) or _names_key(data.replace(b"\0", b"").decode("latin-1")):
        raise Refused(Refusal.PRIVATE_KEY)
    if shape_of(data) is not Shape.PKCS12 and holds_private_key(data):
        raise Refused(Refusal.PRIVATE_KEY)


def _names_key(text: str) -> bool:
    """Whether the armour of a private key stands in the text; prose about private keys does not count."""
    for match in _KEY_WORDS.finditer(text):
        before = text[max(0, match.start() - _ARMOUR_LENGTH) : match.start()]
        if match[0][:5].lower() == "putty" or _KEY_ARMOUR.search(before):
            return True
    return False


def _key_in(block: Block) -> bool:
    if shape_of(block.rest) is Shape.PRIVATE_KEY or holds_private_key(block.rest):
        return True
    return shape_of(block.der) is not Shape.PKCS12 and holds_private_key(block.der)


def _refuse_store(data: bytes) -> None:
    if data.startswith(_KEY_STORES):
        raise Refused(Refusal.JAVA_KEY_STORE)


def _certificates(found: Sequence[Block], shapes: Sequence[Shape]) -> Reading:
    kept: dict[str, Certificate] = {}
    problems: list[BlockProblem] = []
    for place, (block, shape) in enumerate(zip(found, shapes, strict=True), start=1):
        if block.problem:
            data = {"missing": block.missing} if block.missing else {}
            problems.append(BlockProblem(place, block.problem, data))
            continue
        for outcome in _inside(place, block, shape):
            if isinstance(outcome, BlockProblem):
                problems.append(outcome)
            elif outcome.sha256 in kept:
                problems.append(BlockProblem(place, "duplicate", {"sha256": outcome.sha256}))
            else:
                kept[outcome.sha256] = outcome
        if len(kept) > CERTIFICATES_PER_UPLOAD:
            raise Refused(Refusal.TOO_MANY, {"limit": CERTIFICATES_PER_UPLOAD})
    return Reading(tuple(kept.values()), tuple(problems))


def _inside(place: int, block: Block, shape: Shape) -> Iterator[Certificate | BlockProblem]:
    """The certificates of one block: itself, or those of a PKCS#7."""
    if shape is Shape.CERTIFICATE:
        yield _certificate(place, block.der)
        return
    if shape not in {Shape.SIGNED_DATA, Shape.UNKNOWN}:
        yield BlockProblem(place, "not_a_certificate", {"shape": shape.value})
        return
    try:
        loaded = pkcs7.load_der_pkcs7_certificates(block.der)
    # ValueError and UnsupportedAlgorithm by the book; what else a hostile file raises is one more broken block.
    except Exception:
        yield BlockProblem(place, "not_a_certificate", {"shape": shape.value})
        return
    for one in loaded[: CERTIFICATES_PER_UPLOAD + 1]:
        yield _certificate(place, one.public_bytes(Encoding.DER))


def _certificate(place: int, data: bytes) -> Certificate | BlockProblem:
    try:
        return Certificate.from_der(data)
    except UnreadableCertificate as unreadable:
        return BlockProblem(place, "unreadable", {"reason": unreadable.reason})


def _why_none(files: Sequence[bytes], shapes: Sequence[Shape], problems: Sequence[BlockProblem]) -> Refused:
    """The most telling reason for a file without any certificate."""
    for shape in shapes:
        if shape in _REFUSED_SHAPES:
            return Refused(_REFUSED_SHAPES[shape])
    for problem in problems:
        if problem.code == "truncated":
            return Refused(Refusal.TRUNCATED, problem.data)
    heads = [text_of(one[:_HEAD]) for one in files]
    if any(_ENCRYPTED.search(head) for head in heads):
        return Refused(Refusal.ENCRYPTED)
    if any(_HTML.search(head) for head in heads):
        return Refused(Refusal.HTML)
    if problems:
        first = problems[0]
        return Refused(Refusal.NO_CERTIFICATE, {"place": first.place, "problem": first.code, **first.data})
    return Refused(Refusal.NO_CERTIFICATE)
