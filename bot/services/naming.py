"""Display names: the suggested one carries the date of issue, so that two generations are told apart in a list."""

import re
from collections.abc import Sequence

from bot.pki.certificate import Certificate
from bot.services.wording import free_text

DISPLAY_NAME = 70
"""Characters. A name is offered in selects, whose options hold 75 (Slack docs: option object)."""

_LABEL = 48
_NOT_PLAIN = re.compile(r"[^a-z0-9._@-]+")
_DATED = re.compile(r"(.{1,48}) \d{4}-\d{2}-\d{2}( \(\d+\))?")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")  # the first part tells hosts apart; the rest is the partner's domain
_PURPOSES = (("clientAuth", "client"), ("serverAuth", "server"), ("emailProtection", "mail"))


def suggested_name(partner_key: str, certificate: Certificate, held: Sequence[tuple[str, Certificate]]) -> str:
    """What the certificate is called and its first day: `acme-b2b 2026-11-02`, made unique by a number.

    A renewal keeps the name of the one it renews, the newest with the same subject among the partner's own (`held`,
    name and certificate, oldest first). Otherwise: the partner's key, and what the certificate calls itself or is for.
    """
    renewed = (name for name, one in reversed(held) if one.subject.canonical == certificate.subject.canonical)
    label = next((named[1] for name in renewed if (named := _DATED.fullmatch(name))), None)
    name = f"{label or _new_label(partner_key, certificate)} {certificate.not_before:%Y-%m-%d}"
    used = {one.casefold() for one, _ in held}
    number = 2
    unique = name
    while unique.casefold() in used:
        unique = f"{name} ({number})"
        number += 1
    return unique


def _new_label(partner_key: str, certificate: Certificate) -> str:
    label = _NOT_PLAIN.sub("-", (certificate.subject.common_name or "").lower()).strip("-.")[:_LABEL]
    if _HOST.fullmatch(label):
        label = label.partition(".")[0]
    label = label or _purpose(certificate)
    return label if partner_key in label else f"{partner_key}-{label}"[:_LABEL]


def checked_name(text: str) -> str:
    """A display name as a person gave it, with single blanks.

    Raises:
        BadInput: "name", empty or too_long.
    """
    return " ".join(free_text("name", text, DISPLAY_NAME).split())


def _purpose(certificate: Certificate) -> str:
    usages = certificate.extended_key_usage or ()
    return next((word for usage, word in _PURPOSES if usage in usages), "certificate")
