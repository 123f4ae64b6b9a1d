"""What an expert adds: every path, the one thing worth asking for, generations, well-known roots, second opinions."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, NearMissReason, Verdict, build_chain
from bot.pki.findings import FindingCode, Severity
from bot.pki.public_web import public_web_opinion
from tests.lab.builders import NOW, Ca, Issued, days, dn, new_key, self_signed
from tests.pki.values import chain, index, names, value


def test_every_complete_path_is_told_with_its_end_the_longest_lived_first() -> None:
    """One and Two have both signed A, Two for longer: two paths, each with its own end."""
    one, two = Ca.root("One"), Ca.root("Two")
    a = one.intermediate("A", not_after=NOW + days(20))
    cross = two.cross_sign(a, not_after=NOW + days(40))
    report = chain(a.leaf("leaf"), a, cross, anchors=[one, two])
    assert [one.anchor.subject.common_name for one in report.paths] == ["Two", "One"]
    assert [one.ends for one in report.paths] == [NOW + days(40), NOW + days(20)]
    assert report.path == report.paths[0].certificates
    assert report.ends == NOW + days(40)


def test_an_expired_way_up_is_no_path() -> None:
    """Of two cross-signs one has expired."""
    one, two = Ca.root("One"), Ca.root("Two")
    a = one.intermediate("A")
    expired = two.cross_sign(a, not_after=NOW - days(1))
    assert len(chain(a.leaf("leaf"), a, expired, anchors=[one, two]).paths) == 1


def test_a_hundred_ways_up_are_not_all_told() -> None:
    """The first few are; the search stays cheap."""
    roots = [Ca.root(f"Root {number}") for number in range(40)]
    a = roots[0].intermediate("A")
    crosses = [root.cross_sign(a) for root in roots[1:]]
    report = chain(a.leaf("leaf"), a, *crosses, anchors=roots)
    assert report.verdict is Verdict.COMPLETE
    assert len(report.paths) == 8
    assert report.signatures <= 30


def test_a_purpose_that_no_issuer_passes_on_breaks_the_path() -> None:
    """Root -> A (emailProtection) -> leaf (clientAuth): good for nothing that it claims."""
    root = Ca.root("Root")
    a = root.intermediate("A", eku=["emailProtection"])
    report = chain(a.leaf("leaf", eku=["clientAuth"]), a, anchors=[root])
    assert report.verdict is Verdict.UNUSABLE
    assert [(one.code, one.severity) for one in report.findings if one.sha256 == a.sha256] == [
        (FindingCode.PURPOSE_NOT_ALLOWED, Severity.ERROR)
    ]


def test_purposes_are_nested_over_the_whole_path() -> None:
    """Root -> A (serverAuth) -> B (clientAuth) -> leaf (both): each link has one in common, all three have none."""
    root = Ca.root("Root")
    a = root.intermediate("A", eku=["serverAuth"])
    b = a.intermediate("B", eku=["clientAuth"])
    leaf = b.leaf("leaf", eku=["clientAuth", "serverAuth"])
    assert chain(leaf, a, b, anchors=[root]).verdict is Verdict.UNUSABLE
    assert chain(a.leaf("leaf", eku=["clientAuth", "serverAuth"]), a, anchors=[root]).verdict is Verdict.COMPLETE


def test_of_a_crowd_of_dead_ends_the_issuer_itself_is_wanted() -> None:
    """Six CAs that nobody has certify A: one more certificate of A is asked for, not six strangers."""
    a = Ca.root("Root").intermediate("A")
    crosses = [Ca.root(f"Gone {number}").cross_sign(a) for number in range(6)]
    report = chain(a.leaf("leaf"), *crosses, anchors=[Ca.root("Elsewhere")])
    assert report.verdict is Verdict.INCOMPLETE
    assert names(report) == ["leaf"]
    (missing,) = report.missing
    assert (missing.name.common_name, missing.aki) == ("A", value(a).ski)
    assert {one.reason for one in missing.near_misses} == {NearMissReason.LEADS_NOWHERE}
    assert missing.answered_by(value(a))


def test_namesakes_that_lead_nowhere_use_up_no_verdict() -> None:
    """150 namesakes without key ids, their CAs absent, the issuer too: incomplete, not undecided."""
    gone, root = Ca.root("Gone"), Ca.root("Root")
    key = new_key()
    namesakes = [gone.intermediate("A", ski=False, aki=False, key_kind="ed25519") for _ in range(150)]
    leaf = root.intermediate("A", ski=False, aki=False, key=key).leaf("leaf", aki=False)
    ed25519 = root.intermediate("A", ski=False, aki=False, key_kind="ed25519").leaf("leaf", aki=False)
    for one in (leaf, ed25519):
        report = chain(one, *namesakes, anchors=[root])
        assert report.verdict is Verdict.INCOMPLETE
        assert report.missing[0].name.common_name == "A"
        assert len(report.missing[0].near_misses) == 10
        assert report.signatures <= 100


def test_a_spoilt_link_is_to_be_replaced_itself() -> None:
    """Root -> A (its signature is damaged) -> leaf: nobody can answer for that A, a sound one can."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    spoilt = Issued(x509.load_der_x509_certificate(a.der[:-1] + bytes((a.der[-1] ^ 1,))), a.key)
    report = chain(a.leaf("leaf"), spoilt, anchors=[root])
    assert report.verdict is Verdict.INCOMPLETE
    assert (report.missing[0].name.common_name, report.missing[0].depth) == ("A", 1)
    assert report.missing[0].answered_by(value(a))
    assert not report.missing[0].answered_by(value(spoilt))


def test_a_missing_root_that_is_well_known_only_needs_approval() -> None:
    """The root is not in the list but among the public ones; an impostor of the same name there is none."""
    root = Ca.root("Public Root")
    a = root.intermediate("A")
    source = index(a, anchors=[Ca.root("Ours")])
    public = index(anchors=[root, Ca.root("Public Root")])
    report = build_chain(value(a.leaf("leaf")), source, NOW, known_roots=public)
    assert [one.known_root for one in report.missing] == [value(root)]
    impostors = index(anchors=[Ca.root("Public Root")])
    report = build_chain(value(a.leaf("leaf")), source, NOW, known_roots=impostors)
    assert [one.known_root for one in report.missing] == [None]


def test_an_unapproved_root_that_is_well_known_is_said_to_be_so() -> None:
    """It came along in the bundle; it is no anchor for that."""
    root = Ca.root("Public Root")
    leaf = value(root.leaf("leaf"))
    report = build_chain(leaf, CaIndex(), NOW, extra=[value(root)], known_roots=index(anchors=[root]))
    assert (report.verdict, report.known_root) == (Verdict.UNAPPROVED_ROOT, value(root))


def test_generations_of_a_ca_are_told_apart() -> None:
    """The list has the first and the second key of A, the partner uses another one."""
    root = Ca.root("Root")
    second = root.intermediate("A", not_before=NOW - days(500))
    first = root.intermediate("A", not_before=NOW - days(900))
    third = root.intermediate("A")
    (missing,) = chain(third.leaf("leaf"), second, first, anchors=[root]).missing
    told = {one.certificate.sha256: dict(one.data) for one in missing.near_misses}
    wanted = (value(third).ski or b"").hex()
    assert told == {
        number.sha256: {
            "wanted": wanted,
            "found": (value(number).ski or b"").hex(),
            "generation": place,
            "generations": 2,
        }
        for place, number in enumerate((first, second), start=1)
    }


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(x509.Name(reversed(list(dn("Müller CA", "Müller GmbH", country="DE")))), id="in reverse order"),
        pytest.param(dn("Muller CA", "Muller-GmbH", country="DE"), id="without accents, with a dash"),
    ],
)
def test_a_name_that_only_reads_alike_is_a_near_miss(written: x509.Name) -> None:
    """Right key; the leaf writes its issuer's name in another way, which RFC 5280 section 7.1 does not forgive."""
    a = Ca.root("Root").intermediate("A", subject=dn("Müller CA", "Müller GmbH", country="DE"))
    (missing,) = chain(a.leaf("leaf", issuer_name=written), a).missing
    (miss,) = missing.near_misses
    assert (miss.certificate, miss.reason) == (value(a), NearMissReason.NAME_ENCODING)


def md2(root: Ca) -> Certificate:
    """A root as of 1996: it says md2WithRSAEncryption (RFC 3279 section 2.2.1), which no library checks any more."""
    sha256, md2_oid = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010102")
    return Certificate.from_der(root.der.replace(sha256, md2_oid))


def test_a_root_whose_signature_nobody_can_check_lacks_nothing() -> None:
    """It is its own issuer; unapproved, and that its signature is unchecked is said."""
    root = Ca.root("Old Root", key_kind="rsa")
    leaf = value(root.leaf("leaf"))
    old = md2(root)
    report = build_chain(leaf, CaIndex([old]), NOW)
    assert (report.verdict, report.missing) == (Verdict.UNAPPROVED_ROOT, ())
    (finding,) = [one for one in report.findings if one.code is FindingCode.UNCHECKED_SIGNATURE]
    assert (finding.sha256, finding.data["algorithm"]) == (old.sha256, "md2WithRSAEncryption")
    assert not old.self_signed
    approved = build_chain(leaf, CaIndex([old], {old.sha256}), NOW)
    assert approved.verdict is Verdict.COMPLETE
    assert FindingCode.UNCHECKED_SIGNATURE not in {one.code for one in approved.findings}


def test_a_self_issued_certificate_with_a_bad_signature_is_no_root() -> None:
    """Somebody exchanged the key: its issuer is wanted."""
    root = Ca.root("Root")
    signature = root.certificate.signature
    bad = Certificate.from_der(root.der.replace(signature, signature[:-1] + bytes((signature[-1] ^ 1,))))
    assert (bad.rootlike, bad.self_signed) == (False, False)
    assert build_chain(bad, CaIndex(), NOW).verdict is Verdict.INCOMPLETE


def test_the_second_opinion_is_that_of_the_public_web() -> None:
    """A tidy server certificate passes; without alternative names, or with an RSA-1024 key, it does not."""
    root = Ca.root("Root", key_usage=("key_cert_sign", "crl_sign"), aki=False)
    good = root.leaf("as2", san=["as2.acme.example"], eku=["serverAuth"])
    assert public_web_opinion([value(good), value(root)], NOW).accepted
    assert not public_web_opinion([value(good), value(root)], NOW, host="other.example").accepted
    assert not public_web_opinion([value(good), value(root)], NOW + days(9_000)).accepted
    plain = public_web_opinion([value(root.leaf("as2")), value(root)], NOW)
    assert not plain.accepted
    assert "2.5.29.17" in plain.reason
    assert "CN=" not in plain.reason


@pytest.mark.parametrize("length", [0, 1])
def test_the_second_opinion_needs_a_path(length: int) -> None:
    """Nothing, or a certificate alone: refused in words, never an exception."""
    assert not public_web_opinion([value(self_signed("x"))] * length, NOW).accepted


def test_a_key_of_another_kind_is_never_tried_for_a_signature() -> None:
    """An RSA signature against an EC key is bad without a check; the count of checks stays what it is."""
    root = Ca.root("Root", key_kind="rsa", ski=False)
    namesake = Ca.root("Root", ski=False)
    leaf = root.leaf("leaf", aki=False)
    assert isinstance(root.key, rsa.RSAPrivateKey)
    root.key.public_key().verify(
        leaf.certificate.signature,
        leaf.certificate.tbs_certificate_bytes,
        padding.PKCS1v15(),
        leaf.certificate.signature_hash_algorithm,  # type: ignore[arg-type]
    )
    assert chain(leaf, anchors=[namesake, root]).verdict is Verdict.COMPLETE
