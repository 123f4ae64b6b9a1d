"""A door before a program's listener that can be shut: bytes go both ways while it is open."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.patience import PATIENCE_SECONDS


class Relay:
    """Listens on a port of its own and passes every connection on to the `target`, a port on loopback too."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._acceptor = self._open()

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Nobody listens there for as long as the block lasts."""
        self.close()
        try:
            yield
        finally:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._acceptor = self._open()

    def close(self) -> None:
        """Stop listening; what was passed on goes on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(PATIENCE_SECONDS)

    def _open(self) -> threading.Thread:
        acceptor = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        acceptor.start()
        return acceptor

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join(PATIENCE_SECONDS)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
