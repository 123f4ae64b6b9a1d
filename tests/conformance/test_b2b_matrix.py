"""The 22 chains of what B2B partners really send: all complete, and each withheld issuer named."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import pytest

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, Verdict, build_chain
from bot.pki.parsing import read_upload
from tests.conformance.suites import FOLDER, divergences, load

MATRIX = load("b2b_matrix/cases.json")
AT = datetime.fromisoformat(MATRIX["validation_time"])
CASES = [pytest.param(case, id=case["id"]) for case in MATRIX["cases"]]


def one(case: dict[str, Any], part: str) -> Certificate:
    """One certificate of a chain, read as an upload."""
    (found,) = read_upload((FOLDER / "b2b_matrix" / case["files"][part]).read_bytes()).certificates
    assert found.sha256 == case["sha256"][part]
    return found


@lru_cache
def whole_store() -> tuple[tuple[Certificate, ...], frozenset[str]]:
    """Roots and intermediates of all chains, and the fingerprints of the roots."""
    roots = [one(case, "root") for case in MATRIX["cases"]]
    links = [one(case, "intermediate") for case in MATRIX["cases"]]
    return (*roots, *links), frozenset(root.sha256 for root in roots)


def store(without: str | None = None) -> CaIndex:
    """A CA list of the whole matrix, without one certificate."""
    certificates, anchors = whole_store()
    return CaIndex([each for each in certificates if each.sha256 != without], anchors)


def test_the_matrix_has_its_22_chains() -> None:
    """None was lost, none is excused."""
    assert (len(CASES), divergences("b2b_matrix")) == (22, {})


@pytest.mark.parametrize("case", CASES)
def test_the_chain_is_complete(case: dict[str, Any]) -> None:
    """Two links, two signatures, in a store with all the others."""
    report = build_chain(one(case, "leaf"), store(), AT)
    assert report.verdict is Verdict.COMPLETE
    assert [each.sha256 for each in report.path] == [case["sha256"][part] for part in ("leaf", "intermediate", "root")]
    assert report.signatures == 2


@pytest.mark.parametrize("part", ["intermediate", "root"])
@pytest.mark.parametrize("case", CASES)
def test_the_withheld_issuer_is_named(case: dict[str, Any], part: str) -> None:
    """By DN, key id and address."""
    wanted = case["missing_issuer_if_withheld"][part]
    report = build_chain(one(case, "leaf"), store(without=case["sha256"][part]), AT)
    assert report.verdict is Verdict.INCOMPLETE
    (missing,) = report.missing
    assert missing.name.rfc4514 == wanted["issuer"]
    assert (missing.aki.hex() if missing.aki else None) == wanted["aki"]
    assert missing.ca_issuers == (wanted["ca_issuers"],)
    assert missing.answered_by(one(case, part))
