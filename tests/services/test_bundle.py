"""Which certificate of a file is the partner's own: by marks, by signatures, by what is asked for; never by place."""

from bot.pki.certificate import Certificate
from bot.services.bundle import CHECKS_PER_BUNDLE, Kind, Known, kinds
from tests.lab.builders import Ca, Issued, new_key, self_signed
from tests.services.desk import value


def _never(_: Certificate) -> bool:
    return False


NOTHING = Known(_never, _never, _never)


def _kinds(*issued: Issued, known: Known = NOTHING) -> list[str]:
    return [str(one) for one in kinds([value(one) for one in issued], known)]


def test_a_chain_in_any_order_has_one_partner_certificate() -> None:
    """Root -> issuing -> leaf, in three orders."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    leaf = issuing.leaf("leaf")
    assert _kinds(leaf, issuing, root) == ["partner", "ca", "ca"]
    assert _kinds(root, issuing, leaf) == ["ca", "ca", "partner"]
    assert _kinds(issuing, leaf, root) == ["ca", "partner", "ca"]


def test_two_strangers_in_one_file_are_both_partner_certificates() -> None:
    """Two self-signed ones, as partners send the old and the new."""
    assert _kinds(self_signed("old"), self_signed("new")) == ["partner", "partner"]


def test_ca_true_without_the_right_to_sign_is_a_careless_end_entity() -> None:
    """BasicConstraints CA:TRUE, keyUsage digitalSignature only."""
    assert _kinds(self_signed("as2", ca=True)) == ["partner"]
    assert _kinds(self_signed("as2", ca=True, key_usage=None)) == ["ca"]


def test_what_has_signed_another_one_of_the_file_is_a_ca_certificate_without_any_mark() -> None:
    """A version 1 style root: no basicConstraints, no keyUsage, but a leaf below it."""
    root = Ca.root("Root", ca=None, key_usage=None)
    assert _kinds(root, root.leaf("leaf")) == ["ca", "partner"]
    assert _kinds(root) == ["partner"]


def test_the_name_of_an_issuer_is_not_enough() -> None:
    """Same DN, another key: the signature does not verify, so it has issued nothing."""
    issuer = Ca.root("Twin", ca=None, key_usage=None)
    twin = Ca.root("Twin", ca=None, key_usage=None)
    assert _kinds(twin, issuer.leaf("leaf")) == ["partner", "partner"]


def test_what_the_store_knows_wins() -> None:
    """What somebody has called the partner's own stays that; what is in the CA list, or asked for, is a CA."""
    marked, plain = Ca.root("acme as2"), self_signed("plain")
    assert _kinds(marked, known=Known(lambda _: True, _never, _never)) == [Kind.PARTNER]
    assert _kinds(plain, known=Known(_never, lambda _: True, _never)) == [Kind.CA]
    assert _kinds(plain, known=Known(_never, _never, lambda _: True)) == [Kind.CA]


def test_a_hostile_bundle_of_namesakes_costs_a_bounded_number_of_signature_checks() -> None:
    """Self-signed twins of one name, then an unmarked root of that name with its leaf.

    Among three twins the root is recognised by its signature; behind twenty the checks are used up, and it is not.
    """
    root = Ca.root("Twin", ca=None, key_usage=None)
    leaf = root.leaf("leaf")
    few = [self_signed("Twin", key=new_key()) for _ in range(3)]
    assert _kinds(*few, root, leaf)[-2:] == ["ca", "partner"]
    many = [self_signed("Twin", key=new_key()) for _ in range(20)]
    assert len(many) * len(many) > CHECKS_PER_BUNDLE
    assert _kinds(*many, root, leaf)[-2:] == ["partner", "partner"]
