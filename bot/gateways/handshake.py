"""What a fresh handshake showed: the record behind a proof."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ProofVerdict(StrEnum):
    """The one word for a handshake. Only `MATCHED` proves a switch."""

    # The pinned certificate, trusted, in date, and a request was answered (or, by our own gateway, refused for want of
    # a client certificate).
    MATCHED = "matched"
    SEEN = "seen"  # looked at without any expectation
    OTHER_CERTIFICATE = "other_certificate"  # the leaf is not one of the pins
    UNTRUSTED = "untrusted"  # the pinned leaf, but no path to the gateway's anchors
    EXPIRED = "expired"  # the pinned leaf, but it or its path is outside its validity period
    REFUSED = (
        "refused"  # the peer sent an alert, closed on us, or answered 400/403 after asking for a client certificate
    )
    NO_ANSWER = "no_answer"  # TLS went well, HTTP did not
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    NOT_TLS = "not_tls"


@dataclass(frozen=True)
class Handshake:
    """One fresh handshake, as it was seen.

    `detail` holds what explains the verdict: stable keys, short printable values. Everything in it that came from the
    peer is capped and free of control characters, but still to be escaped before it reaches Slack.
    """

    endpoint: str  # the URI
    at: datetime  # aware, UTC; validity periods were judged at this time
    duration_ms: int
    verdict: ProofVerdict
    presented: tuple[bytes, ...]  # DER as the peer sent it, leaf first; capped
    protocol: str | None  # "TLSv1.3"
    cipher: str | None
    name_matches: bool | None  # None: the certificate names no host at all
    answer: str | None  # first line of the HTTP answer
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """SHA-256 of each presented certificate, lower-case hex, leaf first."""
        return tuple(hashlib.sha256(der).hexdigest() for der in self.presented)

    @property
    def leaf(self) -> str | None:
        """SHA-256 of the certificate that the peer presented for itself."""
        return self.fingerprints[0] if self.presented else None
