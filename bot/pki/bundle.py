"""Which certificate of a bundle is the one that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pki.certificate import Certificate


def end_entity(certificates: Sequence[Certificate]) -> Certificate:
    """The certificate of a bundle that issued none of the others, wherever it stands.

    Of several the first one that is no CA, else the first. The bundle must not be empty (`ValueError`).
    """
    if not certificates:
        raise ValueError("an empty bundle has no end entity")
    issuers = {one.issuer.canonical for one in certificates if not one.self_issued}
    ends = [one for one in certificates if one.subject.canonical not in issuers] or list(certificates)
    return next((one for one in ends if one.is_ca is not True), ends[0])
