"""The kinds of files that partners send: which are read whatever their wrapping, and which are refused by name."""

from __future__ import annotations

import base64
import gzip
import io
import textwrap
import zipfile
from collections.abc import Callable
from functools import lru_cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bot.pki.parsing import Refusal, Refused, read_upload
from tests.lab.builders import Ca, Issued
from tests.lab.containers import (
    HTML_PAGE,
    JAVA_KEY_STORE,
    JCEKS_KEY_STORE,
    broken_block,
    encrypted_key,
    noise,
    openssh_key,
    pkcs7_der,
    pkcs7_pem,
    pkcs12_of,
    public_key_pem,
    request_der,
    request_pem,
    traditional_key,
)


@lru_cache
def leaf() -> Issued:
    """Root -> issuing CA -> end entity, RSA so that every old key format can be made of it."""
    return Ca.root("Kinds Root").intermediate("Kinds Issuing CA").leaf("as2.kinds.example", key_kind="rsa")


def pem() -> str:
    """The certificate in one clean PEM block."""
    return leaf().pem


def body() -> str:
    """Its DER in base64, one line."""
    return base64.b64encode(leaf().der).decode("ascii")


def wrapped() -> str:
    """Its DER in base64, 64 columns."""
    return "\n".join(textwrap.wrap(body(), 64))


def zipped(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def xxd(data: bytes) -> str:
    """As the program xxd prints it."""
    rows = range(0, len(data), 16)
    return "\n".join(f"{at:08x}: {data[at : at + 16].hex(' ', 2):<39}  0..a..........b." for at in rows)


def hexdump(data: bytes) -> str:
    """As `hexdump -C` prints it."""
    rows = [(at, data[at : at + 8].hex(" "), data[at + 8 : at + 16].hex(" ")) for at in range(0, len(data), 16)]
    return "".join(f"{at:08x}  {left}  {right}  |0..a..........b.|\n" for at, left, right in rows)


def trusted() -> str:
    """OpenSSL's own form: the certificate, then its trust settings (here: alias "x")."""
    extra = bytes.fromhex("30030c0178")
    return armoured("TRUSTED CERTIFICATE", base64.encodebytes(leaf().der + extra).decode())


def soap() -> str:
    """As SAML metadata and Peppol's SMP carry it."""
    inner = f'<ds:X509Data><ds:X509Certificate xmlns:ds="urn:x">\n{wrapped()}\n</ds:X509Certificate></ds:X509Data>'
    return f'<?xml version="1.0"?><ServiceMetadata>{inner}</ServiceMetadata>'


def armoured(label: str, text: str) -> str:
    """PEM armour of any label."""
    return f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"


READ: dict[str, Callable[[], bytes | str]] = {
    "PEM": pem,
    "DER": lambda: leaf().der,
    "PEM with CRLF": lambda: pem().replace("\n", "\r\n"),
    "PEM with bare CR": lambda: pem().replace("\n", "\r"),
    "PEM with UTF-8 BOM": lambda: "\ufeff" + pem(),
    "PEM with trailing blanks": lambda: pem().replace("\n", "  \t\n"),
    "PEM indented": lambda: textwrap.indent(pem(), "    "),
    "PEM with the body in one line": lambda: armoured("CERTIFICATE", body()),
    "PEM all in one line": lambda: pem().replace("\n", " "),
    "PEM with 76 columns": lambda: armoured("CERTIFICATE", "\n".join(textwrap.wrap(body(), 76))),
    "PEM without last newline": lambda: pem().rstrip("\n"),
    "PEM with text around": lambda: f"Certificate:\n    Data:\n        Version: 3 (0x2)\n{pem()}\nKind regards: Bob\n",
    "PEM with bag attributes": lambda: f"Bag Attributes\n    friendlyName: x\nsubject=CN = x\n{pem()}",
    "PEM with headers inside": lambda: pem().replace("-----\n", "-----\nComment: from the portal\n", 1),
    "X509 CERTIFICATE": lambda: armoured("X509 CERTIFICATE", wrapped()),
    "TRUSTED CERTIFICATE": trusted,
    "PEM in UTF-16 LE with BOM": lambda: b"\xff\xfe" + pem().encode("utf-16-le"),
    "PEM in UTF-16 BE with BOM": lambda: b"\xfe\xff" + pem().encode("utf-16-be"),
    "PEM in UTF-16 LE": lambda: pem().encode("utf-16-le"),
    "PEM quoted in mail": lambda: textwrap.indent(pem(), "> "),
    "PEM quoted twice in mail": lambda: textwrap.indent(pem(), "> > "),
    "PEM with literal backslash n": lambda: pem().replace("\n", "\\n"),
    "PEM as JSON string": lambda: '{"cert": "' + pem().replace("\n", "\\n") + '"}',
    "PEM with blank lines in the body": lambda: pem().replace("\n", "\n\n"),
    "PEM in lower-case armour": lambda: (
        armoured("certificate", wrapped()).replace("BEGIN", "begin").replace("END", "end")
    ),
    "PEM with four dashes": lambda: pem().replace("-----", "----"),
    "PEM with en dashes": lambda: pem().replace("-----", "–––––"),
    "PEM with em dashes": lambda: pem().replace("-----", "—-—"),
    "PEM without END": lambda: pem().partition("-----END")[0],
    "PEM without END and with text after": lambda: pem().partition("-----END")[0] + "\nBest regards, Bob\n",
    "bare base64 in one line": body,
    "bare base64 wrapped": wrapped,
    "DER with trailing newline": lambda: leaf().der + b"\n",
    "DER with trailing NULs": lambda: leaf().der + b"\0" * 100,
    "PKCS#7 in DER": lambda: pkcs7_der([leaf()]),
    "PKCS#7 in PEM": lambda: pkcs7_pem([leaf()]),
    "PKCS #7 SIGNED DATA": lambda: pkcs7_pem([leaf()]).replace(b"PKCS7", b"PKCS #7 SIGNED DATA"),
    "PKCS#7 in CERTIFICATE armour": lambda: pkcs7_pem([leaf()]).replace(b"PKCS7", b"CERTIFICATE"),
    "PKCS#7 as bare base64": lambda: base64.encodebytes(pkcs7_der([leaf()])),
    "XML": soap,
    "hexadecimal": leaf().der.hex,
    "hexadecimal with colons": lambda: leaf().der.hex(":").upper(),
    "xxd dump": lambda: xxd(leaf().der),
    "hexdump -C": lambda: hexdump(leaf().der),
    "gzip of PEM": lambda: gzip.compress(pem().encode()),
    "gzip of DER": lambda: gzip.compress(leaf().der),
    "ZIP of PEM": lambda: zipped("acme.pem", pem().encode()),
    "ZIP of PEM, stored": lambda: zipped("acme.pem", pem().encode(), zipfile.ZIP_STORED),
    "ZIP of a ZIP of DER": lambda: zipped("inner.zip", zipped("acme.cer", leaf().der)),
}


def as_bytes(data: bytes | str) -> bytes:
    """A file."""
    return data.encode("utf-8") if isinstance(data, str) else data


@pytest.mark.parametrize("kind", READ)
def test_a_certificate_is_read_however_it_is_wrapped(kind: str) -> None:
    """One certificate in, the same certificate out, and nothing to complain about."""
    reading = read_upload(as_bytes(READ[kind]()))
    assert [one.sha256 for one in reading.certificates] == [leaf().sha256]
    assert reading.problems == ()


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: leaf().chain_pem, id="PEM"),
        pytest.param(lambda: b"".join(one.der for one in (leaf(), *leaf().above)), id="DER in a row"),
        pytest.param(lambda: b"\n".join(one.der for one in (leaf(), *leaf().above)), id="DER in lines"),
        pytest.param(lambda: pkcs7_der([leaf(), *leaf().above]), id="PKCS#7"),
    ],
)
def test_a_bundle_gives_every_certificate_once(make: Callable[[], bytes | str]) -> None:
    """End entity, intermediate and root in one file."""
    reading = read_upload(as_bytes(make()))
    assert {one.sha256 for one in reading.certificates} == {one.sha256 for one in (leaf(), *leaf().above)}
    assert len(reading.certificates) == 3
    assert reading.problems == ()


KEYS: dict[str, Callable[[], bytes | str]] = {
    "PKCS#8": lambda: leaf().key_pem,
    "PKCS#8 before a certificate": lambda: leaf().key_pem + pem(),
    "PKCS#8 after a certificate": lambda: pem() + leaf().key_pem,
    "PKCS#8 in DER": lambda: leaf().key_der,
    "PKCS#8 in DER after a certificate in DER": lambda: leaf().der + leaf().key_der,
    "PKCS#8 in DER after noise": lambda: noise(1_000) + leaf().key_der,
    "PKCS#8 in bare base64": lambda: base64.b64encode(leaf().key_der),
    "PKCS#8 in hexadecimal": leaf().key_der.hex,
    "PKCS#8 in CERTIFICATE armour": lambda: armoured("CERTIFICATE", base64.b64encode(leaf().key_der).decode()),
    "PKCS#8 behind a certificate in one block": lambda: armoured(
        "CERTIFICATE", base64.b64encode(leaf().der + leaf().key_der).decode()
    ),
    "EC key in PKCS#8": lambda: leaf().above[0].key_der,
    "PKCS#1": lambda: traditional_key(leaf()),
    "PKCS#1 in DER": lambda: traditional_key(leaf(), Encoding.DER),
    "SEC1": lambda: traditional_key(leaf().above[0]),
    "SEC1 in DER": lambda: traditional_key(leaf().above[0], Encoding.DER),
    "encrypted PKCS#8": lambda: encrypted_key(leaf()),
    "encrypted PKCS#8 in DER": lambda: encrypted_key(leaf(), Encoding.DER),
    "OpenSSH": lambda: openssh_key(leaf()),
    "lower-case armour": leaf().key_pem.lower,
    "en dashes": lambda: leaf().key_pem.replace("-", "–"),
    "UTF-16": lambda: leaf().key_pem.encode("utf-16"),
    "UTF-16 without BOM": lambda: leaf().key_pem.encode("utf-16-le"),
    "quoted in mail": lambda: textwrap.indent(leaf().key_pem + pem(), "> "),
    "gzip": lambda: gzip.compress((pem() + leaf().key_pem).encode()),
    "ZIP": lambda: zipped("key.pem", leaf().key_pem.encode()),
    "ZIP in a ZIP": lambda: zipped("a.zip", zipped("key.der", leaf().key_der)),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_private_key_anywhere_refuses_the_whole_file(kind: str) -> None:
    """And the refusal holds nothing of the file: neither in its text nor in its arguments nor behind it."""
    data = as_bytes(KEYS[kind]())
    with pytest.raises(Refused) as caught:
        read_upload(data)
    refused = caught.value
    assert refused.reason is Refusal.PRIVATE_KEY
    assert refused.args == ("private_key",)
    assert dict(refused.data) == {}
    assert str(refused) == "private_key"
    assert repr(refused) == "Refused('private_key')"
    assert refused.__cause__ is None
    assert refused.__context__ is None


def test_prose_about_private_keys_refuses_nothing() -> None:
    """A covering note beside the certificate."""
    note = "We have never sent you our private key, and the PRIVATE KEY stays where it is.\n"
    assert len(read_upload((note + pem()).encode()).certificates) == 1


REFUSED: dict[str, tuple[Refusal, Callable[[], bytes | str]]] = {
    "request in PEM": (Refusal.CERTIFICATE_REQUEST, request_pem),
    "request in DER": (Refusal.CERTIFICATE_REQUEST, request_der),
    "PKCS#12 with password": (Refusal.PKCS12, lambda: pkcs12_of(leaf(), b"secret")),
    "PKCS#12 without password": (Refusal.PKCS12, lambda: pkcs12_of(leaf())),
    "Java key store": (Refusal.JAVA_KEY_STORE, lambda: JAVA_KEY_STORE),
    "JCEKS key store": (Refusal.JAVA_KEY_STORE, lambda: JCEKS_KEY_STORE),
    "public key": (Refusal.PUBLIC_KEY, lambda: public_key_pem(leaf())),
    "HTML page": (Refusal.HTML, lambda: HTML_PAGE),
    "empty": (Refusal.EMPTY, lambda: b""),
    "blanks": (Refusal.EMPTY, lambda: b"\xef\xbb\xbf \r\n\0"),
    "truncated DER": (Refusal.TRUNCATED, lambda: leaf().der[:-100]),
    "truncated PEM": (Refusal.TRUNCATED, lambda: pem()[:400]),
    "5 MB of noise": (Refusal.TOO_LARGE, lambda: noise(5_000_000)),
    "noise": (Refusal.NO_CERTIFICATE, lambda: noise(900_000)),
    "prose": (Refusal.NO_CERTIFICATE, lambda: "Dear all, the certificate follows tomorrow. " * 100),
    "one broken block": (Refusal.NO_CERTIFICATE, broken_block),
    "OpenSSL enc": (Refusal.ENCRYPTED, lambda: b"Salted__" + noise(200)),
    "PGP message": (Refusal.ENCRYPTED, lambda: armoured("PGP MESSAGE", "hQEMA0000000=\n=abcd")),
    "gzip bomb": (Refusal.TOO_LARGE, lambda: gzip.compress(b"\0" * 50_000_000)),
    "ZIP bomb": (Refusal.TOO_LARGE, lambda: zipped("x", b"\0" * 50_000_000)),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_without_a_certificate_is_refused_by_name(kind: str) -> None:
    """So that the thread can say what to send instead."""
    reason, make = REFUSED[kind]
    with pytest.raises(Refused) as caught:
        read_upload(as_bytes(make()))
    assert caught.value.reason is reason
