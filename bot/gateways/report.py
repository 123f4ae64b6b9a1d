"""The gateway's own report of what it accepts for a connection, held against what it should accept.

For a partner that comes to us there is no endpoint to look at: what admits it is in the gateway, and is asked there.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from bot.gateways.base import Gateway
from bot.gateways.condition import Source


class ReportVerdict(StrEnum):
    """The one word for a report. Only `AGREES` proves anything."""

    AGREES = "agrees"  # exactly what it should accept
    DIFFERS = "differs"


@dataclass(frozen=True)
class Report:
    """One report; pins are SHA-256 of the DER in lower-case hex, sorted."""

    gateway: str
    at: datetime  # aware, UTC
    duration_ms: int
    verdict: ReportVerdict
    source: Source
    wanted: tuple[str, ...]
    accepted: tuple[str, ...]
    requests: Mapping[str, int] = field(default_factory=dict)  # so far, with each of `wanted`; empty: not counted


def report(gateway: Gateway, connection: str, wanted: frozenset[str], at: datetime) -> Report:
    """Ask the gateway once.

    Raises:
        GatewayError: it cannot tell; see `Gateway.accepted`.
    """
    started = time.monotonic()
    told = gateway.accepted(connection)
    counted = {one: gateway.requests(connection, one) for one in sorted(wanted)}
    return Report(
        gateway=gateway.name,
        at=at.astimezone(UTC),
        duration_ms=round((time.monotonic() - started) * 1000),
        verdict=ReportVerdict.AGREES if told.pins == wanted else ReportVerdict.DIFFERS,
        source=told.source,
        wanted=tuple(sorted(wanted)),
        accepted=tuple(sorted(told.pins)),
        requests={one: count for one, count in counted.items() if count is not None},
    )
