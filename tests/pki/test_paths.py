"""Which path is found. Chains are drawn root first."""

from __future__ import annotations

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier as Oid

from bot.pki.chain import CaIndex, ChainLimits, PathPolicy, Verdict, build_chain
from bot.pki.findings import FindingCode, Severity
from tests.lab.builders import NOW, Ca, Options, days, dn, new_key, self_signed, with_sha1
from tests.pki.values import chain, index, names, value


def test_a_path_leads_from_the_certificate_to_the_anchor() -> None:
    """Root -> A -> B -> leaf: three signatures, no more."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    b = a.intermediate("B")
    report = chain(b.leaf("leaf"), a, b, anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert names(report) == ["leaf", "B", "A", "Root"]
    assert report.anchor == value(root)
    assert report.missing == ()
    assert report.findings == ()
    assert report.signatures == 3


def test_intermediates_from_the_same_upload_are_links() -> None:
    """Root -> A -> leaf, where A came along with the leaf."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    assert names(chain(a.leaf("leaf"), anchors=[root], extra=[a])) == ["leaf", "A", "Root"]


def test_a_root_from_the_same_upload_is_no_anchor() -> None:
    """Root -> A -> leaf, all in one bundle, nothing in the CA list."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    report = chain(a.leaf("leaf"), extra=[a, root])
    assert report.verdict is Verdict.UNAPPROVED_ROOT
    assert names(report) == ["leaf", "A", "Root"]
    assert report.anchor is None
    assert report.missing == ()


def test_an_approved_intermediate_ends_the_path() -> None:
    """Root -> A (anchor) -> leaf."""
    a = Ca.root("Root").intermediate("A")
    report = chain(a.leaf("leaf"), anchors=[a])
    assert report.verdict is Verdict.COMPLETE
    assert names(report) == ["leaf", "A"]


def test_a_self_signed_partner_certificate_is_its_own_answer() -> None:
    """Nothing is missing: it is pinned."""
    report = chain(self_signed("as2.acme.example"))
    assert report.verdict is Verdict.SELF_SIGNED
    assert report.missing == ()
    assert names(report) == ["as2.acme.example"]


def test_an_approved_self_signed_certificate_is_complete() -> None:
    """An anchor is an anchor, CA or not."""
    own = self_signed("as2.acme.example")
    assert chain(own, anchors=[own]).verdict is Verdict.COMPLETE


def test_the_search_goes_on_after_an_expired_cross_sign() -> None:
    """The AddTrust case of 2020: Old (expired) and New both lead to A; only New is good."""
    old = Ca.root("Old", not_after=NOW - days(100))
    new = Ca.root("New")
    a = new.intermediate("A")
    cross = old.cross_sign(a)
    report = chain(a.leaf("leaf"), cross, a, anchors=[old, new])
    assert report.verdict is Verdict.COMPLETE
    assert names(report) == ["leaf", "A", "New"]


def test_the_search_backtracks_out_of_a_dead_end() -> None:
    """A has three certificates; two of their issuers are nowhere to be found."""
    root, gone, away = Ca.root("Root"), Ca.root("Gone"), Ca.root("Away")
    a = root.intermediate("A", not_after=NOW + days(30))
    report = chain(a.leaf("leaf"), gone.cross_sign(a), a, away.cross_sign(a), anchors=[root])
    assert names(report) == ["leaf", "A", "Root"]
    assert report.signatures == 2


def test_a_key_id_is_a_hint_and_not_a_condition() -> None:
    """The leaf's AKI names a key that nobody has (RFC 5280 section 4.2.1.1)."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    report = chain(a.leaf("leaf", aki=b"somebody else"), a, anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert [one.code for one in report.findings] == [FindingCode.KEY_ID_MISMATCH]


def test_a_key_id_that_misleads_higher_up_hides_no_path() -> None:
    """Root -> A -> B (its AKI names another key) -> leaf."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    b = a.intermediate("B", aki=b"somebody else")
    report = chain(b.leaf("leaf"), a, b, anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert names(report) == ["leaf", "B", "A", "Root"]
    assert report.missing == ()


@pytest.mark.parametrize(("ski", "aki"), [(False, False), (False, True), (True, False)])
def test_key_ids_may_be_absent(ski: bool, aki: bool) -> None:
    """Names and signatures are enough, also among namesakes."""
    root = Ca.root("Root", ski=ski)
    a = root.intermediate("A", ski=ski, aki=aki)
    namesakes = [root.intermediate("A", ski=ski, aki=aki) for _ in range(5)]
    assert chain(a.leaf("leaf", aki=aki), *namesakes, a, anchors=[root]).verdict is Verdict.COMPLETE


def test_names_are_compared_by_meaning() -> None:
    """Case, doubled blanks, composed letters and string types do not count (RFC 5280 section 7.1)."""
    root = Ca.root("Root")
    a = root.intermediate("A", subject=dn("Müller  Issuing CA", "Müller GmbH"))
    printable = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "MU\u0308LLER GmbH"),
            x509.NameAttribute(NameOID.COMMON_NAME, " müller issuing ca "),
        ]
    )
    assert chain(a.leaf("leaf", issuer_name=printable), a, anchors=[root]).verdict is Verdict.COMPLETE


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


@pytest.mark.parametrize("kind", ["p384", "brainpool", "rsa", "rsa1024", "ed25519", "ed448"])
def test_every_kind_of_key_makes_a_chain(kind: str) -> None:
    """What B2B partners use; weakness is a finding."""
    root = Ca.root("Root", key_kind=kind)
    report = chain(root.leaf("leaf", key_kind=kind), anchors=[root])
    assert report.verdict is Verdict.COMPLETE
    assert {one.code for one in report.findings} == ({FindingCode.WEAK_KEY} if kind == "rsa1024" else set())


def test_cas_that_sign_each_other_are_no_trap() -> None:
    """A and B have signed each other; neither leads to a root."""
    a, b = Ca.root("A"), Ca.root("B")
    report = chain(a.leaf("leaf"), a.cross_sign(b), b.cross_sign(a))
    assert report.verdict is not Verdict.COMPLETE
    assert report.signatures < 10


def test_a_mesh_of_cross_signed_cas_ends_within_its_budget() -> None:
    """Twelve CAs, each cross-signed by every other one, no root: the number of paths is astronomic."""
    cas = [Ca.root(f"CA {number}") for number in range(12)]
    mesh = [one.cross_sign(other) for one in cas for other in cas if one is not other]
    report = chain(cas[0].leaf("leaf"), *mesh, anchors=[Ca.root("Elsewhere")])
    assert report.verdict in {Verdict.INCOMPLETE, Verdict.UNUSABLE, Verdict.BUDGET_EXHAUSTED}


def test_an_exhausted_budget_is_not_a_missing_issuer() -> None:
    """Ten namesakes without key ids, and a budget of five signatures."""
    root = Ca.root("Root")
    namesakes = [root.intermediate("A", ski=False) for _ in range(10)]
    gone = root.intermediate("A", ski=False)
    leaf = value(gone.leaf("leaf", aki=False))
    report = build_chain(leaf, index(*namesakes, anchors=[root]), NOW, limits=ChainLimits(signatures=5))
    assert report.verdict is Verdict.BUDGET_EXHAUSTED
    assert report.missing == ()
    assert report.signatures == 5


def test_a_store_full_of_namesakes_costs_three_signatures() -> None:
    """Root -> A -> B -> leaf among 60 namesakes of B with other keys and 30 cross-signs of A that lead nowhere."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    b = a.intermediate("B")
    others = [Ca.root(f"Gone {number}") for number in range(30)]
    crowd = [other.intermediate("B") for other in others] + [root.intermediate("B") for _ in range(30)]
    crosses = [other.cross_sign(a) for other in others]
    report = chain(b.leaf("leaf"), *crowd, *crosses, a, b, anchors=[root])
    assert names(report) == ["leaf", "B", "A", "Root"]
    assert report.signatures == 3


def test_the_answer_does_not_depend_on_the_order_of_the_list() -> None:
    """Two equally good ways up, asked in both orders."""
    one, two = Ca.root("One"), Ca.root("Two")
    a = one.intermediate("A")
    cross = two.cross_sign(a)
    leaf = value(a.leaf("leaf"))
    links = [value(each) for each in (a, cross, one, two)]
    anchors = {one.sha256, two.sha256}
    ways = {build_chain(leaf, CaIndex(order, anchors), NOW).path for order in (links, links[::-1])}
    assert len(ways) == 1


def test_a_naive_moment_is_refused() -> None:
    """Times are aware or the answer would depend on the machine."""
    with pytest.raises(ValueError, match="time zone"):
        build_chain(value(self_signed("x")), CaIndex(), datetime(2026, 11, 24))  # noqa: DTZ001 - the point


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
