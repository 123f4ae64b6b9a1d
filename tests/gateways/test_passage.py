"""A request through the gateway, against listeners that are kind, complain, keep silent, lie or flood."""

import io
import socket
import ssl
import threading
from pathlib import Path

import pytest

from bot.doctor import run_doctor
from bot.gateways.base import Role
from bot.gateways.configuration import Gateways
from bot.gateways.errors import EndpointRefused
from bot.gateways.listener import Listener
from bot.gateways.passage import Passage, PassageVerdict, pass_through
from tests.gateways import programs
from tests.gateways.peers import Behaviour, answers, peer
from tests.gateways.switching import NEW, material, switch
from tests.lab.builders import NOW

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def through(behaviour: Behaviour, timeout: float = 10.0, *, tls: bool = False) -> Passage:
    """One request to a listener that behaves so."""
    with peer(behaviour) as endpoint:
        return pass_through(Listener(endpoint, tls=tls), NOW, timeout, {"X-Choreography": "OrderToCash"})


def says(answer: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Plain HTTP: reads one request, remembers it, answers."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (data := connection.recv(4096)):
            request += data
        if requests is not None:
            requests.append(request)
        connection.sendall(answer)

    return behave


def test_the_request_is_the_choreographys_own_and_the_answer_is_kept() -> None:
    """One GET of the listener's path with the header; where it went, when, and the first line that came back."""
    requests: list[bytes] = []
    seen = through(says(OK, requests))
    assert (seen.verdict, seen.answer, seen.at) == (PassageVerdict.ANSWERED, "HTTP/1.1 200 OK", NOW)
    assert seen.address.startswith("http://127.0.0.1:")
    assert seen.address.endswith("/b2b")
    (request,) = requests
    assert request.startswith(b"GET /b2b HTTP/1.1\r\n")
    assert b"\r\nX-Choreography: OrderToCash\r\n" in request


def test_a_listener_with_tls_on_this_machine_is_asked_over_tls(context: ssl.SSLContext) -> None:
    """Whatever certificate it has."""
    assert through(answers(context, OK), tls=True).verdict is PassageVerdict.ANSWERED
    assert through(lambda plain, _: plain.sendall(OK), tls=True).verdict is PassageVerdict.NO_LISTENER


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "500 Internal Server Error", "302 Found"])
def test_what_the_partner_says_is_an_answer_whatever_it_is(status: str) -> None:
    """The redirection is not followed: the listener is asked once."""
    requests: list[bytes] = []
    seen = through(says(f"HTTP/1.1 {status}\r\nLocation: /elsewhere\r\n\r\n".encode(), requests))
    assert (seen.verdict, seen.answer, len(requests)) == (PassageVerdict.ANSWERED, f"HTTP/1.1 {status}", 1)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Time-out"])
def test_a_complaint_of_the_gateways_is_not_the_partners_answer(status: str) -> None:
    """It reached nobody, or refused whom it reached."""
    seen = through(says(f"HTTP/1.1 {status}\r\n\r\n<html>".encode()))
    assert (seen.verdict, seen.detail) == (PassageVerdict.NOT_PASSED, {"status": status[:3]})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "closed"),
        (b"<html><h1>It works</h1></html>", "not_http"),
        (b"\x16\x03\x03\x00\x02\x02\x28", "not_http"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, "not_http"),
        (b"HTTP/1.1 100 Continue\r\n", "interim"),
    ],
)
def test_what_is_no_answer_is_none(answer: bytes, reason: str) -> None:
    """An end, a page without a head, TLS where plain was set, and nothing but promises."""
    seen = through(says(answer))
    assert (seen.verdict, seen.detail["reason"]) == (PassageVerdict.NOT_ANSWERED, reason)


def test_promises_before_the_answer_are_passed_over() -> None:
    """RFC 9110 15.2: any number of interim answers."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert through(says(hints + OK)).answer == "HTTP/1.1 200 OK"
    assert through(says(hints + b"HTTP/1.1 503 No\r\n\r\n")).verdict is PassageVerdict.NOT_PASSED


def test_neither_a_flood_nor_a_drip_nor_silence_holds_it_up() -> None:
    """Endless headers are read up to the cap, dripping bytes and silence up to the deadline."""

    def flood(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 \x1b]<!channel>\r\n")
        while not stop.is_set():
            connection.sendall(b"X-More: " + b"x" * 65536 + b"\r\n")

    def drip(connection: socket.socket, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            connection.sendall(b"H")

    seen = through(flood)
    assert seen.verdict is PassageVerdict.ANSWERED
    assert seen.answer is not None
    assert seen.answer.isprintable()
    for behaviour in (drip, lambda _, stop: stop.wait()):
        seen = through(behaviour, timeout=0.3)
        assert (seen.verdict, seen.detail["reason"]) == (PassageVerdict.NOT_ANSWERED, "silence")


def test_where_nobody_listens_there_is_no_way_and_a_bad_header_is_never_sent() -> None:
    """Nothing is raised for what the other side does."""
    nobody = Listener.parse(f"http://127.0.0.1:{programs.free_port()}/")
    seen = pass_through(nobody, NOW, 5.0, {})
    assert (seen.verdict, seen.detail["stage"], seen.answer) == (PassageVerdict.NO_LISTENER, "connect", None)
    with pytest.raises(EndpointRefused, match="bad_header"):
        pass_through(nobody, NOW, 5.0, {"X-Choreography": "a\r\nb"})


def test_the_doctor_knocks_at_every_way_and_doubts_a_connection_that_it_does_not_know(tmp_path: Path) -> None:
    """Bad where nobody listens. It knocks without a request, because a partner would see that."""
    nowhere = f"http://127.0.0.1:{programs.free_port()}/"
    requests: list[bytes] = []
    file = tmp_path / "gateways.toml"
    text = f'[gateways.edge]\nkind = "files"\nroot = "{tmp_path}/edge"\n[gateways.edge.through]\n'
    with peer(says(OK, requests)) as endpoint:
        here = Listener(endpoint, tls=False).uri
        file.write_text(f'{text}acme-https = "{here}"\nour-gw = "{here}"\n')
        gateways = Gateways.read(file)
        edge = gateways("edge")
        (tmp_path / "edge/our-gw").mkdir(parents=True)
        (tmp_path / "edge/our-gw/private.key").write_text(NEW.key_pem)
        switch(edge, NEW)
        edge.commit(edge.stage("our-gw", material(NEW, Role.PRESENTS)))
        healthy, said = examined(gateways)
        assert healthy == 0
        assert said.count("ok   the gateway's own listener for this connection is there") == 2
        assert "look a way through is set for a certificate that we present" in said
        file.write_text(f'{text}acme-http = "{nowhere}"\n')
        healthy, said = examined(Gateways.read(file))
        assert healthy == 1
    assert "look a way through is set for a connection that was never switched here" in said
    assert "BAD  the gateway's own listener does not answer" in said
    assert nowhere in said
    assert not any(requests)


def examined(gateways: Gateways) -> tuple[int, str]:
    """The doctor's exit code and words."""
    out = io.StringIO()
    return run_doctor(gateways, out), out.getvalue()
