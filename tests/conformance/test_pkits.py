"""NIST PKITS 1.0.1: the 90 tests that path rules alone decide, and the other 159 for their path alone."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import cryptography_vectors
import pytest

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, ChainReport, Verdict, build_chain
from bot.pki.errors import UnreadableCertificate
from bot.pki.findings import Severity
from tests.conformance.suites import divergences, load

PKITS = load("pkits_expectations.json")
AT = datetime.fromisoformat(PKITS["validation_time"])
FILES = Path(cryptography_vectors.__file__).parent / PKITS["certificates"]
OUT_OF_SCOPE: Final = {"crl", "delta_crl", "policy"}
"""Revocation and policies are not looked at: a test that depends on them is decided for its path."""

PATH_RULES = [one for one in PKITS["tests"] if not OUT_OF_SCOPE & set(one["needs"])]
PATH_ONLY = [one for one in PKITS["tests"] if OUT_OF_SCOPE & set(one["needs"])]

DEFECTS: Final = {
    "name_not_permitted": {"name_not_allowed"},
    "name_excluded": {"name_not_allowed"},
    "path_length_exceeded": {"path_length"},
    "not_a_ca": {"not_a_ca"},
    "expired": {"expired"},
    "not_yet_valid": {"not_yet_valid"},
    "key_usage_without_cert_sign": {"no_cert_sign"},
    "unknown_critical_extension": {"unknown_critical_extension"},
}
"""PKITS' word for a defect, and ours. Defects of signature and name break the chain itself: an issuer is missing."""


@lru_cache
def certificate(name: str) -> Certificate:
    """One certificate of the suite."""
    return Certificate.from_der((FILES / name).read_bytes())


def readable(names: list[str]) -> list[Certificate]:
    """Those of the files that can be read at all."""
    found = []
    for name in names:
        try:
            found.append(certificate(name))
        except UnreadableCertificate:
            continue
    return found


def judged(test: dict[str, Any]) -> ChainReport | None:
    """The report on a test; None where its end entity cannot be read."""
    anchor = certificate(PKITS["anchor"])
    source = CaIndex([anchor, *readable(test["pool"])], {anchor.sha256})
    try:
        return build_chain(certificate(test["leaf"]), source, AT)
    except UnreadableCertificate:
        return None


def cases(tests: list[dict[str, Any]]) -> list[Any]:
    """As parameters."""
    return [pytest.param(one, id=one["id"]) for one in tests]


def assert_decided(test: dict[str, Any]) -> None:
    """As the suite asks of a validator without revocation and policies, or as declared."""
    report = judged(test)
    complete = report is not None and report.verdict is Verdict.COMPLETE
    right = complete == (test["expected_path_only"] == "valid")
    reason = divergences("pkits").get(test["id"])
    assert right is (reason is None), reason or f"decided otherwise than PKITS {test['name']}"
    if reason is not None or report is None:
        return
    if complete:
        assert report.path == tuple(certificate(name) for name in test["path"])
        return
    if "signed_path" in test:
        assert report.path == tuple(certificate(name) for name in test["signed_path"])
    defect = test["defect"]
    about = certificate(defect["file"])
    if defect["kind"] in DEFECTS:
        errors = {one.code.value for one in report.findings if one.severity is Severity.ERROR}
        assert errors & DEFECTS[defect["kind"]]
    else:
        assert about.issuer.canonical in {one.name.canonical for one in report.missing}


@pytest.mark.parametrize("test", cases(PATH_RULES))
def test_a_path_is_decided_and_its_defect_named_as_pkits_says(test: dict[str, Any]) -> None:
    """Verdict, the one path, and for an invalid one the kind of its defect."""
    assert_decided(test)


@pytest.mark.parametrize("test", cases(PATH_ONLY))
def test_a_test_on_revocation_or_policies_is_decided_for_its_path_alone(test: dict[str, Any]) -> None:
    """What the suite expects of a validator that does neither."""
    assert_decided(test)


def test_89_of_the_90_path_tests_are_right() -> None:
    """The one declared is 4.1.5: DSA parameters inherited from the issuer, which no library reads."""
    assert len(PATH_RULES) == 90
    assert len(PATH_ONLY) == 159
    assert [one["id"] for one in PATH_RULES if one["id"] in divergences("pkits")] == ["4.1.5"]
    assert divergences("pkits").keys() == {"4.1.5"}
