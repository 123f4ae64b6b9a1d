"""https: the server must prove the name in the address, although the connection goes to an address that was checked."""

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.services.fetching import FetchRefused
from tests.gateways.peers import server_context
from tests.lab.builders import Ca, Issued
from tests.services.ca_server import HOST, Site, answering, open_site, redirect, response

URL = f"https://{HOST}/issuing.cer"
# The library looks at the clock on the wall.
DATES = {"not_before": datetime(2020, 1, 1, tzinfo=UTC), "not_after": datetime(2050, 1, 1, tzinfo=UTC)}


@pytest.fixture(scope="module")
def web_root() -> Ca:
    """The root that stands for the public web."""
    return Ca.root("Web Root", not_after=DATES["not_after"])


@pytest.fixture
def site(web_root: Ca) -> Iterator[Site]:
    """A small internet where that root is trusted."""
    with open_site() as opened:
        opened.tls = ssl.create_default_context(cadata=web_root.pem)
        yield opened


def server_of(root: Ca, *names: str) -> Issued:
    """A server's certificate for these names."""
    return root.leaf("web", san=names, eku=["serverAuth"], not_before=DATES["not_before"], not_after=DATES["not_after"])


def refusal(site: Site, url: str = URL) -> str:
    """The reason why the fetch is refused."""
    with pytest.raises(FetchRefused) as caught:
        site.fetcher.fetch(url)
    return caught.value.reason


def test_https_comes_from_a_server_that_proves_the_name(site: Site, web_root: Ca, tmp_path: Path) -> None:
    """Also where the name is written with the dot of the DNS root."""
    tls = server_context(tmp_path, server_of(web_root, HOST))
    site.internet.serve(answering(response(b"content"), tls=tls), port=443)
    assert site.fetcher.fetch(URL) == b"content"
    site.names.answer(f"{HOST}.", ["198.41.0.4"])
    assert site.fetcher.fetch(f"https://{HOST}./issuing.cer") == b"content"


def test_a_server_that_proves_another_name_is_refused(site: Site, web_root: Ca, tmp_path: Path) -> None:
    """Its address alone, or the name of somebody else."""
    tls = server_context(tmp_path, server_of(web_root, "198.41.0.4", "other.example"))
    site.internet.serve(answering(response(b"content"), tls=tls), port=443)
    assert refusal(site) == "tls"


def test_a_server_from_an_unknown_root_is_refused(site: Site, tmp_path: Path) -> None:
    """As with every client of the web."""
    tls = server_context(tmp_path, server_of(Ca.root("Nobody's Root"), HOST))
    site.internet.serve(answering(response(b"content"), tls=tls), port=443)
    assert refusal(site) == "tls"


def test_a_server_without_tls_is_refused(site: Site) -> None:
    """Plain HTTP at port 443."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(1)
        connection.sendall(response(b"content"))

    site.internet.serve(behave, port=443)
    assert refusal(site) == "tls"


def test_http_may_lead_to_https_but_not_back(site: Site, web_root: Ca, tmp_path: Path) -> None:
    """Who asked over TLS does not get an answer that anybody on the way could have written."""
    tls = server_context(tmp_path, server_of(web_root, HOST))
    site.internet.serve(answering(redirect(URL)), port=80)
    site.internet.serve(answering(response(b"content"), redirect(f"http://{HOST}/"), tls=tls), port=443)
    assert site.fetcher.fetch(f"http://{HOST}/") == b"content"
    assert refusal(site) == "downgrade"


def test_a_handshake_that_drips_is_ended_by_the_deadline(site: Site) -> None:
    """The first byte of an answer to the ClientHello, then silence."""
    site.settings = replace(site.settings, seconds=0.3)

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        while not stop.wait(0.05):
            connection.sendall(b"\x00")

    site.internet.serve(behave, port=443)
    assert refusal(site) == "too_slow"
