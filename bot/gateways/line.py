"""An open connection, over TLS or plain, that a request and its answer go over."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from OpenSSL import SSL

from bot.gateways.endpoint import Endpoint
from bot.gateways.wire import Deadline, connect


class Stream(Protocol):
    """Bytes to and from a peer, with pyOpenSSL's manners: what has to wait raises `SSL.WantReadError` and its like."""

    def send(self, data: memoryview, /) -> int:
        """How many were taken."""
        ...

    def recv(self, most: int, /) -> bytes:
        """At least one byte; `SSL.ZeroReturnError` at the end."""
        ...


class Line(Protocol):
    """An open connection, over TLS or plain."""

    @property
    def connection(self) -> Stream:
        """What is said goes in and out here."""
        ...

    @property
    def socket(self) -> socket.socket:
        """What is waited for."""
        ...


class PlainStream:
    """A non-blocking socket without TLS, as a `Stream`."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def send(self, data: memoryview, /) -> int:
        """See `Stream`."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            raise SSL.WantWriteError from None

    def recv(self, most: int, /) -> bytes:
        """See `Stream`."""
        try:
            received = self._socket.recv(most)
        except BlockingIOError:
            raise SSL.WantReadError from None
        if not received:
            raise SSL.ZeroReturnError
        return received


@dataclass(frozen=True)
class PlainLine:
    """An open connection without TLS."""

    connection: PlainStream
    socket: socket.socket


@contextmanager
def plain(endpoint: Endpoint, deadline: Deadline) -> Iterator[PlainLine]:
    """A connection without TLS to the endpoint's host and port; closed on leaving.

    Raises:
        WireFailure: `UNREACHABLE`, `TIMED_OUT`.
    """
    sock = connect(endpoint, deadline)
    try:
        yield PlainLine(PlainStream(sock), sock)
    finally:
        sock.close()
