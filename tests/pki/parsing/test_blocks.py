"""One broken block costs itself only, and is reported by its place."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable

import pytest

from bot.pki.limits import BLOCKS_PER_UPLOAD, CERTIFICATES_PER_UPLOAD
from bot.pki.parsing import BlockProblem, Refusal, Refused, read_upload
from tests.lab.builders import Ca, self_signed
from tests.lab.containers import broken_block, pkcs7_pem, public_key_pem, request_pem

ROOT = Ca.root("Root")
LEAF = ROOT.leaf("leaf")
VERSION_3, VERSION_10 = bytes.fromhex("a003020102"), bytes.fromhex("a003020109")


def block(data: bytes) -> str:
    """PEM armour around any bytes."""
    body = "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


SECOND: dict[str, tuple[Callable[[], str], str]] = {
    "broken base64": (broken_block, "broken_base64"),
    "empty": (lambda: block(b""), "broken_base64"),
    "no DER": (lambda: block(b"hello, this is no certificate"), "not_a_certificate"),
    "other DER": (lambda: block(b"\x30\x03\x02\x01\x05"), "not_a_certificate"),
    "cut off": (lambda: block(LEAF.der[:-50]), "truncated"),
    "a request": (lambda: request_pem().decode(), "not_a_certificate"),
    "a public key": (lambda: public_key_pem(LEAF).decode(), "not_a_certificate"),
    "a certificate of the future": (
        lambda: block(LEAF.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09")),
        "unreadable",
    ),
}


@pytest.mark.parametrize("kind", SECOND)
def test_a_bad_block_among_good_ones_is_reported_by_its_place(kind: str) -> None:
    """Good, bad, good: two certificates and one problem at place 2."""
    make, code = SECOND[kind]
    reading = read_upload((LEAF.pem + make() + ROOT.pem).encode())
    assert [one.sha256 for one in reading.certificates] == [LEAF.sha256, ROOT.sha256]
    assert [(one.place, one.code) for one in reading.problems] == [(2, code)]


def test_a_cut_block_says_how_many_bytes_are_missing() -> None:
    """In a bundle as a problem, alone as the reason of the refusal."""
    assert read_upload((ROOT.pem + block(LEAF.der[:-50])).encode()).problems == (
        BlockProblem(2, "truncated", {"missing": 50}),
    )
    for cut in (LEAF.der[:-50], block(LEAF.der[:-50]).encode()):
        with pytest.raises(Refused) as caught:
            read_upload(cut)
        assert (caught.value.reason, dict(caught.value.data)) == (Refusal.TRUNCATED, {"missing": 50})


def test_a_certificate_that_stands_twice_is_read_once() -> None:
    """Also when it stands in a PKCS#7 the second time."""
    reading = read_upload(LEAF.pem.encode() + pkcs7_pem([LEAF, ROOT]))
    assert {one.sha256 for one in reading.certificates} == {LEAF.sha256, ROOT.sha256}
    assert reading.problems == (BlockProblem(2, "duplicate", {"sha256": LEAF.sha256}),)


def test_a_broken_block_alone_refuses_the_file_and_says_which() -> None:
    """Nothing to store."""
    with pytest.raises(Refused) as caught:
        read_upload(broken_block().encode())
    assert dict(caught.value.data) == {"place": 1, "problem": "broken_base64"}


def test_too_many_certificates_are_refused() -> None:
    """More than anybody drops by hand."""
    key = LEAF.key
    many = "".join(self_signed(f"{number}", key=key).pem for number in range(CERTIFICATES_PER_UPLOAD + 1))
    with pytest.raises(Refused) as caught:
        read_upload(many.encode())
    assert caught.value.reason is Refusal.TOO_MANY


def test_too_many_blocks_are_refused() -> None:
    """However bad they are."""
    with pytest.raises(Refused) as caught:
        read_upload(broken_block().encode() * (BLOCKS_PER_UPLOAD + 1))
    assert caught.value.reason is Refusal.TOO_MANY
