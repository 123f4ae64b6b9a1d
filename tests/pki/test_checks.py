"""Findings about one certificate in its job."""

from __future__ import annotations

import pytest

from bot.pki.checks import answers_for, certificate_findings
from bot.pki.findings import Finding, FindingCode, Severity, merged
from tests.lab.builders import NOW, Ca, Issued, Options, days, self_signed
from tests.pki.values import value

ROOT = Ca.root("Root")


def codes(issued: Issued, replaces: Issued | None = None, host: str | None = None, role: str | None = None) -> set[str]:
    """The codes of all findings at `NOW`."""
    before = value(replaces) if replaces else None
    return {one.code.value for one in certificate_findings(value(issued), NOW, before, host, role)}


def test_a_sound_certificate_has_no_finding() -> None:
    """Right dates, right names, right purpose."""
    good = ROOT.leaf("x", san=["as2.acme.example"], eku=["clientAuth"])
    assert codes(good, host="as2.acme.example", role="accepts") == set()


CASES: dict[str, Options] = {
    "expired": {"not_after": NOW - days(1)},
    "not_yet_valid": {"not_before": NOW + days(1)},
    "expires_soon": {"not_before": NOW - days(300), "not_after": NOW + days(20)},
    "weak_key": {"key_kind": "rsa1024"},
    "ca_as_end_entity": {"ca": True},
}


@pytest.mark.parametrize("code", CASES)
def test_a_certificate_with_a_flaw_has_that_finding(code: str) -> None:
    """One flaw, one finding."""
    assert codes(ROOT.leaf("x", **CASES[code])) == {code}


def test_days_are_counted_in_the_data() -> None:
    """So that a sentence can say "in 20 days" or "since 3 days"."""
    leaf = ROOT.leaf("x", not_before=NOW - days(300), not_after=NOW + days(20.5))
    (soon,) = certificate_findings(value(leaf), NOW)
    (gone,) = certificate_findings(value(ROOT.leaf("x", not_after=NOW - days(3.5))), NOW)
    assert (soon.data["days"], gone.data["days"]) == (20, 3)


def test_a_short_lived_certificate_is_not_always_about_to_expire() -> None:
    """Of 45 days, 20 are left: more than a third."""
    assert codes(ROOT.leaf("x", not_before=NOW - days(25), not_after=NOW + days(20))) == set()


def test_a_self_signed_certificate_is_said_to_be_one() -> None:
    """A remark, not a complaint."""
    (finding,) = certificate_findings(value(self_signed("x")), NOW)
    assert (finding.code, finding.severity) == (FindingCode.SELF_SIGNED, Severity.INFO)


@pytest.mark.parametrize(
    ("role", "eku", "expected"),
    [
        ("accepts", ["serverAuth"], {"missing_client_auth"}),
        ("presents", ["clientAuth"], {"missing_server_auth"}),
        ("accepts", ["2.5.29.37.0"], set()),
        ("accepts", [], set()),
        (None, ["serverAuth"], set()),
    ],
)
def test_the_purpose_fits_the_role(role: str | None, eku: list[str], expected: set[str]) -> None:
    """No extended key usage at all means any purpose (RFC 5280 section 4.2.1.12)."""
    assert codes(ROOT.leaf("x", eku=eku), role=role) == expected


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("as2.acme.example", True),
        ("AS2.ACME.EXAMPLE.", True),
        ("b.wild.example", True),
        ("wild.example", False),
        ("a.b.wild.example", False),
        ("192.0.2.7", True),
        ("[2001:db8:0::7]", True),
        ("192.0.2.8", False),
        ("cn.acme.example", False),
    ],
)
def test_a_host_is_covered_by_alternative_names_alone(host: str, covered: bool) -> None:
    """RFC 9525: wildcards stand for one label, addresses are compared as addresses, the CN does not count."""
    sans = ["as2.acme.example", "*.wild.example", "192.0.2.7", "2001:db8::7"]
    issued = ROOT.leaf("cn.acme.example", san=sans)
    assert answers_for(value(issued), host) is covered
    assert ("host_not_in_san" in codes(issued, host=host)) is not covered


def test_a_renewal_tells_what_changed() -> None:
    """Same key, new key, new issuer against the certificate that it replaces."""
    old = ROOT.leaf("x")
    assert codes(ROOT.renew(old), replaces=old) == {"same_key_as_before"}
    assert codes(ROOT.leaf("x"), replaces=old) == {"changed_key"}
    assert codes(Ca.root("Other").leaf("x"), replaces=old) == {"changed_key", "changed_issuer"}
    assert codes(old, replaces=old) == set()


def test_merged_findings_name_each_thing_once_and_the_gravest_first() -> None:
    """Chain and certificate may both say "expired"."""
    note = Finding(FindingCode.SELF_SIGNED, Severity.INFO, "a")
    error = Finding(FindingCode.EXPIRED, Severity.ERROR, "a")
    assert merged([note, error], [error]) == (error, note)
