"""Which certificates of an upload are the partner's own, and which are CA certificates that came along. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.pki.certificate import Certificate
from bot.pki.signatures import verifies

CHECKS_PER_BUNDLE = 200
"""Signatures looked at within one file. A bundle of n certificates needs at most n - 1; a hostile one of two hundred
namesakes would ask for forty thousand."""

MAY_SIGN = "keyCertSign"


class Kind(StrEnum):
    """Which list a certificate belongs to."""

    PARTNER = "partner"
    CA = "ca"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows already; a list that a person has chosen wins over what a certificate says of itself."""

    is_partners: Callable[[Certificate], bool]
    is_ca: Callable[[Certificate], bool]
    is_asked_for: Callable[[Certificate], bool]


def kinds(certificates: Sequence[Certificate], known: Known) -> tuple[Kind, ...]:
    """The kind of each certificate, in their order; their place in the file says nothing."""
    issuers = _issuers(certificates)
    return tuple(_kind(one, one.sha256 in issuers, known) for one in certificates)


def _kind(certificate: Certificate, issues_another: bool, known: Known) -> Kind:
    if known.is_partners(certificate):
        return Kind.PARTNER
    is_ca = (
        known.is_ca(certificate) or is_marked_as_ca(certificate) or issues_another or known.is_asked_for(certificate)
    )
    return Kind.CA if is_ca else Kind.PARTNER


def is_marked_as_ca(certificate: Certificate) -> bool:
    """Whether the certificate says that it may sign others (RFC 5280 sections 4.2.1.3 and 4.2.1.9).

    CA:TRUE with a key usage that lacks keyCertSign is the mark of a careless end entity. Where basicConstraints
    cannot be read, keyCertSign decides.
    """
    usage = certificate.key_usage
    if certificate.is_ca is None:
        return usage is not None and MAY_SIGN in usage
    return certificate.is_ca and (usage is None or MAY_SIGN in usage)


def _issuers(certificates: Sequence[Certificate]) -> set[str]:
    """The certificates that have issued another one of the file."""
    found: set[str] = set()
    left = CHECKS_PER_BUNDLE
    for issuer in certificates:
        for child in certificates:
            if child is issuer or child.issuer.canonical != issuer.subject.canonical or issuer.sha256 in found:
                continue
            if left == 0:
                return found
            left -= 1
            if verifies(child, issuer):
                found.add(issuer.sha256)
    return found
