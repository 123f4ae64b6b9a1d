"""What is said when a path has a gap: which issuer is missing, and what was found instead."""

from __future__ import annotations

from bot.pki.certificate import Certificate
from bot.pki.chain import NearMissReason, Verdict, build_chain
from tests.lab.builders import NOW, Ca, Issued, days, new_key
from tests.pki.values import chain, index, names, value

AIA = "http://aia.trust.example/issuing.cer"


def hierarchy() -> tuple[Ca, Ca, Ca, Issued]:
    """Root -> A -> B -> leaf."""
    root = Ca.root("Root", ou="Trust Center")
    a = root.intermediate("A", org="Trust AG", ou="PKI", aia="http://aia.trust.example/root.cer")
    b = a.intermediate("B", aia=["ldap://dir.trust.example/cn=A", "http://aia.trust.example/a.cer"])
    return root, a, b, b.leaf("leaf", aia=AIA)


def test_the_issuer_of_the_certificate_is_named_with_everything_known() -> None:
    """B is not in the list: DN, organisation, key id, address."""
    root, a, b, leaf = hierarchy()
    report = chain(leaf, a, anchors=[root])
    assert report.verdict is Verdict.INCOMPLETE
    assert names(report) == ["leaf"]
    (missing,) = report.missing
    assert missing.name.rfc4514 == "CN=B,O=Test Trust GmbH,C=DE"
    assert missing.organisation == "Test Trust GmbH"
    assert missing.aki == value(b).ski
    assert missing.ca_issuers == (AIA,)
    assert missing.asked_by == value(leaf)
    assert missing.depth == 1
    assert missing.near_misses == ()


def test_an_issuer_higher_up_is_named_by_who_asks_for_it() -> None:
    """A is not in the list: B asks for it, at depth 2."""
    root, a, b, leaf = hierarchy()
    report = chain(leaf, b, anchors=[root])
    assert names(report) == ["leaf", "B"]
    (missing,) = report.missing
    assert (missing.name.common_name, missing.organisational_unit, missing.depth) == ("A", "PKI", 2)
    assert missing.asked_by == value(b)
    assert missing.aki == value(a).ski
    assert missing.ca_issuers == ("ldap://dir.trust.example/cn=A", "http://aia.trust.example/a.cer")


def test_a_missing_root_is_named() -> None:
    """Nothing is above A."""
    root, a, b, leaf = hierarchy()
    (missing,) = chain(leaf, a, b).missing
    assert (missing.name.common_name, missing.organisational_unit, missing.depth) == ("Root", "Trust Center", 3)
    assert missing.aki == value(root).ski


def test_the_right_certificate_answers_and_others_do_not() -> None:
    """Right name and right key: B. Right name alone: an impostor."""
    root, a, b, leaf = hierarchy()
    (missing,) = chain(leaf, a, anchors=[root]).missing
    assert missing.answered_by(value(b))
    assert not missing.answered_by(value(a.intermediate("B")))
    assert not missing.answered_by(value(a))


def test_what_is_missing_has_one_key_for_all_who_wait_for_it() -> None:
    """Two certificates of the same issuer wait for the same thing, those of another generation do not."""
    root, a, b, leaf = hierarchy()
    (one,) = chain(leaf, a, anchors=[root]).missing
    (two,) = chain(b.leaf("other"), a, anchors=[root]).missing
    (three,) = chain(a.intermediate("B").leaf("third"), a, anchors=[root]).missing
    assert one.key == two.key != three.key
    assert len(one.key) == 64


def test_another_generation_of_the_issuer_is_a_near_miss() -> None:
    """The list has B with its old key."""
    root, a, _, leaf = hierarchy()
    old = a.intermediate("B")
    report = chain(leaf, a, old, anchors=[root])
    assert report.verdict is Verdict.INCOMPLETE
    (miss,) = report.missing[0].near_misses
    assert (miss.certificate, miss.reason) == (value(old), NearMissReason.SAME_NAME_OTHER_KEY)


def test_a_forged_key_id_is_a_bad_signature() -> None:
    """Name and key id fit, the key does not."""
    root, a, b, leaf = hierarchy()
    forged = a.intermediate("B", key=new_key(), ski=value(b).ski or b"")
    (miss,) = chain(leaf, a, forged, anchors=[root]).missing[0].near_misses
    assert miss.reason is NearMissReason.BAD_SIGNATURE


def test_the_right_key_under_another_name_is_a_hint_and_no_link() -> None:
    """B's key has a certificate for the name "B2"."""
    root, a, b, leaf = hierarchy()
    renamed = a.intermediate("B2", key=b.key)
    report = chain(leaf, a, renamed, anchors=[root])
    assert report.verdict is Verdict.INCOMPLETE
    (miss,) = report.missing[0].near_misses
    assert miss.reason is NearMissReason.SAME_KEY_OTHER_NAME


def test_an_expired_issuer_is_found_and_its_successor_is_wanted() -> None:
    """Root -> B (expired) -> leaf: the path is shown, and a B that is valid would do."""
    root = Ca.root("Root")
    b = root.intermediate("B", not_after=NOW - days(3))
    leaf = b.leaf("leaf")
    report = chain(leaf, b, anchors=[root])
    assert report.verdict is Verdict.UNUSABLE
    (missing,) = report.missing
    assert [one.reason for one in missing.near_misses] == [NearMissReason.EXPIRED]
    assert not missing.answered_by(value(b))
    assert missing.answered_by(value(root.cross_sign(b)))


def test_the_walk_goes_on_above_an_expired_link() -> None:
    """Root (missing) -> A -> B (expired) -> leaf: both are named, the absent one first."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    b = a.intermediate("B", not_after=NOW - days(3))
    report = chain(b.leaf("leaf"), a, b)
    assert report.verdict is Verdict.INCOMPLETE
    assert [one.name.common_name for one in report.missing] == ["Root", "B"]
    assert names(report) == ["leaf", "B", "A"]


def test_every_way_up_that_lacks_an_issuer_is_named() -> None:
    """A is signed by One and by Two; both are absent and either would do."""
    one, two = Ca.root("One"), Ca.root("Two")
    a = one.intermediate("A")
    report = chain(a.leaf("leaf"), a, two.cross_sign(a))
    assert {missing.name.common_name for missing in report.missing} == {"One", "Two"}


def test_a_stranger_in_the_upload_changes_nothing() -> None:
    """Certificates that have no part in the chain are no links."""
    root, a, _, leaf = hierarchy()
    stranger = Ca.root("Stranger").intermediate("Other")
    (missing,) = chain(leaf, a, anchors=[root], extra=[stranger]).missing
    assert missing.name.common_name == "B"


def test_knocking_out_any_issuer_names_exactly_that_one() -> None:
    """Root -> CA 1 -> ... -> CA 5 -> leaf: each issuer is withheld in turn."""
    cas = [Ca.root("Root")]
    for number in range(1, 6):
        cas.append(cas[-1].intermediate(f"CA {number}"))
    leaf = value(cas[-1].leaf("leaf"))
    for gone in cas:
        kept = [one for one in cas[1:] if one is not gone]
        source = index(*kept, anchors=[cas[0]] if gone is not cas[0] else [])
        (missing,) = build_chain(leaf, source, NOW).missing
        assert missing.name == value(gone).subject
        assert missing.answered_by(value(gone))


def test_a_certificate_taken_out_of_the_list_is_missing_again() -> None:
    """The index changes in place."""
    root, a, b, leaf = hierarchy()
    source = index(a, b, anchors=[root])
    assert build_chain(value(leaf), source, NOW).verdict is Verdict.COMPLETE
    source.remove(a.sha256)
    assert a.sha256 not in source
    assert build_chain(value(leaf), source, NOW).missing[0].name.common_name == "A"
    source.add(value(a), anchor=False)
    assert build_chain(value(leaf), source, NOW).verdict is Verdict.COMPLETE
    source.add(value(root), anchor=False)
    assert build_chain(value(leaf), source, NOW).verdict is Verdict.UNAPPROVED_ROOT


def test_cas_that_lead_in_a_circle_are_named_as_such() -> None:
    """A and B have signed each other and leaf hangs on A: an A that leads out of the circle is wanted."""
    a, b = Ca.root("A"), Ca.root("B")
    circle = (b.cross_sign(a), a.cross_sign(b))
    report = chain(a.leaf("leaf"), *circle, anchors=[Ca.root("Elsewhere")])
    assert report.verdict is Verdict.INCOMPLETE
    (missing,) = report.missing
    assert missing.name.common_name == "A"
    assert [(one.certificate, one.reason) for one in missing.near_misses] == [
        (value(circle[0]), NearMissReason.LEADS_NOWHERE)
    ]


def test_a_signature_that_cannot_be_checked_is_told_apart_from_a_bad_one() -> None:
    """The leaf's algorithm is one that nobody knows: its issuer is there and cannot be confirmed."""
    root = Ca.root("Root")
    leaf = root.leaf("leaf")
    known, unknown = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d04037f")
    strange = Certificate.from_der(leaf.der.replace(known, unknown))
    report = build_chain(strange, index(anchors=[root]), NOW)
    assert [one.reason for one in report.missing[0].near_misses] == [NearMissReason.UNSUPPORTED_ALGORITHM]
