"""A partner's TLS server on loopback that can be told which certificate to present from the next handshake on."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.gateways.peers import answers, peer, server_context
from tests.lab.builders import Issued

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class PartnerEndpoint:
    """What the partner presents, and the requests that reached it."""

    def __init__(self, folder: Path, presents: Issued) -> None:
        self._folder = folder
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.requests: list[bytes] = []
        self.uri = ""
        self.present(presents)

    def present(self, holder: Issued) -> None:
        """Present this certificate, with all above it but the root."""
        if holder.sha256 not in self._contexts:
            own = self._folder / holder.sha256[:16]
            own.mkdir(parents=True)
            self._contexts[holder.sha256] = server_context(own, holder)
        self._presented = self._contexts[holder.sha256]

    def behave(self, connection: socket.socket, stop: threading.Event) -> None:
        """One connection."""
        answers(self._presented, _ANSWER, self.requests)(connection, stop)

    @property
    def choreographies(self) -> list[str]:
        """The choreography that each request was made for, in order."""
        lines = [line for request in self.requests for line in request.decode("latin-1").split("\r\n")]
        return [line.partition(": ")[2] for line in lines if line.lower().startswith("x-choreography:")]


@contextmanager
def partner_endpoint(folder: Path, presents: Issued) -> Iterator[PartnerEndpoint]:
    """The server, until the block ends; afterwards nothing listens at its address any more."""
    endpoint = PartnerEndpoint(folder, presents)
    with peer(endpoint.behave) as address:
        endpoint.uri = address.uri
        yield endpoint
