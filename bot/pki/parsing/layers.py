"""Unwrapping: archives, compression, character encodings, mail quoting. All of it bounded."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from bot.pki.limits import ARCHIVE_MEMBERS, INFLATED_BYTES, LAYERS
from bot.pki.parsing.refusal import Refusal, Refused

_GZIP: Final = b"\x1f\x8b\x08"
_ZIP: Final = b"PK\x03\x04"
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_QUOTE: Final = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)


def members(data: bytes) -> list[bytes]:
    """The plain files in an upload: itself, or what gzip and ZIP layers hold.

    Raises `Refused` where a layer is encrypted, broken, or unfolds to more than the limits.
    """
    room = [INFLATED_BYTES]
    return list(_unfolded(data, LAYERS, room))


def _unfolded(data: bytes, layers: int, room: list[int]) -> Iterator[bytes]:
    inner: Iterator[bytes] | None = None
    if data.startswith(_GZIP):
        inner = iter((_inflated(data, room),))
    elif data.startswith(_ZIP):
        inner = _extracted(data, room)
    if inner is None:
        yield data
        return
    if layers == 0:
        raise Refused(Refusal.TOO_LARGE, {"layers": LAYERS})
    for one in inner:
        yield from _unfolded(one, layers - 1, room)


def _inflated(data: bytes, room: list[int]) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, room[0] + 1)
    except zlib.error:
        raise Refused(Refusal.NO_CERTIFICATE, {"problem": "broken_gzip"}) from None
    if not plain and not stream.eof:
        raise Refused(Refusal.TRUNCATED)  # what came of a longer one is looked at like any other cut file
    return _taken(plain, room)


def _extracted(data: bytes, room: list[int]) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            if len(entries) > ARCHIVE_MEMBERS:
                raise Refused(Refusal.TOO_MANY, {"members": len(entries), "limit": ARCHIVE_MEMBERS})
            for entry in entries:
                if entry.flag_bits & 0x1:
                    raise Refused(Refusal.ENCRYPTED, {"kind": "zip"})
                with archive.open(entry) as stream:
                    yield _taken(stream.read(room[0] + 1), room)
    except Refused:
        raise
    # zipfile raises BadZipFile, NotImplementedError, EOFError, struct.error, zlib.error and more on hostile input.
    except Exception:
        raise Refused(Refusal.NO_CERTIFICATE, {"problem": "broken_zip"}) from None


def _taken(plain: bytes, room: list[int]) -> bytes:
    if len(plain) > room[0]:
        raise Refused(Refusal.TOO_LARGE, {"limit": INFLATED_BYTES})
    room[0] -= len(plain)
    return plain


def text_of(data: bytes) -> str:
    """The file as text, whatever its encoding, with dashes, quoting and line ends made plain. Never raises."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.translate(_DASHES)
    if "\\n" in text and text.count("\\n") > text.count("\n"):
        text = text.replace("\\r", "").replace("\\n", "\n")
    return _QUOTE.sub("", text) if ">" in text else text


def _decoded(data: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data[:2] == b"-\0":
        return data.decode("utf-16-le", "replace")
    if data[:2] == b"\0-":
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
