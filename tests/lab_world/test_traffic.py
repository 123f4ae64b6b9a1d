"""What becomes of the choreographies' requests when what answers is not what was asked for; and the gateways file."""

import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.lab.gateways_file import gateways_file
from bot.lab.traffic import Tally, Traffic, Trouble
from tests.gateways.programs import free_port
from tests.patience import eventually


class Odd(BaseHTTPRequestHandler):
    """Answers every request with the status and body of the moment."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")

    def do_GET(self) -> None:
        """Whatever was asked."""
        status, body = Odd.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def odd() -> Iterator[int]:
    """The port of a server that stands where Envoy should."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def tallied(port: int) -> Tally:
    """Initech's first choreography after a request or two."""
    traffic = Traffic({"initech": port}, pace_s=0.05)
    traffic.start()
    try:
        eventually(lambda: traffic.tallies("initech")["OrderToCash"] != Tally(), "a request to come back")
        return traffic.tallies("initech")["OrderToCash"]
    finally:
        traffic.stop()


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (200, b'{"choreography": "StockReport", "presented": "new"}', Trouble.NO_SERVER),
        (200, b"<!DOCTYPE html>", Trouble.NO_SERVER),
        (200, b"[" * 100_000, Trouble.NO_SERVER),
        (200, b'"OrderToCash"', Trouble.NO_SERVER),
        (200, b"\xff\xfe\x00", Trouble.NO_SERVER),
        (503, b'{"trouble": "connection_refused"}', Trouble.NO_SERVER),
        (503, b'{"trouble": "CERTIFICATE_VERIFY_FAILED: unable_to_get_local_issuer"}', Trouble.NOT_TRUSTED),
        (503, b'{"trouble": ["cert_hash"]}', Trouble.NOT_PINNED),
    ],
)
def test_what_is_no_answer_of_the_partners_counts_as_failed(
    odd: int, status: int, body: bytes, trouble: Trouble
) -> None:
    """Another choreography's answer, a web page, nonsense, and what Envoy itself says."""
    Odd.answer = (status, body)
    tally = tallied(odd)
    assert (tally.trouble, tally.answered, tally.met) == (trouble, 0, None)


def test_where_nobody_listens_the_gateway_is_said_to_be_silent() -> None:
    """The requests go on: it may come back."""
    assert tallied(free_port()).trouble is Trouble.NO_GATEWAY


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(root=TEXT, address=TEXT, command=st.lists(TEXT, max_size=3))
@example(root='C:\\"quoted"', address="\x00\x1f\x7f\u2028", command=["\U0001f511", ""])
def test_the_gateways_file_says_what_it_was_given(root: str, address: str, command: list[str]) -> None:
    """Quotes, control characters, whatever a path may hold; read by the standard library."""
    files: dict[str, object] = {"kind": "files", "root": root, "reload": command}
    edge: dict[str, object] = {"kind": "envoy", "through": {"acme-https": address}, "root": root}
    whole = {"files": files, "edge": edge}
    assert tomllib.loads(gateways_file(whole)) == {"gateways": whole}
    assert tomllib.loads(gateways_file({**whole, "files": {**files, "reload": tuple(command)}})) == {"gateways": whole}
