"""The probe against peers that refuse, lie, flood or keep silent."""

import os
import resource
import socket
import ssl
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused
from bot.gateways.probe import Handshake, ProofVerdict, look, prove
from tests.gateways.peers import after_handshake, answers, peer, server_context, trust_in
from tests.lab.builders import NOW, Issued, self_signed
from tests.patience import PATIENCE_SECONDS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

# The size of an fd_set (select(2)).
SELECTABLE = 1024


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_peer_that_wants_a_client_certificate_is_a_refusal(
    tmp_path: Path, context: ssl.SSLContext, leaf: Issued, version: ssl.TLSVersion
) -> None:
    """Under TLS 1.3 the handshake has ended well by then: the refusal comes with the first read."""
    roots = tmp_path / "roots.pem"
    roots.write_text(leaf.above[-1].pem)
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(roots)
    with peer(answers(context, OK)) as endpoint:
        assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.REFUSED


def test_our_own_gateway_may_refuse_us_for_want_of_a_client_certificate_once_it_has_shown_its_own(
    tmp_path: Path, context: ssl.SSLContext, leaf: Issued
) -> None:
    """Role presents, mutual TLS 1.3. Another certificate stays another, and a refusal without the question one."""
    roots = tmp_path / "roots.pem"
    roots.write_text(leaf.above[-1].pem)
    held = replace(trust_in(leaf), role=Role.PRESENTS)
    with peer(after_handshake(context, lambda _tls, _stop: None)) as endpoint:
        assert prove(endpoint, held, NOW).verdict is ProofVerdict.REFUSED
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(roots)
    with peer(answers(context, OK)) as endpoint:
        seen = prove(endpoint, held, NOW)
        other = prove(endpoint, replace(held, pins=("0" * 64,)), NOW)
    assert (seen.verdict, seen.leaf, seen.answer) == (ProofVerdict.MATCHED, leaf.sha256, None)
    assert seen.detail["client_certificate"] == "missing"
    assert other.verdict is ProofVerdict.OTHER_CERTIFICATE


def test_a_400_after_asking_for_a_client_certificate_is_a_refusal(
    tmp_path: Path, context: ssl.SSLContext, leaf: Issued
) -> None:
    """As nginx does it; without the question the same answer is an answer."""
    bad = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with peer(answers(context, bad)) as endpoint:
        assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.MATCHED
    roots = tmp_path / "roots.pem"
    roots.write_text(leaf.above[-1].pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(roots)
    with peer(answers(context, bad)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW)
    assert (seen.verdict, seen.detail["status"], seen.answer) == (
        ProofVerdict.REFUSED,
        "400",
        "HTTP/1.1 400 Bad Request",
    )


def test_a_peer_that_hangs_up_after_the_handshake_is_a_refusal(context: ssl.SSLContext, leaf: Issued) -> None:
    """A bare end instead of an alert, as some peers do it."""
    with peer(after_handshake(context, lambda _tls, _stop: None)) as endpoint:
        assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.REFUSED


@pytest.mark.parametrize("answer", [b"220 mail.acme.example ESMTP\r\n", b"\x00" * 4096, b"HTTP/1.1 2xx\r\n\r\n"])
def test_an_answer_that_is_no_http_is_no_answer(context: ssl.SSLContext, leaf: Issued, answer: bytes) -> None:
    """TLS well, protocol wrong."""
    with peer(answers(context, answer)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW)
    assert (seen.verdict, seen.answer) == (ProofVerdict.NO_ANSWER, None)


def test_an_endless_answer_is_read_up_to_the_cap(context: ssl.SSLContext, leaf: Issued) -> None:
    """The first line is cut to what a person reads, control characters replaced."""

    def flood(tls: socket.socket, stop: threading.Event) -> None:
        tls.sendall(b"HTTP/1.1 200 " + b"\x1b]<!channel>" * 10)
        while not stop.is_set():
            tls.sendall(b"x" * 65536)

    with peer(after_handshake(context, flood)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW, timeout=PATIENCE_SECONDS)
    assert seen.answer is not None
    assert len(seen.answer) == 200
    assert seen.answer.isprintable()


def test_an_answer_that_drips_in_byte_by_byte_is_read_behind_the_interim_ones(
    context: ssl.SSLContext, leaf: Issued
) -> None:
    """Whichever byte it breaks at, between the heads too."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    def drip(tls: socket.socket, _: threading.Event) -> None:
        request = b""
        while b"\r\n\r\n" not in request:  # what lies unread at the end would tear the connection down
            request += tls.recv(4096)
        for byte in b"HTTP/1.1 100 Continue\r\n\r\n" + early + b"HTTP/1.1 204 No Content\n\n":
            tls.sendall(bytes([byte]))

    with peer(after_handshake(context, drip)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW, timeout=PATIENCE_SECONDS)
    assert (seen.verdict, seen.answer) == (ProofVerdict.MATCHED, "HTTP/1.1 204 No Content")


def test_a_process_with_very_many_open_files_proves_like_any_other(context: ssl.SSLContext, leaf: Issued) -> None:
    """select(2) knows no descriptor from 1024 on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * SELECTABLE)), hard))
    with ExitStack() as opened:
        opened.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        while (descriptor := os.open(os.devnull, os.O_RDONLY)) <= SELECTABLE:
            opened.callback(os.close, descriptor)
        opened.callback(os.close, descriptor)
        with peer(answers(context, OK)) as endpoint:
            assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.MATCHED


def within(seconds: float, run: threading.Thread) -> bool:
    """Whether the thread ended in time."""
    run.join(seconds)
    return not run.is_alive()


@pytest.mark.parametrize("where", ["before the handshake", "in the answer"])
def test_a_dripping_peer_cannot_stretch_the_deadline(context: ssl.SSLContext, leaf: Issued, where: str) -> None:
    """One byte every 50 ms would keep a per-read time-out of any length alive for ever."""

    def drip(connection: socket.socket, stop: threading.Event) -> None:
        # The header of a TLS record of 16 kB that never fills; over TLS the same bytes are a line that never ends.
        connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        while not stop.wait(0.05):
            connection.sendall(b"\x00")

    seen: list[Handshake] = []
    with peer(drip if where == "before the handshake" else after_handshake(context, drip)) as endpoint:
        run = threading.Thread(target=lambda: seen.append(prove(endpoint, trust_in(leaf), NOW, timeout=2.0)))
        run.start()
        assert within(PATIENCE_SECONDS, run)
    wanted = ProofVerdict.TIMED_OUT if where == "before the handshake" else ProofVerdict.NO_ANSWER
    assert seen[0].verdict is wanted


def test_a_peer_that_says_nothing_at_all_times_out() -> None:
    """Accepted and silent."""

    def silent(_connection: socket.socket, stop: threading.Event) -> None:
        stop.wait(PATIENCE_SECONDS)

    with peer(silent) as endpoint:
        seen = look(endpoint, NOW, timeout=1.0)
    assert (seen.verdict, seen.detail["stage"]) == (ProofVerdict.TIMED_OUT, "handshake")


def test_a_plain_text_server_is_not_tls() -> None:
    """The port is right, the protocol is not."""

    def plain(connection: socket.socket, _stop: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with peer(plain) as endpoint:
        assert look(endpoint, NOW).verdict is ProofVerdict.NOT_TLS


def test_a_peer_that_closes_at_once_is_a_refusal() -> None:
    """Closed before the handshake."""
    with peer(lambda _connection, _stop: None) as endpoint:
        assert look(endpoint, NOW).verdict is ProofVerdict.REFUSED


def test_a_closed_port_and_an_unknown_host_are_unreachable() -> None:
    """Nobody there; without a resolver the second may take its time."""
    assert look(Endpoint.parse("https://127.0.0.1:1/"), NOW).verdict is ProofVerdict.UNREACHABLE
    unknown = look(Endpoint.parse("https://nowhere.invalid/"), NOW)
    assert unknown.verdict in {ProofVerdict.UNREACHABLE, ProofVerdict.TIMED_OUT}


def test_a_presented_chain_is_kept_up_to_twenty(tmp_path: Path, leaf: Issued) -> None:
    """28 sent: recorded as 28, kept as 20."""
    noise = "".join(self_signed(f"noise {place}").pem for place in range(25))
    with peer(answers(server_context(tmp_path, leaf, leaf.chain_pem + noise), OK)) as endpoint:
        seen = look(endpoint, NOW)
    assert (len(seen.presented), seen.detail["sent"], seen.detail["kept"]) == (20, "28", "20")


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"": "1"}, {"X-A\r\n": "1"}, {"X-A": "nul\0"}]
)
def test_a_header_that_http_cannot_carry_is_refused_before_anything_is_sent(headers: dict[str, str]) -> None:
    """No second header smuggled in by a choreography's name."""
    endpoint = Endpoint.parse("https://127.0.0.1:1/")
    with pytest.raises(EndpointRefused, match="bad_header"):
        prove(endpoint, TrustMaterial(Role.ACCEPTS, (), (), ()), NOW, request_headers=headers)


def test_the_time_of_a_handshake_is_utc() -> None:
    """Whatever zone the caller is in."""
    seen = look(Endpoint.parse("https://127.0.0.1:1/"), datetime.now(UTC).astimezone(), timeout=1)
    assert seen.at.tzinfo is UTC
    assert seen.duration_ms <= time.monotonic() * 1000
