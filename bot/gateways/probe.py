"""The probe: one fresh TLS handshake, judged against what the gateway holds right now.

Fresh means: a new context, no session to resume, SNI, and one HTTP request with its answer read, because in TLS 1.3
a refusal arrives only at the first read. Order of judgement: the pin (the exact leaf), the path to the anchors, the
dates. The host name is recorded and is no verdict: a pin is stronger, and B2B certificates often name no host.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from bot.gateways.handshake import Handshake, ProofVerdict
from bot.gateways.http_answer import Answer, ask, request_bytes
from bot.gateways.judgement import judge, names_host
from bot.gateways.wire import Deadline, Peer, WireFailure, handshake

__all__ = ["Endpoint", "Handshake", "ProofVerdict", "look", "prove"]

# A partner's endpoint on another continent answers in under a second; ten leave room for a cold start.
DEFAULT_TIMEOUT_S = 10.0

# The codes with which nginx and HAProxy refuse a client certificate after the handshake (nginx ssl module, error 495
# and 496 are sent as 400). Without a request for one they are ordinary answers to a GET.
_REFUSALS = frozenset({"400", "403"})


def look(endpoint: Endpoint, at: datetime, timeout: float = DEFAULT_TIMEOUT_S) -> Handshake:
    """What the endpoint presents right now, without any expectation and without a request (verdict `SEEN`).

    `timeout` is in seconds and covers everything: name resolution, connect, handshake. Never raises for anything
    that the peer does; a handshake that fails is a `Handshake` with the verdict that says so.
    """
    return _probe(endpoint, None, at, timeout, b"")


def prove(
    endpoint: Endpoint,
    trust: TrustMaterial,
    at: datetime,
    timeout: float = DEFAULT_TIMEOUT_S,
    request_headers: Mapping[str, str] | None = None,
) -> Handshake:
    """Whether the endpoint presents what the gateway holds, and answers a request.

    Our own gateway (role `presents`) may refuse the request of one without a client certificate where it asks for one.

    `at` is the time at which validity periods are judged, `timeout` the seconds for everything together. The request
    (GET, with `request_headers`) is sent only to a peer that has passed, so that nothing leaks to a stranger.

    Raises:
        EndpointRefused: `bad_header`: a request header that HTTP cannot carry. Nothing was sent.
    """
    return _probe(endpoint, trust, at, timeout, request_bytes(endpoint, request_headers or {}))


def _probe(endpoint: Endpoint, trust: TrustMaterial | None, at: datetime, timeout: float, request: bytes) -> Handshake:
    started = time.monotonic()
    at = at.astimezone(UTC)
    peer: Peer | None = None
    answer: Answer | None = None
    deadline = Deadline(timeout)
    try:
        with handshake(endpoint, deadline) as peer:
            verdict, detail = (ProofVerdict.SEEN, {}) if trust is None else judge(peer.presented, trust, at)
            if verdict is ProofVerdict.MATCHED:
                answer = ask(peer, request, deadline)
                verdict, more = _judge_answer(answer, peer)
                if verdict is ProofVerdict.REFUSED and trust is not None and _knocked_without(peer, trust):
                    verdict, more = ProofVerdict.MATCHED, {**more, "client_certificate": "missing"}
                detail = {**detail, **more}
    except WireFailure as failure:
        verdict, detail = failure.verdict, dict(failure.detail)
    return Handshake(
        endpoint=endpoint.uri,
        at=at,
        duration_ms=round((time.monotonic() - started) * 1000),
        verdict=verdict,
        presented=peer.presented if peer else (),
        protocol=peer.protocol if peer else None,
        cipher=peer.cipher if peer else None,
        name_matches=names_host(peer.presented[0], endpoint.server_name) if peer and peer.presented else None,
        answer=answer.first_line if answer else None,
        detail={**(peer.notes if peer else {}), **detail},
    )


def _judge_answer(answer: Answer, peer: Peer) -> tuple[ProofVerdict, dict[str, str]]:
    if answer.verdict is not None:
        return answer.verdict, dict(answer.detail)
    if answer.status in _REFUSALS and peer.asked_for_certificate:
        return ProofVerdict.REFUSED, {"reason": "status", "status": answer.status or ""}
    return ProofVerdict.MATCHED, {}


def _knocked_without(peer: Peer, trust: TrustMaterial) -> bool:
    """Whether a refusal says nothing against what our own gateway presents.

    Mutual TLS refuses us for the client certificate that we do not have. By then the server has shown its certificate
    and signed the handshake with its key (RFC 8446 4.4.3); in TLS 1.2 it breaks off earlier, which stays a refusal.
    """
    return trust.role is Role.PRESENTS and peer.asked_for_certificate
