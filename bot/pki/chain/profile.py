"""The letter of RFC 5280's certificate profile: what it asks of whoever issues, not of whoever checks a path.

The product's own policy leaves these rules out, because sound partner chains break them every day: roots without the
critical mark on basicConstraints, issuers without key ids. A strict policy makes them conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.pki import extensions
from bot.pki.certificate import Certificate

_POLICY_CONSTRAINTS: Final = "2.5.29.36"
_INHIBIT_ANY_POLICY: Final = "2.5.29.54"

_ALWAYS_CRITICAL: Final = frozenset({extensions.NAME_CONSTRAINTS, _POLICY_CONSTRAINTS, _INHIBIT_ANY_POLICY})
"""RFC 5280 sections 4.2.1.10, 4.2.1.11 and 4.2.1.14."""

_NEVER_CRITICAL: Final = frozenset(
    {extensions.AUTHORITY_KEY_ID, extensions.SUBJECT_KEY_ID, extensions.AUTHORITY_INFO_ACCESS}
)
"""RFC 5280 sections 4.2.1.1, 4.2.1.2 and 4.2.2.1."""

_LABEL: Final = re.compile(rb"[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?")
"""RFC 1034 section 3.5, with the leading digit of RFC 1123 section 2.1."""

SERIAL_BITS: Final = 160
"""A serial number has 20 octets at most (RFC 5280 section 4.1.2.2); as an integer of DER the top bit is its sign."""


def departures(certificate: Certificate) -> Iterator[str]:
    """The rules of the profile that a certificate breaks wherever it stands, as stable words."""
    yield from _marks(certificate)
    yield from _key_ids(certificate)
    if not 0 < certificate.serial < 1 << (SERIAL_BITS - 1):
        yield "serial_number"
    if certificate.is_ca and certificate.subject.empty:
        yield "ca_without_name"
    if certificate.is_ca is False and "keyCertSign" in (certificate.key_usage or ()):
        yield "cert_sign_without_ca"
    if not all(_is_dns_name(name.base) for name in certificate.names if name.kind == "DNS"):
        yield "dns_name_syntax"


def _is_dns_name(name: bytes) -> bool:
    """Letters, digits and hyphens in every label; a leading `*` is left to applications (section 4.2.1.6)."""
    labels = name.removeprefix(b"*.").split(b".")
    return all(_LABEL.fullmatch(label) for label in labels)


def _marks(certificate: Certificate) -> Iterator[str]:
    """Where the critical mark must be and where it must not."""
    marks = certificate.critical_marks
    wanted = {oid for oid in marks if oid in _ALWAYS_CRITICAL}
    if certificate.is_ca:
        wanted |= marks.keys() & {extensions.BASIC_CONSTRAINTS}  # section 4.2.1.9
    if certificate.subject.empty:
        wanted |= marks.keys() & {extensions.SUBJECT_ALT_NAME}  # section 4.2.1.6
    for oid in sorted(wanted):
        if not marks[oid]:
            yield f"{extensions.known(oid)}_not_critical"
    for oid in sorted(_NEVER_CRITICAL & marks.keys()):
        if marks[oid]:
            yield f"{extensions.known(oid)}_critical"


def _key_ids(certificate: Certificate) -> Iterator[str]:
    """Sections 4.2.1.1 and 4.2.1.2: the authority's in all but self-signed ones, the subject's in all CAs."""
    if certificate.version < 3:
        return  # older versions have no extensions
    named = certificate.aki.key_id if certificate.aki else None
    if named is None and (certificate.aki is not None or not certificate.self_signed):
        yield "no_authority_key_id"
    if certificate.is_ca and certificate.ski is None:
        yield "no_subject_key_id"
    if certificate.self_signed and named is not None and named != certificate.ski:
        yield "authority_key_id_of_another"
