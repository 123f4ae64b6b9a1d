"""Fetch from the CA: one click on a request for an issuer, and the chain goes on; what goes wrong is told there.

The CA is a server on loopback, which the setting for tests allows.
"""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import World
from tests.e2e.office import buttons_of, text_of, wait_for
from tests.gateways.peers import peer
from tests.lab.builders import Ca
from tests.lab.containers import HTML_PAGE
from tests.services.ca_server import read_request, response

ACME = "C0ACMEB2B"
BUTTON = "Fetch from the CA"


class CaServer:
    """Gives what it is told to, at every path."""

    def __init__(self) -> None:
        self.content = b""
        self.requests: list[str] = []
        self.silent = False

    def behave(self, connection: socket.socket, stop: threading.Event) -> None:
        """One connection."""
        self.requests.append(read_request(connection))
        if self.silent:
            stop.wait(10)
        connection.sendall(response(self.content))


@pytest.fixture
def fetching_world(quiet_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose bot may ask this machine."""
    monkeypatch.setenv("FETCH_ALLOW_LOOPBACK", "true")
    quiet_world.start_bot()
    return quiet_world


@pytest.fixture
def ca() -> Iterator[tuple[CaServer, str]]:
    """A CA's server, and its address."""
    server = CaServer()
    with peer(server.behave) as endpoint:
        yield server, f"http://127.0.0.1:{endpoint.port}/issuing.cer"


def test_one_click_fetches_the_issuer_and_a_failure_is_told_in_the_request(
    fetching_world: World, ca: tuple[CaServer, str]
) -> None:
    """A web page comes first, then another CA, then the issuer: the chain goes on to its root, which is asked for."""
    server, url = ca
    issuing = Ca.root("Fetch Root").intermediate("Fetch Issuing")
    olivia = fetching_world.member("UOLIVIA")
    ts = olivia.drop(ACME, "leaf.pem", issuing.leaf("acme-fetch", aia=url).pem.encode())
    prompt = olivia.sees(ACME, ts, "Missing issuer", "Fetch Issuing")

    server.content = HTML_PAGE
    olivia.press(ACME, prompt, BUTTON)
    prompt = olivia.sees(ACME, ts, "Fetching it failed", "is a web page", url)

    server.content = Ca.root("Another CA").der
    olivia.press(ACME, prompt, BUTTON)
    prompt = olivia.sees(ACME, ts, "Fetching it failed", "did not sign this certificate")

    server.content = issuing.der
    olivia.press(ACME, prompt, BUTTON)
    answered = olivia.sees(ACME, ts, "Issuer found", "Fetch Issuing")
    assert not buttons_of(answered)
    olivia.sees(ACME, ts, "Fetch Issuing", "added to the CA list")
    following = olivia.sees(ACME, ts, "Missing issuer", "Fetch Root")
    assert BUTTON not in [one["text"]["text"] for one in buttons_of(following)], "the intermediate names no address"
    assert {request.split("\r\n")[0] for request in server.requests} == {"GET /issuing.cer HTTP/1.1"}


def test_who_may_not_upload_is_told_so_and_the_ca_is_not_asked(fetching_world: World, ca: tuple[CaServer, str]) -> None:
    """Sam of a third company sits in ACME's channel and clicks."""
    server, url = ca
    leaf = Ca.root("Fetch Root").leaf("acme-fetch", aia=url)
    ts = fetching_world.member("UOLIVIA").drop(ACME, "leaf.pem", leaf.pem.encode())
    stranger = fetching_world.member("USTRANGER")
    prompt = stranger.sees(ACME, ts, "Missing issuer")
    stranger.press(ACME, prompt, BUTTON)
    stranger.told(ACME, "for our team, and for the people of this partner", ts)
    assert server.requests == []


def test_without_the_setting_this_machine_is_not_asked(world: World, ca: tuple[CaServer, str]) -> None:
    """The bot as it is set up by default."""
    server, url = ca
    olivia = world.member("UOLIVIA")
    leaf = Ca.root("Fetch Root").leaf("acme-fetch", aia=url)
    ts = olivia.drop(ACME, "leaf.pem", leaf.pem.encode())
    olivia.press(ACME, olivia.sees(ACME, ts, "Missing issuer"), BUTTON)
    shown = text_of(olivia.sees(ACME, ts, "Fetching it failed"))
    assert "leads into a private network" in shown
    assert server.requests == []


def test_a_click_survives_the_death_of_the_bot(fetching_world: World, ca: tuple[CaServer, str]) -> None:
    """`kill -9` while the CA keeps it waiting: after the restart the issuer is there, without another click."""
    server, url = ca
    issuing = Ca.root("Fetch Root").intermediate("Fetch Issuing")
    olivia = fetching_world.member("UOLIVIA")
    ts = olivia.drop(ACME, "leaf.pem", issuing.leaf("acme-fetch", aia=url).pem.encode())
    prompt = olivia.sees(ACME, ts, "Missing issuer", "Fetch Issuing")
    server.silent, server.content = True, issuing.der
    olivia.press(ACME, prompt, BUTTON)
    wait_for("the CA to be asked", lambda: len(server.requests))
    olivia.sees(ACME, ts, "Asking the CA's server now")
    fetching_world.kill_bot()
    server.silent = False
    fetching_world.start_bot()
    olivia.sees(ACME, ts, "Issuer found", "Fetch Issuing")
