"""x509-limbo and BetterTLS, case by case. Divergences are declared with a reason; a surprise success fails as well."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.pki.chain import PathPolicy, Verdict
from bot.pki.errors import UnreadableCertificate
from bot.pki.signatures import verifies
from tests.conformance.suites import (
    Case,
    accepted,
    accepted_by_its_own_rules,
    cases,
    certificate,
    divergences,
    load,
    report,
)

LIMBO = cases("limbo_core.json")
PATH_BUILDING = cases("bettertls_pathbuilding.json")
PEERS: dict[str, list[str]] = load("limbo_peers.json")["differ_from_expected"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in LIMBO])
def test_limbo_is_decided_as_expected_or_as_declared(case: Case) -> None:
    """200 cases without revocation lists, host names included, by the policy that partner chains are judged by."""
    _hold(case, accepted(case) == case.valid, "limbo")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in LIMBO])
def test_limbo_is_decided_as_expected_by_the_rules_of_its_section(case: Case) -> None:
    """The letter of RFC 5280 for its cases, the second opinion for those of the public web, ours for the rest."""
    _hold(case, accepted_by_its_own_rules(case) == case.valid, "limbo_by_section")


def _hold(case: Case, right: bool, suite: str) -> None:
    reason = divergences(suite).get(case.id)
    if reason is None:
        assert right, f"decided otherwise than the suite: {case.raw['description']}"
    else:
        assert not right, f"decided as the suite asks: the declared divergence can go ({reason})"


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in PATH_BUILDING])
def test_bettertls_path_building_is_decided_as_expected(case: Case) -> None:
    """81 cases, by the policy that the product uses: no purpose asked for, weak signatures told and not refused."""
    assert (report(case, PathPolicy()).verdict is Verdict.COMPLETE) == case.valid


def test_bettertls_path_building_has_81_cases_and_nothing_is_declared() -> None:
    """None was lost, none is excused."""
    assert (len(PATH_BUILDING), divergences("bettertls")) == (81, {})


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in (*LIMBO, *PATH_BUILDING)])
def test_every_complete_path_of_a_report_is_one(case: Case) -> None:
    """Signed link by link, ended by an anchor, in the order promised; the first one is the report's own."""
    try:
        found = report(case)
    except UnreadableCertificate:
        return
    for one in found.paths:
        assert all(verifies(child, issuer) for child, issuer in pairwise(one.certificates))
        assert one.anchor.sha256 in {certificate(pem).sha256 for pem in case.raw["trusted_certs"]}
        assert one.ends == min(link.not_after for link in one.certificates)
    assert [one.certificates for one in found.paths[:1]] == ([found.path] if found.paths else [])
    assert len({one.certificates for one in found.paths}) == len(found.paths)
    if found.verdict is Verdict.COMPLETE:
        assert found.paths


SECTIONS = ("limbo", "limbo_by_section")
RULES_OF_PATHS = (
    "pathological::",
    "pathlen",
    "::validity",
    "basic-constraints",
    "basicconstraints",
    "ca-bit",
    "ca-extensions",
    "ca-as-leaf",
    "::nc::",
    "-nc-",
)


@pytest.mark.parametrize("suite", SECTIONS)
def test_no_divergence_is_declared_for_a_valid_case(suite: str) -> None:
    """We may be more generous than the suite, never stricter."""
    valid = {case.id for case in LIMBO if case.valid}
    assert not valid & divergences(suite).keys()
    assert len(valid) == 59


def test_by_its_own_rules_nothing_is_declared_about_the_rules_of_paths() -> None:
    """Pathological, path-length, validity, basic-constraints and name-constraints cases: all as the suite asks."""
    about = {case.id for case in LIMBO if any(word in case.id for word in RULES_OF_PATHS)}
    assert len(about) == 98
    assert not about & divergences("limbo_by_section").keys()


def test_no_divergence_is_declared_where_all_peers_agree_with_the_suite() -> None:
    """What cryptography, Go, Java, OpenSSL and pyhanko all decide alike is not a matter of policy."""
    agreed = {case for case, others in PEERS.items() if not others}
    assert not agreed & divergences("limbo").keys()


@pytest.mark.parametrize("suite", SECTIONS)
def test_every_declared_divergence_is_a_case(suite: str) -> None:
    """No leftovers."""
    assert divergences(suite).keys() <= {case.id for case in LIMBO}
