"""What a certificate says, and what becomes of one that is partly broken."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier as Oid

from bot.pki.bundle import end_entity
from bot.pki.certificate import AuthorityKeyId, Certificate
from bot.pki.errors import UnreadableCertificate
from bot.pki.names import Name
from bot.pki.signatures import verifies
from tests.lab.builders import LEAF_DATES, Ca, dn, new_key, self_signed
from tests.lab.containers import noise
from tests.pki.values import value


def test_every_field_is_read() -> None:
    """A partner certificate as a tidy CA writes it."""
    root = Ca.root("Root", path_length=3)
    issued = root.leaf(
        "as2.acme.example",
        org="Acme GmbH",
        ou="EDI",
        san=["as2.acme.example", "192.0.2.7", "2001:db8::7"],
        eku=["clientAuth", "1.2.3.4"],
        aia=["http://aia.acme.example/root.cer", "ldap://dir.acme.example/cn=Root"],
        serial=0x1234,
        key_kind="rsa",
    )
    one = value(issued)
    spki = issued.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert one.sha256 == hashlib.sha256(issued.der).hexdigest() == issued.sha256
    assert one.subject.rfc4514 == "CN=as2.acme.example,OU=EDI,O=Acme GmbH,C=DE"
    assert (one.subject.common_name, one.subject.organisation) == ("as2.acme.example", "Acme GmbH")
    assert one.subject.organisational_unit == "EDI"
    assert one.issuer == value(root).subject
    assert one.serial == 0x1234
    assert (one.not_before, one.not_after) == LEAF_DATES
    assert (one.key.text, one.key.spki_sha256) == ("RSA 2048", hashlib.sha256(spki).hexdigest())
    assert (one.signature_algorithm, one.signature_hash) == ("ecdsa-with-SHA256", "sha256")
    assert one.san == ("DNS:as2.acme.example", "IP:192.0.2.7", "IP:2001:db8::7")
    assert one.key_usage == frozenset({"digitalSignature", "keyEncipherment"})
    assert one.extended_key_usage == ("clientAuth", "1.2.3.4")
    assert one.is_ca is False
    assert one.aki == AuthorityKeyId(value(root).ski, None, None)
    assert one.ca_issuers == ("http://aia.acme.example/root.cer", "ldap://dir.acme.example/cn=Root")
    assert one.unreadable == ()
    assert (value(root).is_ca, value(root).path_length) == (True, 3)
    assert one.pem == issued.pem


@pytest.mark.parametrize(
    ("kind", "text"),
    [("ec", "EC P-256"), ("brainpool", "EC brainpoolP256r1"), ("rsa1024", "RSA 1024"), ("ed25519", "Ed25519")],
)
def test_a_key_is_named_as_people_name_it(kind: str, text: str) -> None:
    """The usual words."""
    assert value(self_signed("x", key_kind=kind)).key.text == text


def test_self_signed_is_more_than_self_issued() -> None:
    """A certificate that names itself as issuer but was signed by another key."""
    own = self_signed("x")
    lookalike = Ca.root("Other").leaf("y", subject=dn("x", "Acme"), issuer_name=dn("X", "ACME"))
    assert (value(own).self_issued, value(own).self_signed) == (True, True)
    assert (value(lookalike).self_issued, value(lookalike).self_signed) == (True, False)
    assert not verifies(value(own), value(lookalike))


def test_a_broken_extension_costs_itself_only() -> None:
    """The alternative names are garbage; all else is read."""
    san = Oid("2.5.29.17")
    broken = x509.Extension(san, False, x509.UnrecognizedExtension(san, b"\x30\x7f\x01"))
    one = value(Ca.root("Root").leaf("x", eku=["clientAuth"], extensions=[broken]))
    assert one.unreadable == ("subjectAltName",)
    assert one.san == ()
    assert one.extended_key_usage == ("clientAuth",)
    assert one.ski is not None


def test_two_certificates_are_equal_when_their_bytes_are() -> None:
    """A value, usable in sets."""
    issued = self_signed("x")
    assert len({value(issued), value(issued), value(self_signed("x"))}) == 2


def test_a_value_shows_nothing_but_its_fingerprint() -> None:
    """Neither names nor bytes reach a log by accident."""
    text = repr(value(self_signed("secret-partner.example")))
    assert "secret-partner" not in text
    assert "der" not in text


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x80\x00\x00", noise(300), b"\x30" * 5_000])
def test_what_is_no_certificate_is_unreadable(data: bytes) -> None:
    """One exception, with a stable word, whatever the bytes."""
    with pytest.raises(UnreadableCertificate) as caught:
        Certificate.from_der(data)
    assert caught.value.args == (caught.value.reason,)


def test_an_oversized_certificate_is_unreadable() -> None:
    """64 kB are enough for anybody."""
    big = self_signed("x", san=[f"host-{number:05}.example" for number in range(4_000)])
    with pytest.raises(UnreadableCertificate, match="too_large"):
        value(big)


def test_a_name_that_cannot_be_decoded_still_shows_and_compares() -> None:
    """A CN that claims UTF-8 and is none keeps its bytes; a name that is no name shows its DER."""
    bad = bytes.fromhex("300d310b30090603550403") + b"\x0c\x02\xff\xfe"
    assert Name(bad).rfc4514 == "CN=#0c02fffe"
    assert Name(bad).common_name is None
    assert Name(bad).canonical == Name(bytes(bad)).canonical
    assert Name(b"\x30\x03\x01\x02").rfc4514 == "#30030102"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller, Söhne & Co", "Müller\\, Söhne & Co"),
        ("<!channel>", "\\<!channel\\>"),
        (" #1 ", "\\ #1\\ "),
        ('a+b"c\\d;e', 'a\\+b\\"c\\\\d\\;e'),
    ],
)
def test_names_are_shown_by_rfc_4514(text: str, shown: str) -> None:
    """Escaped as section 2.4 asks, and as the library writes it."""
    issued = self_signed("x", subject=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]))
    assert value(issued).subject.rfc4514 == f"CN={shown}" == issued.name.rfc4514_string()


def test_parts_of_one_relative_name_have_no_order_and_relative_names_have_one() -> None:
    """RFC 5280 section 7.1."""
    cn, org = x509.NameAttribute(NameOID.COMMON_NAME, "a"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "b")
    rdn = x509.RelativeDistinguishedName

    def key(*rdns: x509.RelativeDistinguishedName) -> bytes:
        return value(self_signed("x", subject=x509.Name(rdns))).subject.canonical

    assert key(rdn([cn, org])) == key(rdn([org, cn]))
    assert key(rdn([cn]), rdn([org])) != key(rdn([org]), rdn([cn]))
    assert key(rdn([cn]), rdn([org])) != key(rdn([cn, org]))


def test_the_end_entity_of_a_bundle_is_found_wherever_it_stands() -> None:
    """By who issued whom, not by position."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    leaf = a.leaf("leaf")
    bundle = [value(one) for one in (root, leaf, a)]
    assert end_entity(bundle) == end_entity(bundle[::-1]) == value(leaf)
    assert end_entity([value(root), value(a)]) == value(a)
    own = self_signed("own", key=new_key())
    assert end_entity([value(root), value(own)]) == value(own)
