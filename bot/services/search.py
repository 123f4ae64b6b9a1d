"""Finding what a person means by a name, a number or the start of a fingerprint."""

import difflib
import re

from bot.services.ca_source import certificate_of
from bot.services.errors import BadInput, NotFound
from storage.overview_records import Sought
from storage.records import CaCertificate, PartnerCertificate
from storage.store import Transaction

PREFIX = 8
"""Hexadecimal digits that a fingerprint must be given by at least; fewer are more likely a name or a number."""

_BETWEEN = re.compile(r"[\s:]+")
_HEX = re.compile(r"[0-9a-f]{8,64}")
_NUMBER = re.compile(r"#?[0-9]{1,9}")
_SERIAL = re.compile(r"(?:0x)?0*([0-9a-f]{1,64})")  # RFC 5280 4.1.2.2: up to 20 octets; some CAs use more

SHORTEST = 2
"""Characters that a search text has at least; a single one is in everything."""


class Search:
    """Looks through the lists of one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def one(self, text: str, partner_id: int | None = None) -> PartnerCertificate | CaCertificate:
        """The one certificate that is meant: by display name, then fingerprint, then number, then as a CA certificate.

        With `partner_id` only that partner's list is looked at, and the CA list.

        Raises:
            NotFound: with names that are close.
            BadInput: "name", "ambiguous", with the `options`.
        """
        entries = self._tx.certificates.entries(partner_id) if partner_id else self._tx.certificates.all_entries()
        entry = self._only_entry(text, entries)
        if entry is not None:
            return entry
        cas = self.ca_certificates(text)
        if len(cas) > 1:
            raise BadInput("name", "ambiguous", options=tuple(_ca_name(one) for one in cas))
        if cas:
            return cas[0]
        names = [one.display_name for one in entries]
        raise NotFound("certificate", text, difflib.get_close_matches(text, names, cutoff=0.5))

    def ca_certificates(self, text: str) -> tuple[CaCertificate, ...]:
        """The CA certificates that are meant: by fingerprint, else by number, else by a part of the subject."""
        everything = self._tx.ca_certificates.list()
        digits = fingerprint_start(text)
        if digits is not None:
            found = tuple(one for one in everything if one.sha256.startswith(digits))
            if found:
                return found
        if _NUMBER.fullmatch(text.strip()):
            return tuple(one for one in everything if one.id == _number(text))
        wanted = " ".join(text.split()).casefold()
        return tuple(one for one in everything if wanted and wanted in _ca_name(one).casefold())

    def _only_entry(self, text: str, entries: tuple[PartnerCertificate, ...]) -> PartnerCertificate | None:
        wanted = " ".join(text.split()).casefold()
        found = [one for one in entries if one.display_name.casefold() == wanted]
        digits = fingerprint_start(text)
        if not found and digits is not None:
            found = [one for one in entries if one.sha256.startswith(digits)]
        if not found and _NUMBER.fullmatch(text.strip()):
            found = [one for one in entries if one.id == _number(text)]
        if len(found) > 1:
            raise BadInput("name", "ambiguous", options=tuple(self._told_apart(one) for one in found))
        return found[0] if found else None

    def _told_apart(self, entry: PartnerCertificate) -> str:
        partner = self._tx.partners.by_id(entry.partner_id)
        return f"{partner.key if partner else ''}: {entry.display_name}"


def fingerprint_start(text: str) -> str | None:
    """The start of a SHA-256 fingerprint, as people copy it (upper case, colons, blanks), or None for other texts."""
    digits = _BETWEEN.sub("", text).lower()
    return digits if _HEX.fullmatch(digits) else None


def sought(text: str) -> Sought:
    """What a person may mean by `text`: part of a name or subject, the start of a fingerprint, or a serial number.

    A serial number is read as hexadecimal, however it is grouped, and as decimal too where it could be.

    Raises:
        BadInput: "query", "too_short_to_search".
    """
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        raise BadInput("query", "too_short_to_search", least=SHORTEST)
    bare = _BETWEEN.sub("", text).lower()
    serial = _SERIAL.fullmatch(bare)
    serials = [serial[1]] if serial else []
    if bare.isascii() and bare.isdigit():
        serials.append(f"{int(bare):x}")
    return Sought(text, fingerprint_start(text) or "", tuple(serials))


def _number(text: str) -> int:
    return int(text.strip().removeprefix("#"))


def _ca_name(ca: CaCertificate) -> str:
    return certificate_of(ca.der).subject.rfc4514
