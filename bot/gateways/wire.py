"""The wire under the probe: name resolution, connect and TLS handshake, all under one hard deadline.

pyOpenSSL, because Python 3.11's ssl has no public way to the chain that the peer sent. The peer is hostile: bytes,
certificates and time are capped.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from OpenSSL import SSL, crypto

from bot.gateways.endpoint import Endpoint
from bot.gateways.handshake import ProofVerdict

# A B2B path is two to five long; who sends more than twenty is not helping. (OpenSSL caps the message at 100 kB.)
MAX_PRESENTED = 20
# An OpenSSL reason or an OS error: enough to tell causes apart.
MAX_REASON = 160

# OpenSSL's reasons for bytes that are no TLS record: a plain-text server answering a ClientHello.
_NOT_TLS = frozenset({"wrong version number", "http request", "https proxy request", "packet length too long",
                      "unknown protocol", "record layer failure"})  # fmt: skip

# SSL_state_string_long of a client in TLS_ST_CR_CERT_REQ. The list of CAs that comes with the message may be empty, so
# its presence is no sign.
_CERTIFICATE_REQUEST = b"SSLv3/TLS read server certificate request"

T = TypeVar("T")


class WireFailure(Exception):
    """The handshake did not come about: the verdict that it leads to, and why."""

    def __init__(self, verdict: ProofVerdict, detail: Mapping[str, str]) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict
        self.detail = dict(detail)


class Deadline:
    """One budget of seconds for everything; a peer that drips bytes cannot stretch it."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain, never negative."""
        return max(0.0, self._end - time.monotonic())


@dataclass
class Peer:
    """An open TLS connection, and what the peer showed in its handshake."""

    connection: SSL.Connection
    socket: socket.socket
    presented: tuple[bytes, ...]
    protocol: str
    cipher: str | None
    asked_for_certificate: bool
    notes: dict[str, str] = field(default_factory=dict)


@contextmanager
def handshake(endpoint: Endpoint, deadline: Deadline) -> Iterator[Peer]:
    """A finished handshake with a fresh context; closed on leaving.

    Raises:
        WireFailure: there was none.
    """
    sock = connect(endpoint, deadline)
    try:
        states: set[bytes] = set()
        connection = SSL.Connection(_fresh_context(states), sock)
        if endpoint.address is None:
            connection.set_tlsext_host_name(endpoint.server_name.encode("ascii"))
        connection.set_connect_state()
        try:
            patiently(connection.do_handshake, sock, deadline)
        except TimeoutError as error:
            raise WireFailure(ProofVerdict.TIMED_OUT, {"stage": "handshake"}) from error
        except (SSL.Error, OSError) as error:
            raise WireFailure(*failure_of(error, "handshake")) from error
        yield _peer(connection, sock, states)
    finally:
        sock.close()


def connect(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    """A non-blocking socket, connected to the endpoint's host and port.

    Raises:
        WireFailure: `UNREACHABLE`, `TIMED_OUT`.
    """
    last = "no address"
    for family, kind, protocol, _, address in _resolve(endpoint, deadline):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(deadline.left(), 0.001))
            sock.connect(address)
        except TimeoutError as error:
            sock.close()
            raise WireFailure(ProofVerdict.TIMED_OUT, {"stage": "connect"}) from error
        except OSError as error:
            sock.close()
            last = printable(error.strerror or type(error).__name__)
        else:
            # Else Nagle holds the request back behind our Finished for a delayed ACK: 40 ms of every proof (measured).
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            return sock
    raise WireFailure(ProofVerdict.UNREACHABLE, {"stage": "connect", "error": last})


def patiently(operation: Callable[[], T], sock: socket.socket, deadline: Deadline) -> T:
    """Repeat a non-blocking operation until it is done.

    Raises:
        TimeoutError: the deadline has passed.
    """
    while True:
        try:
            return operation()
        except SSL.WantReadError:
            _wait(sock, select.POLLIN, deadline)
        except SSL.WantWriteError:
            _wait(sock, select.POLLOUT, deadline)
        if deadline.left() == 0:
            raise TimeoutError


def _wait(sock: socket.socket, event: int, deadline: Deadline) -> None:
    poll = select.poll()  # select() knows no descriptor from 1024 on
    poll.register(sock, event)
    poll.poll(deadline.left() * 1_000)


def failure_of(error: SSL.Error | OSError, stage: str) -> tuple[ProofVerdict, dict[str, str]]:
    """What a TLS or socket error means: an alert or a closed connection is a refusal."""
    if isinstance(error, SSL.ZeroReturnError):
        return ProofVerdict.REFUSED, {"stage": stage, "reason": "closed"}
    if isinstance(error, SSL.SysCallError | OSError):
        return ProofVerdict.REFUSED, {"stage": stage, "reason": "closed", "error": printable(str(error.args[-1]))}
    reasons = [reason for _, _, reason in error.args[0]] if error.args and error.args[0] else []
    text = "; ".join(reasons)
    if any(reason in _NOT_TLS for reason in reasons):
        return ProofVerdict.NOT_TLS, {"stage": stage, "error": printable(text)}
    if "unexpected eof while reading" in reasons:
        return ProofVerdict.REFUSED, {"stage": stage, "reason": "closed"}
    return ProofVerdict.REFUSED, {"stage": stage, "reason": "alert", "error": printable(text)}


def printable(text: str, limit: int = MAX_REASON) -> str:
    """Text from outside, one line, control and invisible characters replaced, capped."""
    return "".join(char if char.isprintable() else "�" for char in text[:limit])


def _fresh_context(states: set[bytes]) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)  # RFC 8996 retired what came before
    # Judged afterwards: a handshake broken off at the first doubt would not show what the peer presents.
    context.set_verify(SSL.VERIFY_NONE)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_info_callback(lambda connection, _where, _ret: states.add(connection.get_state_string()))
    return context


_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]


def _resolve(endpoint: Endpoint, deadline: Deadline) -> list[_Address]:
    # getaddrinfo knows no time-out, so it runs beside us and is left behind when the deadline passes.
    found: list[_Address] = []
    failed: list[OSError] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))  # type: ignore[arg-type]
        except OSError as error:
            failed.append(error)

    if endpoint.address is not None:
        resolve()
    else:
        thread = threading.Thread(target=resolve, name="probe-resolve", daemon=True)
        thread.start()
        thread.join(deadline.left())
        if thread.is_alive():
            raise WireFailure(ProofVerdict.TIMED_OUT, {"stage": "resolve"})
    if failed:
        raise WireFailure(ProofVerdict.UNREACHABLE, {"stage": "resolve", "error": printable(str(failed[0].strerror))})
    return found


def _peer(connection: SSL.Connection, sock: socket.socket, states: set[bytes]) -> Peer:
    sent = connection.get_peer_cert_chain() or []
    notes = {"sent": str(len(sent))}
    if len(sent) > MAX_PRESENTED:
        notes["kept"] = str(MAX_PRESENTED)
    return Peer(
        connection=connection,
        socket=sock,
        presented=tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in sent[:MAX_PRESENTED]),
        protocol=connection.get_protocol_version_name(),
        cipher=connection.get_cipher_name(),
        asked_for_certificate=_CERTIFICATE_REQUEST in states,
        notes=notes,
    )
