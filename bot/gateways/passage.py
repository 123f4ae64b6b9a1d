"""The way through: our own request, given to the gateway's listener, and what came back from there.

The handshake with the partner is the gateway's here, so nothing is judged but whether an answer came that is not the
gateway's own complaint. A redirection is an answer; it is not followed, and no body is read.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from bot.gateways.base import Gateway, Role
from bot.gateways.condition import Check, CheckState
from bot.gateways.errors import GatewayError
from bot.gateways.http_answer import Answer, ask, request_bytes
from bot.gateways.line import Line, plain
from bot.gateways.listener import Listener
from bot.gateways.wire import Deadline, WireFailure, handshake

# What a gateway says of the other side, and of nothing else (RFC 9110 15.6.3 to 15.6.5): it reached nobody, refused
# what it reached, or waited in vain. A partner's server may say so as well; nobody can tell, and nothing is proven.
_GATEWAY_SAYS = frozenset({"502", "503", "504"})

# A listener on this machine or its network; `countersign doctor` only asks whether somebody is there.
LOOK_TIMEOUT_S = 2.0


class PassageVerdict(StrEnum):
    """The one word for a request through the gateway. Only `ANSWERED` proves anything."""

    ANSWERED = "answered"
    NOT_PASSED = "not_passed"  # answered 502, 503 or 504
    NOT_ANSWERED = "not_answered"  # silence, an end, or something else than HTTP
    NO_LISTENER = "no_listener"  # nobody listens at the gateway's address, or not in time


@dataclass(frozen=True)
class Passage:
    """One request through the gateway. What came from the peer in `answer` and `detail` is capped and printable."""

    address: str  # of the listener
    at: datetime  # aware, UTC
    duration_ms: int
    verdict: PassageVerdict
    answer: str | None  # first line of the HTTP answer
    detail: Mapping[str, str] = field(default_factory=dict)


def pass_through(listener: Listener, at: datetime, timeout: float, headers: Mapping[str, str]) -> Passage:
    """Ask the gateway's listener once (GET, with `headers`); `timeout` is in seconds, for everything together.

    Raises:
        EndpointRefused: `bad_header`: a request header that HTTP cannot carry. Nothing was sent.
    """
    request = request_bytes(listener.endpoint, headers)
    started, deadline = time.monotonic(), Deadline(timeout)
    answer: Answer | None = None
    try:
        with _line(listener, deadline) as line:
            answer = ask(line, request, deadline)
        verdict, detail = _judge(answer)
    except WireFailure as failure:
        verdict, detail = PassageVerdict.NO_LISTENER, dict(failure.detail)
    return Passage(
        address=listener.uri,
        at=at.astimezone(UTC),
        duration_ms=round((time.monotonic() - started) * 1000),
        verdict=verdict,
        answer=answer.first_line if answer else None,
        detail=detail,
    )


def check_ways(gateway: Gateway, listeners: Mapping[str, Listener]) -> Iterator[Check]:
    """Whether each listener is there, and its connection one that requests go out over."""
    for connection, listener in listeners.items():
        data = {"connection": connection, "address": listener.uri}
        try:
            current = gateway.current(connection)
        except GatewayError:  # what is wrong with the files is a finding of its own
            current = None
        else:
            if current is None:
                yield Check("way_unknown", CheckState.DOUBTFUL, data)
            elif current.role is Role.PRESENTS:
                yield Check("way_presents", CheckState.DOUBTFUL, data)
        try:
            with _line(listener, Deadline(LOOK_TIMEOUT_S)):
                yield Check("way", CheckState.GOOD, data)
        except WireFailure as failure:
            yield Check("way_unreachable", CheckState.BAD, {**data, **failure.detail})


@contextmanager
def _line(listener: Listener, deadline: Deadline) -> Iterator[Line]:
    with handshake(listener.endpoint, deadline) if listener.tls else plain(listener.endpoint, deadline) as line:
        yield line


def _judge(answer: Answer) -> tuple[PassageVerdict, dict[str, str]]:
    if answer.verdict is not None:
        return PassageVerdict.NOT_ANSWERED, dict(answer.detail)
    if answer.status in _GATEWAY_SAYS:
        return PassageVerdict.NOT_PASSED, {"status": answer.status or ""}
    return PassageVerdict.ANSWERED, {}
