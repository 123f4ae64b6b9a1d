"""A small internet on loopback: CA servers with public addresses, names for them, and what each of them does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpcore

from bot.services.fetching import FetchSettings, IssuerFetcher
from tests.gateways.peers import Behaviour, peer

PUBLIC: Final = "198.41.0.4"
"""An address on the public internet (a root name server); nothing of the tests ever leaves loopback."""

OTHER_PUBLIC: Final = "2001:500:2::c"
HOST: Final = "pki.ca.example"


class Internet(httpcore.NetworkBackend):
    """Carries a connection to a public address to the loopback server behind it; what else is dialled is silent."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, int], int] = {}
        self._running = ExitStack()
        self.dialled: list[tuple[str, int]] = []

    def serve(self, behaviour: Behaviour, address: str = PUBLIC, port: int = 80) -> int:
        """Put a server behind a public address; returns its port on loopback."""
        real = self._running.enter_context(peer(behaviour)).port
        self._servers[address, port] = real
        return real

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A real connection, or the refusal of an address where nobody listens."""
        self.dialled.append((host, port))
        if (host, port) not in self._servers:
            raise httpcore.ConnectError("nobody listens there")
        real = self._servers[host, port]
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", real, timeout, local_address, socket_options)

    def close(self) -> None:
        """Stop every server."""
        self._running.close()


class Names:
    """A name server: the answers for a name one after the other, the last one for good."""

    def __init__(self) -> None:
        self._answers: dict[str, list[list[str]]] = {HOST: [[PUBLIC]]}
        self.asked: list[str] = []

    def answer(self, host: str, *answers: list[str]) -> None:
        """What the name resolves to, at the first question, at the second ..."""
        self._answers[host] = list(answers)

    def __call__(self, host: str, _port: int) -> list[str]:
        """One question."""
        self.asked.append(host)
        answers = self._answers.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Site:
    """The internet, its names, and a fetcher that lives in it."""

    internet: Internet = field(default_factory=Internet)
    names: Names = field(default_factory=Names)
    settings: FetchSettings = field(default_factory=FetchSettings)
    tls: ssl.SSLContext | None = None

    @property
    def fetcher(self) -> IssuerFetcher:
        """A fetcher by the rules of production, unless a test has changed the settings."""
        return IssuerFetcher(self.settings, self.names, self.tls, self.internet)


@contextmanager
def open_site() -> Iterator[Site]:
    """A small internet until the block ends."""
    site = Site()
    try:
        yield site
    finally:
        site.internet.close()


def response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """An answer that sends elsewhere."""
    return response(b"", status, Location=location)


def answering(*answers: bytes, seen: list[str] | None = None, tls: ssl.SSLContext | None = None) -> Behaviour:
    """Gives these answers one after the other, the last one for good; `seen` collects the requests."""
    left = list(answers)

    def behave(connection: socket.socket, _: threading.Event) -> None:
        wire = tls.wrap_socket(connection, server_side=True) if tls else connection
        with wire:
            request = read_request(wire)
            if seen is not None and request:
                seen.append(request)
            wire.sendall(left.pop(0) if len(left) > 1 else left[0])

    return behave


def pouring(head: bytes, parts: Callable[[], Iterator[bytes]], pause: float = 0.0) -> Behaviour:
    """Sends a head and then one part after the other, with a pause after each, until told to stop."""

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        read_request(connection)
        connection.sendall(head)
        for part in parts():
            connection.sendall(part)
            if stop.wait(pause) if pause else stop.is_set():
                return

    return behave


def read_request(connection: socket.socket) -> str:
    """The head of a request."""
    request = b""
    while b"\r\n\r\n" not in request and (data := connection.recv(4096)):
        request += data
    return request.decode("latin-1")
