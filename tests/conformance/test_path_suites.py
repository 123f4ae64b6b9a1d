"""x509-limbo and BetterTLS, case by case. Divergences are declared with a reason; a surprise success fails as well."""

from __future__ import annotations

import pytest

from tests.conformance.suites import Case, accepted, cases, divergences, load

LIMBO = cases("limbo_core.json")
PATH_BUILDING = cases("bettertls_pathbuilding.json")
PEERS: dict[str, list[str]] = load("limbo_peers.json")["differ_from_expected"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in LIMBO])
def test_limbo_is_decided_as_expected_or_as_declared(case: Case) -> None:
    """200 cases without revocation lists, host names included."""
    right = accepted(case) == case.valid
    reason = divergences().get(case.id)
    if reason is None:
        assert right, f"decided otherwise than the suite: {case.raw['description']}"
    else:
        assert not right, f"decided as the suite asks: the declared divergence can go ({reason})"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in PATH_BUILDING])
def test_bettertls_path_building_is_decided_as_expected(case: Case) -> None:
    """81 cases; the suite counts a signature by SHA-1 as a defect, so weak signatures are refused here."""
    assert accepted(case, weak_signatures=False) == case.valid


def test_no_divergence_is_declared_for_a_valid_case() -> None:
    """We may be more generous than the suite, never stricter."""
    valid = {case.id for case in LIMBO if case.valid}
    assert not valid & divergences().keys()
    assert len(valid) == 59


def test_no_divergence_is_declared_where_all_peers_agree_with_the_suite() -> None:
    """What cryptography, Go, Java, OpenSSL and pyhanko all decide alike is not a matter of policy."""
    agreed = {case for case, others in PEERS.items() if not others}
    assert not agreed & divergences().keys()


def test_every_declared_divergence_is_a_case() -> None:
    """No leftovers."""
    assert divergences().keys() <= {case.id for case in LIMBO}
