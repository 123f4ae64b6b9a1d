"""What the links of a path have to fulfil (RFC 5280 6.1). Chains are drawn root first."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ObjectIdentifier as Oid

from bot.pki.chain import CaIndex, PathPolicy, Verdict, build_chain
from bot.pki.findings import FindingCode, Severity
from tests.lab.builders import NOW, Ca, Options, days, new_key, with_sha1
from tests.pki.values import chain, index, names, value


def test_sha1_links_are_found_and_flagged() -> None:
    """Root -> A -> leaf, the leaf signed with SHA-1: a weak link, not a missing issuer."""
    root = Ca.root("Root")
    a = root.intermediate("A", key_kind="rsa")
    leaf = with_sha1(a.leaf("leaf"), a)
    report = chain(leaf, a, anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert [(one.code, one.sha256) for one in report.findings] == [(FindingCode.WEAK_SIGNATURE, leaf.sha256)]


def test_sha1_links_are_refused_where_the_policy_says_so() -> None:
    """The same chain under a policy without weak signatures."""
    root = Ca.root("Root")
    a = root.intermediate("A", key_kind="rsa")
    leaf = value(with_sha1(a.leaf("leaf"), a))
    strict = PathPolicy(weak_signatures=False)
    assert build_chain(leaf, index(a, anchors=[root]), NOW, policy=strict).verdict is Verdict.UNUSABLE


RULES: dict[str, tuple[Options, FindingCode]] = {
    "expired": ({"not_after": NOW - days(1)}, FindingCode.EXPIRED),
    "not yet valid": ({"not_before": NOW + days(1)}, FindingCode.NOT_YET_VALID),
    "no CA flag": ({"ca": False}, FindingCode.NOT_A_CA),
    "no basic constraints": ({"ca": None}, FindingCode.NOT_A_CA),
    "no keyCertSign": ({"key_usage": ("digital_signature",)}, FindingCode.NO_CERT_SIGN),
    "unknown critical extension": (
        {"extensions": [x509.Extension(Oid("1.2.3.4"), True, x509.UnrecognizedExtension(Oid("1.2.3.4"), b"\5\0"))]},
        FindingCode.UNKNOWN_CRITICAL_EXTENSION,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_link_that_breaks_a_rule_is_named(rule: str) -> None:
    """Root -> A (with the defect) -> leaf: all signatures hold, the path does not."""
    options, code = RULES[rule]
    root = Ca.root("Root")
    a = root.intermediate("A", **options)
    report = chain(a.leaf("leaf"), a, anchors=[root])
    assert report.verdict is Verdict.UNUSABLE
    assert names(report) == ["leaf", "A", "Root"]
    errors = [(one.code, one.sha256) for one in report.findings if one.severity is Severity.ERROR]
    assert errors == [(code, a.sha256)]


DEPARTURES: dict[str, Options] = {
    "no_authority_key_id": {"aki": False},
    "no_subject_key_id": {"ski": False},
    "nameConstraints_not_critical": {
        "extensions": [x509.Extension(Oid("2.5.29.30"), False, x509.NameConstraints([x509.DNSName("example")], None))]
    },
}


@pytest.mark.parametrize("rule", DEPARTURES)
def test_the_letter_of_the_profile_counts_only_where_it_is_asked_for(rule: str) -> None:
    """Root -> A (usable, and not as RFC 5280 tells CAs to write it) -> leaf."""
    root = Ca.root("Root")
    a = root.intermediate("A", **DEPARTURES[rule])
    leaf = a.leaf("leaf", san=["as2.example"])
    assert chain(leaf, a, anchors=[root]).verdict is Verdict.COMPLETE
    strict = build_chain(
        value(leaf), CaIndex([value(a), value(root)], {root.sha256}), NOW, policy=PathPolicy(strict=True)
    )
    assert strict.verdict is Verdict.UNUSABLE
    broken = [(one.code, one.sha256, one.data["rule"]) for one in strict.findings if one.severity is Severity.ERROR]
    assert broken == [(FindingCode.OFF_PROFILE, a.sha256, rule)]


def test_a_tidy_chain_passes_by_the_letter_of_the_profile() -> None:
    """Root -> A -> leaf, as a careful CA writes them."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    source = CaIndex([value(a), value(root)], {root.sha256})
    assert build_chain(value(a.leaf("leaf")), source, NOW, policy=PathPolicy(strict=True)).verdict is Verdict.COMPLETE


def test_path_length_counts_no_self_issued_certificates() -> None:
    """Root (pathlen 1) -> A -> A' (same name, new key) -> leaf is one CA too many only if A' counted."""
    root = Ca.root("Root", path_length=1)
    a = root.intermediate("A")
    rollover = a.intermediate("A", key=new_key())
    assert chain(rollover.leaf("leaf"), a, rollover, anchors=[root]).verdict is Verdict.COMPLETE


def test_path_length_refuses_one_ca_too_many() -> None:
    """Root -> A (pathlen 0) -> B -> leaf."""
    root = Ca.root("Root")
    a = root.intermediate("A", path_length=0)
    b = a.intermediate("B")
    report = chain(b.leaf("leaf"), a, b, anchors=[root])
    assert report.verdict is Verdict.UNUSABLE
    assert {"allowed": 0, "found": 1} in [dict(one.data) for one in report.findings]


def test_an_expired_certificate_on_a_good_chain_lacks_nothing() -> None:
    """Root -> A -> leaf (expired)."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    report = chain(a.leaf("leaf", not_after=NOW - days(1)), a, anchors=[root])
    assert report.verdict is Verdict.UNUSABLE
    assert report.anchor == value(root)
    assert report.missing == ()


def test_a_certificate_that_outlives_its_chain_is_told() -> None:
    """The path ends with its earliest member."""
    root = Ca.root("Root")
    a = root.intermediate("A", not_after=NOW + days(10))
    report = chain(a.leaf("leaf"), a, anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert report.ends == NOW + days(10)
    assert [one.code for one in report.findings] == [FindingCode.OUTLIVES_CHAIN]


def test_an_unreadable_extension_is_not_a_missing_ca_flag() -> None:
    """A's basicConstraints is garbage: the path is refused for that, not for "not a CA"."""
    root = Ca.root("Root")
    garbage = x509.Extension(Oid("2.5.29.19"), True, x509.UnrecognizedExtension(Oid("2.5.29.19"), b"\x30\x03\x02"))
    a = root.intermediate("A", ca=None, extensions=[garbage])
    report = chain(a.leaf("leaf"), a, anchors=[root])
    assert value(a).is_ca is None
    assert FindingCode.UNREADABLE_EXTENSION in {one.code for one in report.findings}
    assert FindingCode.NOT_A_CA not in {one.code for one in report.findings}


def test_a_purpose_is_nested_when_it_is_asked_for() -> None:
    """Root -> A (emailProtection only) -> leaf: a remark as such, a refusal for clientAuth."""
    root = Ca.root("Root")
    a = root.intermediate("A", eku=["emailProtection"])
    leaf = a.leaf("leaf", sha=hashes.SHA256())
    assert chain(leaf, a, anchors=[root]).verdict is Verdict.COMPLETE
    asked = build_chain(value(leaf), index(a, anchors=[root]), NOW, policy=PathPolicy(purpose="clientAuth"))
    assert asked.verdict is Verdict.UNUSABLE
