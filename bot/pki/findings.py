"""Findings: what is worth knowing about a certificate or a path, as data; who shows them writes the sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How much a finding matters; comparable."""

    INFO = 1
    WARNING = 2
    ERROR = 3


class FindingCode(StrEnum):
    """Stable words; they may be stored and translated."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRES_SOON = "expires_soon"
    OUTLIVES_CHAIN = "outlives_chain"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    CA_AS_END_ENTITY = "ca_as_end_entity"
    SAME_KEY_AS_BEFORE = "same_key_as_before"
    CHANGED_KEY = "changed_key"
    CHANGED_ISSUER = "changed_issuer"
    MISSING_CLIENT_AUTH = "missing_client_auth"
    MISSING_SERVER_AUTH = "missing_server_auth"
    HOST_NOT_IN_SAN = "host_not_in_san"
    SELF_SIGNED = "self_signed"
    UNREADABLE_EXTENSION = "unreadable_extension"
    NOT_A_CA = "not_a_ca"
    PATH_LENGTH = "path_length"
    NO_CERT_SIGN = "no_cert_sign"
    UNKNOWN_CRITICAL_EXTENSION = "unknown_critical_extension"
    NAME_NOT_ALLOWED = "name_not_allowed"
    MISPLACED_NAME_CONSTRAINTS = "misplaced_name_constraints"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    KEY_ID_MISMATCH = "key_id_mismatch"
    UNCHECKED_SIGNATURE = "unchecked_signature"
    OFF_PROFILE = "off_profile"


@dataclass(frozen=True)
class Finding:
    """One thing to know. `sha256` is the certificate that it is about; `data` holds the facts behind it."""

    code: FindingCode
    severity: Severity
    sha256: str
    data: Mapping[str, str | int] = field(default_factory=dict)


def merged(*groups: Iterable[Finding]) -> tuple[Finding, ...]:
    """All findings, each code once a certificate, gravest first, else in the order given."""
    kept: dict[tuple[str, str], Finding] = {}
    for group in groups:
        for finding in group:
            kept.setdefault((finding.code, finding.sha256), finding)
    return tuple(sorted(kept.values(), key=lambda finding: -finding.severity))
