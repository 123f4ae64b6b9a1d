"""Whatever comes in, the only exceptions that come out are ours, and the work is bounded."""

from __future__ import annotations

from functools import lru_cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, Verdict, build_chain
from bot.pki.checks import certificate_findings
from bot.pki.errors import UnreadableCertificate
from bot.pki.limits import NAME_COMPARISONS
from bot.pki.parsing import Reading, Refused, read_upload
from bot.pki.signatures import check_cost_of
from tests.lab.builders import NOW, Ca, days, new_key
from tests.lab.containers import pkcs7_der, pkcs7_pem, pkcs12_of, request_pem

BOUNDED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@lru_cache
def samples() -> tuple[bytes, ...]:
    """Good files to spoil."""
    root = Ca.root("Root")
    a = root.intermediate("A", aia="http://aia.example/root.cer")
    leaf = a.leaf("leaf", san=["as2.acme.example", "192.0.2.7"], eku=["clientAuth"], aia="http://aia.example/a.cer")
    bundle = [leaf, a, root]
    plain = (leaf.der, leaf.chain_pem.encode(), pkcs7_der(bundle), pkcs7_pem(bundle))
    return (*plain, pkcs12_of(leaf, b"secret"), request_pem(), leaf.der + a.der)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, cut out or put in."""
    data = bytearray(draw(st.sampled_from(samples())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        kind = draw(st.sampled_from(("change", "cut", "insert", "repeat")))
        if kind == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 40))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=20))
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 200))]
    return bytes(data)


def read(data: bytes) -> Reading | None:
    """The reading, or None for a refusal that carries words and numbers alone; anything else fails the test."""
    try:
        return read_upload(data)
    except Refused as caught:
        refused = caught
    assert refused.args == (refused.reason.value,)
    assert refused.__cause__ is None
    assert all(isinstance(one, str | int) for one in refused.data.values())
    return None


def use(certificate: Certificate) -> None:
    """Everything that the product does with a certificate that it has read."""
    known = [Certificate.from_der(samples()[0])]
    report = build_chain(certificate, CaIndex([certificate, *known]), NOW, extra=known)
    certificate_findings(certificate, NOW, known[0], "as2.acme.example", "accepts")
    assert report.path[0] == certificate
    assert certificate.subject.rfc4514 == str(certificate.subject)
    assert isinstance(certificate.pem, str)
    assert [missing.key for missing in report.missing] == [missing.key for missing in report.missing]


@BOUNDED
@given(st.binary(max_size=3_000))
def test_noise_is_refused_and_never_breaks_the_reader(data: bytes) -> None:
    """Any bytes at all."""
    read(data)


@BOUNDED
@given(st.text(max_size=2_000))
def test_text_is_refused_and_never_breaks_the_reader(text: str) -> None:
    """Any text, around the words that the reader looks for."""
    read(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n{text}".encode("utf-8", "surrogatepass"))


@BOUNDED
@given(spoiled())
def test_a_spoiled_file_is_read_in_part_or_refused(data: bytes) -> None:
    """And whatever certificate comes out can be used everywhere."""
    reading = read(data)
    for certificate in reading.certificates if reading else ():
        use(certificate)


@BOUNDED
@given(st.data())
def test_a_spoiled_certificate_is_read_in_part_or_unreadable(data: st.DataObject) -> None:
    """The reader of single certificates on its own."""
    octets = bytearray(samples()[0])
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        certificate = Certificate.from_der(bytes(octets))
    except UnreadableCertificate:
        return
    use(certificate)


def mesh(size: int, extensions: list[x509.Extension[x509.ExtensionType]]) -> tuple[list[Ca], list[Certificate]]:
    """CAs that have all certified each other."""
    cas = [Ca.root(f"CA {number}") for number in range(size)]
    crosses = [one.cross_sign(other, extensions=extensions) for one in cas for other in cas if one is not other]
    return cas, [Certificate.from_der(one.der) for one in crosses]


@pytest.mark.parametrize("reachable", [False, True])
def test_a_mesh_with_name_constraints_ends_within_its_budget(reachable: bool) -> None:
    """Each CA permits 500 names, the leaf has 500: 250,000 comparisons for each pair, and thousands of paths."""
    permitted = x509.NameConstraints([x509.DNSName(f"h{number}.example") for number in range(500)], None)
    cas, crosses = mesh(7, [x509.Extension(permitted.oid, True, permitted)])
    leaf = Certificate.from_der(cas[0].leaf("leaf", san=[f"h{number}.example" for number in range(500)]).der)
    expired = Certificate.from_der(cas[3].reissue(not_after=NOW - days(1)).der)
    source = CaIndex([expired], {expired.sha256} if reachable else ())
    report = build_chain(leaf, source, NOW, extra=crosses)
    assert report.verdict is Verdict.BUDGET_EXHAUSTED
    assert report.missing == ()
    assert NAME_COMPARISONS < 500 * 500


def test_slow_keys_use_up_the_budget_sooner() -> None:
    """A check with a huge RSA exponent takes as long as a hundred usual ones: it counts as such."""
    usual = Ca.root("Usual", key_kind="rsa")
    numbers = rsa.RSAPublicNumbers(e=2**2_999 + 1, n=2**3_071 + 1)
    assert check_cost_of(numbers.public_key()) == 50
    assert check_cost_of(usual.key.public_key()) == check_cost_of(Ca.root("EC").key.public_key()) == 1
    assert check_cost_of(new_key("p384").public_key()) == 5
    assert check_cost_of(None) == 1
