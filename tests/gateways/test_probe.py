"""The probe against real TLS servers: what it believes, and what it will not be kept waiting by."""

import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused
from bot.gateways.probe import Handshake, ProofVerdict, look, prove
from tests.gateways.peers import after_handshake, answers, peer, server_context, trust_in
from tests.lab.builders import NOW, Ca, Issued, days, self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def issuing() -> Ca:
    """Root -> issuing."""
    return Ca.root("Probe Root").intermediate("Probe Issuing")


@pytest.fixture(scope="module")
def leaf(issuing: Ca) -> Issued:
    """Root -> issuing -> leaf."""
    return issuing.leaf("b2b.acme.example", san=["127.0.0.1", "b2b.acme.example"])


@pytest.fixture
def context(tmp_path: Path, leaf: Issued) -> ssl.SSLContext:
    """A server that presents leaf and issuing."""
    return server_context(tmp_path, leaf)


def test_the_pinned_certificate_with_its_path_and_an_answer_is_a_proof(
    context: ssl.SSLContext, leaf: Issued, issuing: Ca
) -> None:
    """Root (anchor) -> issuing -> leaf (pin), the peer sends leaf and issuing."""
    requests: list[bytes] = []
    with peer(answers(context, OK, requests)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW, request_headers={"X-Choreography": "Bestellung für Köln"})
    assert seen.verdict is ProofVerdict.MATCHED
    assert seen.presented == (leaf.der, issuing.der)
    assert (seen.leaf, seen.answer, seen.name_matches) == (leaf.sha256, "HTTP/1.1 200 OK", True)
    assert (seen.protocol, seen.detail["sent_chain"], seen.detail["sent"]) == ("TLSv1.3", "complete", "2")
    assert (seen.endpoint, seen.at) == (endpoint.uri, NOW)
    assert requests[0].startswith(b"GET /b2b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "X-Choreography: Bestellung für Köln\r\n".encode() in requests[0]


def test_the_same_name_under_another_certificate_is_not_the_pin(context: ssl.SSLContext, issuing: Ca) -> None:
    """A renewal has the same subject: only the fingerprint tells them apart."""
    other = issuing.leaf("b2b.acme.example")
    requests: list[bytes] = []
    with peer(answers(context, OK, requests)) as endpoint:
        seen = prove(endpoint, trust_in(other), NOW)
    assert seen.verdict is ProofVerdict.OTHER_CERTIFICATE
    assert seen.detail["expected"] == other.sha256
    assert seen.detail["seen"] == seen.leaf != other.sha256
    assert seen.answer is None
    assert requests in ([], [b""])  # nothing is told to a stranger


def test_during_an_overlap_any_pin_will_do(context: ssl.SSLContext, leaf: Issued) -> None:
    """Old and new are accepted at once."""
    trust = trust_in(leaf)
    both = TrustMaterial(Role.ACCEPTS, ("0" * 64, *trust.pins), trust.chain, trust.anchors)
    with peer(answers(context, OK)) as endpoint:
        assert prove(endpoint, both, NOW).verdict is ProofVerdict.MATCHED


def test_a_pinned_leaf_without_a_path_to_the_anchors_is_untrusted(context: ssl.SSLContext, leaf: Issued) -> None:
    """Pin fits, anchor is a stranger."""
    stranger = Ca.root("Another Root")
    trust = TrustMaterial(Role.ACCEPTS, (leaf.sha256,), (), (stranger.der,))
    with peer(answers(context, OK)) as endpoint:
        seen = prove(endpoint, trust, NOW)
    assert seen.verdict is ProofVerdict.UNTRUSTED
    assert seen.detail["reason"] == "path"


def test_a_bare_pin_on_an_issued_certificate_proves_nothing(context: ssl.SSLContext, leaf: Issued) -> None:
    """Pin fits, no anchors at all."""
    with peer(answers(context, OK)) as endpoint:
        seen = prove(endpoint, TrustMaterial(Role.ACCEPTS, (leaf.sha256,), (), ()), NOW)
    assert (seen.verdict, seen.detail["reason"]) == (ProofVerdict.UNTRUSTED, "no_anchors")


def test_a_peer_that_sends_its_leaf_alone_is_trusted_and_the_gap_recorded(tmp_path: Path, leaf: Issued) -> None:
    """The gateway's own chain completes the path; other clients would fail."""
    with peer(answers(server_context(tmp_path, leaf, sends=leaf.pem), OK)) as endpoint:
        seen = prove(endpoint, trust_in(leaf), NOW)
    assert seen.verdict is ProofVerdict.MATCHED
    assert (seen.detail["sent"], seen.detail["sent_chain"]) == ("1", "incomplete")


@pytest.mark.parametrize("at", [NOW + days(400), NOW - days(400)], ids=["after", "before"])
def test_validity_is_judged_at_the_given_time(context: ssl.SSLContext, leaf: Issued, at: datetime) -> None:
    """No clock inside: the caller's time decides."""
    with peer(answers(context, OK)) as endpoint:
        assert prove(endpoint, trust_in(leaf), at).verdict is ProofVerdict.EXPIRED


def test_an_expired_intermediate_ends_the_path(tmp_path: Path) -> None:
    """Root -> issuing (expired) -> leaf (in date)."""
    leaf = Ca.root("Root").intermediate("Old Issuing", not_after=NOW - days(1)).leaf("as2.acme.example")
    with peer(answers(server_context(tmp_path, leaf), OK)) as endpoint:
        assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.EXPIRED


@pytest.mark.parametrize("usage", [("digital_signature",), None])
def test_a_self_signed_pin_is_its_own_trust(tmp_path: Path, usage: tuple[str, ...] | None) -> None:
    """With and without a keyUsage; dates count all the same."""
    holder = self_signed("as2.globex.example", key_usage=usage)
    with peer(answers(server_context(tmp_path, holder, holder.pem), OK)) as endpoint:
        seen = prove(endpoint, trust_in(holder), NOW)
        late = prove(endpoint, trust_in(holder), NOW + days(400))
    assert (seen.verdict, seen.detail["trusted_by"], seen.name_matches) == (ProofVerdict.MATCHED, "pin", None)
    assert late.verdict is ProofVerdict.EXPIRED


def test_a_name_that_does_not_match_is_recorded_and_no_verdict(tmp_path: Path) -> None:
    """SAN names another host than the one called."""
    holder = self_signed("as2.globex.example", san=["as2.globex.example"])
    with peer(answers(server_context(tmp_path, holder, holder.pem), OK)) as endpoint:
        seen = prove(endpoint, trust_in(holder), NOW)
    assert (seen.verdict, seen.name_matches) == (ProofVerdict.MATCHED, False)


def test_a_look_has_no_expectation_and_sends_no_request(context: ssl.SSLContext, leaf: Issued) -> None:
    """What is there right now, before a proposal."""
    requests: list[bytes] = []
    with peer(answers(context, OK, requests)) as endpoint:
        seen = look(endpoint, NOW)
    assert (seen.verdict, seen.leaf, seen.answer) == (ProofVerdict.SEEN, leaf.sha256, None)
    assert requests in ([], [b""])


def test_the_server_name_goes_into_the_handshake(context: ssl.SSLContext) -> None:
    """A partner with many names on one address needs it."""
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with peer(answers(context, OK)) as endpoint:
        look(Endpoint.parse(f"https://localhost:{endpoint.port}/"), NOW)
        look(endpoint, NOW)  # RFC 6066 section 3: no address in SNI
    assert names == ["localhost", None]


def test_no_session_is_ever_resumed(context: ssl.SSLContext, leaf: Issued) -> None:
    """A resumed session would show yesterday's certificate."""
    with peer(answers(context, OK)) as endpoint:
        for _ in range(3):
            assert prove(endpoint, trust_in(leaf), NOW).verdict is ProofVerdict.MATCHED
    assert context.session_stats()["hits"] == 0


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
        seen = prove(endpoint, trust_in(leaf), NOW, timeout=5)
    assert seen.answer is not None
    assert len(seen.answer) == 200
    assert seen.answer.isprintable()


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
        run = threading.Thread(target=lambda: seen.append(prove(endpoint, trust_in(leaf), NOW, timeout=0.5)))
        run.start()
        assert within(8, run)
    wanted = ProofVerdict.TIMED_OUT if where == "before the handshake" else ProofVerdict.NO_ANSWER
    assert seen[0].verdict is wanted


def test_a_peer_that_says_nothing_at_all_times_out() -> None:
    """Accepted and silent."""

    def silent(_connection: socket.socket, stop: threading.Event) -> None:
        stop.wait(10)

    with peer(silent) as endpoint:
        seen = look(endpoint, NOW, timeout=0.3)
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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert look(Endpoint.parse(f"https://127.0.0.1:{port}/"), NOW).verdict is ProofVerdict.UNREACHABLE
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
