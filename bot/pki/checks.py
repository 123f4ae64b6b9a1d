"""What is worth knowing about one certificate in its job, apart from its path."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from bot.pki.algorithms import WEAK_HASHES, weak_key
from bot.pki.certificate import Certificate
from bot.pki.findings import Finding, FindingCode, Severity
from bot.pki.limits import DN_SHOWN

EXPIRES_SOON: Final = timedelta(days=30)
"""Time to agree on a switch with a partner; for short-lived certificates the last third of their life."""

_ANY: Final = "anyExtendedKeyUsage"
_PURPOSES: Final = {
    "accepts": ("clientAuth", FindingCode.MISSING_CLIENT_AUTH),
    "presents": ("serverAuth", FindingCode.MISSING_SERVER_AUTH),
}
"""By a connection's role: the partner is let in as a TLS client, our gateway answers as a TLS server."""


def certificate_findings(
    certificate: Certificate,
    at: datetime,
    replaces: Certificate | None = None,
    host: str | None = None,
    role: str | None = None,
) -> tuple[Finding, ...]:
    """Everything to know about a certificate at the moment `at` (aware), gravest first.

    `replaces` is the certificate that it takes over from, `host` the name or address that it will answer for, `role`
    the connection's ("accepts" or "presents"). Findings about its path come with the chain report.
    """
    found = [
        *_validity(certificate, at),
        *_strength(certificate),
        *_kind(certificate),
        *_purpose(certificate, role),
        *_host(certificate, host),
        *_changes(certificate, replaces),
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity))


def _validity(certificate: Certificate, at: datetime) -> Iterator[Finding]:
    left = certificate.not_after - at
    soon = min(EXPIRES_SOON, (certificate.not_after - certificate.not_before) / 3)
    about = certificate.sha256
    if at.replace(microsecond=0) > certificate.not_after:
        data: dict[str, str | int] = {"date": certificate.not_after.isoformat(), "days": (-left).days}
        yield Finding(FindingCode.EXPIRED, Severity.ERROR, about, data)
    elif at.replace(microsecond=0) < certificate.not_before:
        yield Finding(FindingCode.NOT_YET_VALID, Severity.ERROR, about, {"date": certificate.not_before.isoformat()})
    elif left < soon:
        data = {"date": certificate.not_after.isoformat(), "days": left.days}
        yield Finding(FindingCode.EXPIRES_SOON, Severity.WARNING, about, data)


def _strength(certificate: Certificate) -> Iterator[Finding]:
    key = certificate.key
    if weak_key(key.kind, key.bits):
        yield Finding(FindingCode.WEAK_KEY, Severity.WARNING, certificate.sha256, {"key": key.text})
    # A self-signature proves nothing that the pin does not prove better.
    if certificate.signature_hash in WEAK_HASHES and not certificate.self_issued:
        data = {"algorithm": certificate.signature_algorithm}
        yield Finding(FindingCode.WEAK_SIGNATURE, Severity.WARNING, certificate.sha256, data)


def _kind(certificate: Certificate) -> Iterator[Finding]:
    about = certificate.sha256
    if certificate.is_ca:
        yield Finding(FindingCode.CA_AS_END_ENTITY, Severity.WARNING, about)
    if certificate.self_signed:
        yield Finding(FindingCode.SELF_SIGNED, Severity.INFO, about)
    for name in certificate.unreadable:
        yield Finding(FindingCode.UNREADABLE_EXTENSION, Severity.WARNING, about, {"extension": name})


def _purpose(certificate: Certificate, role: str | None) -> Iterator[Finding]:
    purpose, code = _PURPOSES.get(role or "", (None, None))
    usages = certificate.extended_key_usage
    if purpose and code and usages is not None and not {purpose, _ANY} & set(usages):
        yield Finding(code, Severity.WARNING, certificate.sha256, {"found": ", ".join(usages)})


def _host(certificate: Certificate, host: str | None) -> Iterator[Finding]:
    if host and not answers_for(certificate, host):
        yield Finding(FindingCode.HOST_NOT_IN_SAN, Severity.WARNING, certificate.sha256, {"host": host})


def _changes(certificate: Certificate, replaces: Certificate | None) -> Iterator[Finding]:
    if replaces is None or replaces == certificate:
        return
    about = certificate.sha256
    if replaces.key.spki_sha256 == certificate.key.spki_sha256:
        yield Finding(FindingCode.SAME_KEY_AS_BEFORE, Severity.INFO, about)
    else:
        data: dict[str, str | int] = {"before": replaces.key.text, "now": certificate.key.text}
        yield Finding(FindingCode.CHANGED_KEY, Severity.INFO, about, data)
    if replaces.issuer.canonical != certificate.issuer.canonical:
        data = {
            "before": replaces.issuer.rfc4514[:DN_SHOWN],
            "now": certificate.issuer.rfc4514[:DN_SHOWN],
        }
        yield Finding(FindingCode.CHANGED_ISSUER, Severity.INFO, about, data)


def answers_for(certificate: Certificate, host: str) -> bool:
    """Whether the alternative names cover a host name or address (RFC 9525 section 6; the CN does not count)."""
    address = _address(host)
    if address is not None:
        return any(_address(name[3:]) == address for name in certificate.san if name.startswith("IP:"))
    wanted = host.lower().rstrip(".")
    parent = "*." + wanted.partition(".")[2]
    return any(name[4:].lower() in {wanted, parent} for name in certificate.san if name.startswith("DNS:"))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None
