"""Which path is found. Chains are drawn root first."""

from __future__ import annotations

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bot.pki.chain import CaIndex, ChainLimits, Verdict, build_chain
from bot.pki.findings import FindingCode
from tests.lab.builders import NOW, Ca, days, dn, self_signed
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
