"""The JSON form of `countersign check`, for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer
from bot.pki.findings import Finding
from bot.pki.parsing import Reading
from bot.pki.public_web import Opinion

FORMAT: Final = 1
"""Version of the JSON form; it changes when a field changes its meaning or goes."""


@dataclass(frozen=True)
class Checked:
    """What one run found out."""

    at: datetime
    reading: Reading
    report: ChainReport
    findings: tuple[Finding, ...]
    strangers: tuple[Certificate, ...]
    public_web: Opinion | None


def as_data(name: str, checked: Checked) -> dict[str, Any]:
    """The JSON form of a check; `run_check` documents every field."""
    report = checked.report
    return {
        "format": FORMAT,
        "file": name,
        "at": checked.at.isoformat(),
        "verdict": report.verdict.value,
        "certificate": _certificate_data(report.certificate),
        "path": [_certificate_data(one) for one in report.path],
        "anchor": report.anchor.sha256 if report.anchor else None,
        "ends": report.ends.isoformat(),
        "paths": [
            {
                "sha256": [link.sha256 for link in one.certificates],
                "anchor": one.anchor.sha256,
                "ends": one.ends.isoformat(),
            }
            for one in report.paths
        ],
        "known_root": report.known_root.sha256 if report.known_root else None,
        "missing": [_missing_data(one) for one in report.missing],
        "public_web": (
            {"accepted": checked.public_web.accepted, "reason": checked.public_web.reason}
            if checked.public_web
            else None
        ),
        "findings": [
            {
                "code": one.code.value,
                "severity": one.severity.name.lower(),
                "sha256": one.sha256,
                "data": dict(one.data),
            }
            for one in checked.findings
        ],
        "problems": [
            {"place": one.place, "code": one.code, "data": dict(one.data)} for one in checked.reading.problems
        ],
        "strangers": [one.sha256 for one in checked.strangers],
    }


def _certificate_data(one: Certificate) -> dict[str, Any]:
    return {
        "sha256": one.sha256,
        "subject": one.subject.rfc4514,
        "issuer": one.issuer.rfc4514,
        "serial": f"{one.serial:x}",
        "not_before": one.not_before.isoformat(),
        "not_after": one.not_after.isoformat(),
        "key": one.key.text,
        "signature_algorithm": one.signature_algorithm,
        "san": list(one.san),
        "is_ca": one.is_ca,
        "ski": one.ski.hex() if one.ski is not None else None,
        "aki": one.aki.key_id.hex() if one.aki and one.aki.key_id is not None else None,
        "ca_issuers": list(one.ca_issuers),
    }


def _missing_data(one: MissingIssuer) -> dict[str, Any]:
    return {
        "name": one.name.rfc4514,
        "organisation": one.organisation,
        "organisational_unit": one.organisational_unit,
        "aki": one.aki.hex() if one.aki is not None else None,
        "authority_serial": f"{one.authority_serial:x}" if one.authority_serial is not None else None,
        "ca_issuers": list(one.ca_issuers),
        "asked_by": one.asked_by.sha256,
        "depth": one.depth,
        "known_root": one.known_root.sha256 if one.known_root else None,
        "near_misses": [
            {
                "sha256": miss.certificate.sha256,
                "subject": miss.certificate.subject.rfc4514,
                "reason": miss.reason.value,
                "data": dict(miss.data),
            }
            for miss in one.near_misses
        ],
    }
