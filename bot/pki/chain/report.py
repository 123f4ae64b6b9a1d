"""What a path search answers: plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.pki.certificate import Certificate
from bot.pki.findings import Finding
from bot.pki.names import Name
from bot.pki.signatures import verifies


class Verdict(StrEnum):
    """One word for the whole path."""

    COMPLETE = "complete"
    """The path ends at an approved trust anchor and every rule holds."""

    UNAPPROVED_ROOT = "unapproved_root"
    """The path ends at a self-signed CA certificate that nobody has approved."""

    SELF_SIGNED = "self_signed"
    """The certificate signed itself and is no CA: nothing is missing, it is pinned by its fingerprint."""

    INCOMPLETE = "incomplete"
    """Issuers are missing; `missing` names them."""

    UNUSABLE = "unusable"
    """A signed path exists and breaks a rule; `findings` say which, `missing` which better issuer would help."""

    BUDGET_EXHAUSTED = "budget_exhausted"
    """The search was given up; nothing is known about missing issuers."""


class NearMissReason(StrEnum):
    """Why a candidate is not the issuer that is wanted. The later ones share their words with `FindingCode`."""

    SAME_NAME_OTHER_KEY = "same_name_other_key"
    SAME_KEY_OTHER_NAME = "same_key_other_name"
    BAD_SIGNATURE = "bad_signature"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    LEADS_NOWHERE = "leads_nowhere"
    """Right name, not the wrong key as far as known, and no trust anchor above: a loop, or issuers that are absent."""

    NAME_ENCODING = "name_encoding"
    """Right key, and a name that reads alike and is written in another way: other order, other characters."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NOT_A_CA = "not_a_ca"
    PATH_LENGTH = "path_length"
    NO_CERT_SIGN = "no_cert_sign"
    UNREADABLE_EXTENSION = "unreadable_extension"
    UNKNOWN_CRITICAL_EXTENSION = "unknown_critical_extension"
    NAME_NOT_ALLOWED = "name_not_allowed"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    WEAK_SIGNATURE = "weak_signature"
    OFF_PROFILE = "off_profile"


@dataclass(frozen=True)
class NearMiss:
    """A certificate that looks like the missing issuer, and why it is not.

    `data` of another key under the same name: `wanted` and `found` key id (hex), the `generation` of the key that is
    there among the `generations` known by this name, oldest first.
    """

    certificate: Certificate
    reason: NearMissReason
    data: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class SignedPath:
    """A complete path, end entity first. `ends` is the earliest end of validity in it."""

    certificates: tuple[Certificate, ...]
    ends: datetime

    @property
    def anchor(self) -> Certificate:
        """The trust anchor."""
        return self.certificates[-1]


@dataclass(frozen=True)
class MissingIssuer:
    """A signing certificate that the CA list lacks. `depth` counts from 1, the partner certificate's own issuer.

    `known_root` is the well-known public root that it is, where the caller gave such roots: it only needs approval.
    """

    name: Name
    organisation: str | None
    organisational_unit: str | None
    aki: bytes | None
    authority_serial: int | None
    ca_issuers: tuple[str, ...]
    asked_by: Certificate
    depth: int
    near_misses: tuple[NearMiss, ...] = ()
    known_root: Certificate | None = None

    @property
    def key(self) -> str:
        """A stable id of what is missing: 64 lower hex, over the canonical name and the wanted key id."""
        return hashlib.sha256(self.name.canonical + b"\0" + (self.aki or b"")).hexdigest()

    def answered_by(self, candidate: Certificate) -> bool:
        """Whether the candidate is the issuer: right name, right key, and not one that was refused before."""
        refused = {one.certificate.sha256 for one in self.near_misses}
        if candidate.sha256 in refused or candidate.subject.canonical != self.name.canonical:
            return False
        return verifies(self.asked_by, candidate)


@dataclass(frozen=True)
class ChainReport:
    """The outcome of one search. `path` starts with the certificate itself and leads towards the root.

    `anchor` is the approved anchor that the path ends at, also when the path is unusable. `ends` is the earliest
    end of validity in the path, `signatures` the number of fresh signature checks. `paths` holds every complete path
    that was found, the best one, which is `path`, first: no weak signature, the latest end, the fewest links.
    `known_root` is the well-known public root that an unapproved root is, where the caller gave such roots.
    """

    certificate: Certificate
    verdict: Verdict
    path: tuple[Certificate, ...]
    anchor: Certificate | None
    missing: tuple[MissingIssuer, ...]
    findings: tuple[Finding, ...]
    ends: datetime
    signatures: int
    paths: tuple[SignedPath, ...] = ()
    known_root: Certificate | None = None
