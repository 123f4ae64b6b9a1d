"""The probe against real TLS servers: what it believes, and what it will not be kept waiting by."""

import ssl
from datetime import datetime
from pathlib import Path

import pytest

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from bot.gateways.probe import ProofVerdict, look, prove
from tests.gateways.peers import answers, peer, server_context, trust_in
from tests.lab.builders import NOW, Ca, Issued, days, self_signed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


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
