"""The second opinion: would a path pass as one of the public web? Shown to people, never a gate.

The judge is pyca/cryptography's verifier, which holds paths to the profile of the CA/Browser Forum: it refuses what B2B
partners send every day (brainpool curves, EdDSA, RSA below 2,048 bits, no alternative names, private purposes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from bot.pki.certificate import Certificate
from bot.pki.chain.report import ChainReport

_REASON_LENGTH = 300


@dataclass(frozen=True)
class Opinion:
    """Whether the path would pass. `reason` is the judge's own word where it would not, for experts; else empty."""

    accepted: bool
    reason: str = ""


def opinion_of(report: ChainReport, at: datetime) -> Opinion | None:
    """The opinion on the path of a report; None for a path that does not end at a root, or is nothing else."""
    rooted = len(report.path) > 1 and (report.anchor is not None or report.path[-1].rootlike)
    return public_web_opinion(report.path, at) if rooted else None


def public_web_opinion(path: Sequence[Certificate], at: datetime, host: str | None = None) -> Opinion:
    """Judge a path, end entity first, as if its last certificate were trusted, at the moment `at` (aware).

    As a server's certificate for `host`, by default for the first name that it has; without any name as a client's.
    Never raises.
    """
    try:
        leaf, *links, root = (x509.load_der_x509_certificate(one.der) for one in path)
    except ValueError:
        return Opinion(accepted=False, reason="the path is incomplete")
    try:
        builder = PolicyBuilder().store(Store([root])).time(at.astimezone(UTC).replace(tzinfo=None))
        subject = _subject(path[0], host)
        if subject is None:
            builder.build_client_verifier().verify(leaf, links)
        else:
            builder.build_server_verifier(subject).verify(leaf, links)
    except VerificationError as refused:
        # What stands in parentheses repeats the certificate's name.
        word = str(refused).removeprefix("validation failed: ").partition(" (encountered processing")[0]
        return Opinion(accepted=False, reason=word[:_REASON_LENGTH])
    # ValueError for names, UnsupportedAlgorithm for keys, and what else a hostile certificate makes it raise.
    except Exception as failed:
        return Opinion(accepted=False, reason=type(failed).__name__)
    return Opinion(accepted=True)


def _subject(leaf: Certificate, host: str | None) -> x509.DNSName | x509.IPAddress | None:
    names = [host] if host else [one.partition(":")[2] for one in leaf.san if one.startswith(("DNS:", "IP:"))]
    if not names:
        return None
    try:
        return x509.IPAddress(ip_address(names[0].strip("[]")))
    except ValueError:
        return x509.DNSName(names[0].replace("*", "www", 1))
