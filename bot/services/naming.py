"""Display names: the suggested one carries the date of issue, so that two generations are told apart in a list."""

import re
from collections.abc import Collection

from bot.pki.certificate import Certificate
from bot.services.wording import free_text

DISPLAY_NAME = 70
"""Characters. A name is offered in selects, whose options hold 75 (Slack docs: option object)."""

_LABEL = 48
_NOT_PLAIN = re.compile(r"[^a-z0-9._@-]+")
_PURPOSES = (("clientAuth", "client"), ("serverAuth", "server"), ("emailProtection", "mail"))


def suggested_name(partner_key: str, certificate: Certificate, taken: Collection[str]) -> str:
    """The partner's key, what the certificate calls itself or is for, and its first day: `acme-b2b 2026-11-02`.

    Made unique among `taken` by a number.
    """
    label = _NOT_PLAIN.sub("-", (certificate.subject.common_name or "").lower()).strip("-.")[:_LABEL]
    label = label or _purpose(certificate)
    if partner_key not in label:
        label = f"{partner_key}-{label}"
    name = f"{label[:_LABEL]} {certificate.not_before:%Y-%m-%d}"
    used = {one.casefold() for one in taken}
    number = 2
    unique = name
    while unique.casefold() in used:
        unique = f"{name} ({number})"
        number += 1
    return unique


def checked_name(text: str) -> str:
    """A display name as a person gave it, with single blanks.

    Raises:
        BadInput: "name", empty or too_long.
    """
    return " ".join(free_text("name", text, DISPLAY_NAME).split())


def _purpose(certificate: Certificate) -> str:
    usages = certificate.extended_key_usage or ()
    return next((word for usage, word in _PURPOSES if usage in usages), "certificate")
