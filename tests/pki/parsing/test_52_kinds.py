"""The 52 kinds of files that partners were seen to send: 41 are recovered, 11 refused by name."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from bot.pki.parsing import Reading, Refusal, Refused, read_upload
from tests.lab.containers import broken_block, pkcs7_der, pkcs7_pem
from tests.pki.parsing.test_kinds import KEYS, READ, REFUSED, armoured, as_bytes, leaf, zipped

Make = Callable[[], bytes | str]

_LOADERS: Final = (
    "PEM",
    "DER",
    "PEM with CRLF",
    "PEM with bare CR",
    "PEM with UTF-8 BOM",
    "PEM with trailing blanks",
    "PEM indented",
    "PEM with the body in one line",
    "PEM all in one line",
    "PEM with 76 columns",
    "PEM without last newline",
    "PEM with text around",
    "PEM with bag attributes",
    "X509 CERTIFICATE",
    "PKCS#7 in DER",
    "PKCS#7 in PEM",
    "ZIP of PEM, stored",
)
_OWN_CODE: Final = (
    "PEM in UTF-16 LE with BOM",
    "PEM in UTF-16 BE with BOM",
    "PEM quoted in mail",
    "PEM with literal backslash n",
    "PEM with blank lines in the body",
    "TRUSTED CERTIFICATE",
    "PEM in lower-case armour",
    "PEM with four dashes",
    "PEM with en dashes",
    "PEM without END",
    "bare base64 in one line",
    "bare base64 wrapped",
    "PKCS #7 SIGNED DATA",
    "PKCS#7 in CERTIFICATE armour",
    "PKCS#7 as bare base64",
    "DER with trailing newline",
    "DER with trailing NULs",
    "XML",
    "hexadecimal",
    "gzip of PEM",
)


def whole() -> list[str]:
    """The fingerprints of end entity, intermediate and root."""
    return sorted(one.sha256 for one in (leaf(), *leaf().above))


def one_block_only(second: str) -> str:
    """A bundle whose second block is bad."""
    return leaf().pem + second


BUNDLES: Mapping[str, Make] = {
    "PEM bundle of three": lambda: leaf().chain_pem,
    "several DERs in a row": lambda: b"".join(one.der for one in (leaf(), *leaf().above)),
}
PARTLY: Mapping[str, tuple[Make, str]] = {
    "bundle with a broken second block": (lambda: one_block_only(broken_block()), "broken_base64"),
    "bundle whose second block is no certificate": (
        lambda: one_block_only(armoured("CERTIFICATE", "aGVsbG8gd29ybGQsIGhlbGxvIHdvcmxk")),
        "not_a_certificate",
    ),
}
REFUSED_KINDS: Mapping[str, tuple[Refusal, Make]] = {
    "private key before a certificate": (Refusal.PRIVATE_KEY, KEYS["PKCS#8 before a certificate"]),
    "private key after a certificate": (Refusal.PRIVATE_KEY, KEYS["PKCS#8 after a certificate"]),
    "private key alone": (Refusal.PRIVATE_KEY, KEYS["PKCS#8"]),
    "PKCS#12 with password": REFUSED["PKCS#12 with password"],
    "PKCS#12 without password": REFUSED["PKCS#12 without password"],
    "Java key store": REFUSED["Java key store"],
    "certificate request": REFUSED["request in PEM"],
    "public key": REFUSED["public key"],
    "truncated DER": REFUSED["truncated DER"],
    "empty file": REFUSED["empty"],
    "HTML page": REFUSED["HTML page"],
}
RECOVERED: Mapping[str, Make] = {
    **{kind: READ[kind] for kind in (*_LOADERS, *_OWN_CODE)},
    **BUNDLES,
    **{kind: make for kind, (make, _) in PARTLY.items()},
}


def outcome(make: Make) -> str:
    """One line of the table."""
    try:
        reading = read_upload(as_bytes(make()))
    except Refused as refused:
        data = "".join(f", {key} {value}" for key, value in refused.data.items())
        return f"refused: {refused.reason.value}{data}"
    problems = "".join(f", block {one.place}: {one.code}" for one in reading.problems)
    return f"read: {len(reading.certificates)} certificate(s){problems}"


def read(make: Make) -> Reading:
    """The reading of a kind."""
    return read_upload(as_bytes(make()))


def test_there_are_52_kinds_and_a_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """41 and 11; the table is part of the test output."""
    kinds = {**RECOVERED, **{kind: make for kind, (_, make) in REFUSED_KINDS.items()}}
    rows = [(kind, outcome(make)) for kind, make in kinds.items()]
    with capsys.disabled():
        sys.stdout.write("\n\nWhat becomes of the 52 kinds of files that partners send\n")
        sys.stdout.writelines(f"{number:3}  {kind:45} {word}\n" for number, (kind, word) in enumerate(rows, start=1))
    assert (len(RECOVERED), len(REFUSED_KINDS)) == (41, 11)
    assert [kind for kind, word in rows if word.startswith("read")] == list(RECOVERED)
    assert [kind for kind, word in rows if word.startswith("refused")] == list(REFUSED_KINDS)


@pytest.mark.parametrize("kind", [*_LOADERS, *_OWN_CODE])
def test_a_single_certificate_is_recovered(kind: str) -> None:
    """The same certificate, and nothing to complain about."""
    reading = read(RECOVERED[kind])
    assert [one.sha256 for one in reading.certificates] == [leaf().sha256]
    assert reading.problems == ()


@pytest.mark.parametrize("kind", BUNDLES)
def test_a_bundle_is_recovered_whole(kind: str) -> None:
    """Three certificates, each once."""
    reading = read(RECOVERED[kind])
    assert sorted(one.sha256 for one in reading.certificates) == whole()
    assert reading.problems == ()


@pytest.mark.parametrize("kind", PARTLY)
def test_a_bad_block_costs_itself_only(kind: str) -> None:
    """The good one is kept, the bad one reported by its number."""
    reading = read(RECOVERED[kind])
    assert [one.sha256 for one in reading.certificates] == [leaf().sha256]
    assert [(one.place, one.code) for one in reading.problems] == [(2, PARTLY[kind][1])]


@pytest.mark.parametrize("kind", REFUSED_KINDS)
def test_a_kind_without_a_certificate_is_refused_by_its_name(kind: str) -> None:
    """So that the thread can say what to send instead; a cut file says how many bytes are missing."""
    reason, make = REFUSED_KINDS[kind]
    with pytest.raises(Refused) as caught:
        read(make)
    assert caught.value.reason is reason
    if kind == "truncated DER":
        assert caught.value.data["missing"] == 100


@pytest.mark.parametrize("wrap", [gzip.compress, lambda data: zipped("partner.bin", data)], ids=["gzip", "ZIP"])
@pytest.mark.parametrize("kind", [*RECOVERED, *REFUSED_KINDS])
def test_every_kind_is_treated_alike_when_it_is_packed(kind: str, wrap: Callable[[bytes], bytes]) -> None:
    """In gzip and in a ZIP: the same certificates, the same problems, the same refusal."""
    make = RECOVERED.get(kind) or REFUSED_KINDS[kind][1]
    assert outcome(lambda: wrap(as_bytes(make()))) == outcome(make)


@pytest.mark.parametrize(
    "make", [lambda: pkcs7_der([leaf(), *leaf().above]), lambda: pkcs7_pem([leaf(), *leaf().above])]
)
def test_a_pkcs7_gives_all_that_it_carries(make: Make) -> None:
    """Order does not matter there: a SET has none."""
    assert sorted(one.sha256 for one in read(make).certificates) == whole()
