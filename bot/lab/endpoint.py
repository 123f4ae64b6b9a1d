"""A partner's HTTPS endpoint: presents its old or its new certificate, and answers who it is."""

import json
import socket
import ssl
from http import HTTPStatus
from pathlib import Path

from bot.lab.serving import LoopbackServer, QuietHandler

# A choreography's name is echoed for the proof; nobody needs more of it.
MAX_ECHO = 200


class PartnerHandler(QuietHandler):
    """Any path, GET or POST: 200 with a little JSON. A body is not read: the answer closes the connection."""

    def do_GET(self) -> None:  # noqa: N802 - the base class's name for it
        """Who answers, for which choreography, and which certificate this very connection's handshake showed."""
        server = self.server
        partner, presented = (
            (server.partner, server.presented_in(self.request)) if isinstance(server, PartnerEndpoint) else ("", None)
        )
        choreography = self.headers.get("X-Choreography", "")[:MAX_ECHO] or None
        said = {"partner": partner, "choreography": choreography, "presented": presented}
        self.reply(HTTPStatus.OK, json.dumps(said).encode("ascii"), "application/json")

    do_POST = do_GET  # noqa: N815 - the base class's name for it


class PartnerEndpoint(LoopbackServer):
    """One partner's server. `present` takes effect with the next handshake."""

    def __init__(self, preferred_port: int, partner: str, contexts: dict[str, ssl.SSLContext], presented: str) -> None:
        self.partner = partner
        self._contexts = contexts
        self._presented = presented
        super().__init__(preferred_port, PartnerHandler)

    def present(self, which: str) -> None:
        """From the next handshake on, present this certificate."""
        self._presented = which

    def presented_in(self, connection: socket.socket) -> str | None:
        """Which of the certificates the connection's handshake was made with, whatever is presented by now."""
        if not isinstance(connection, ssl.SSLSocket):
            return None
        return next((which for which, context in self._contexts.items() if context is connection.context), None)

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """The handshake runs here, in the connection's own thread, so that a slow one holds up nobody."""
        if not isinstance(request, socket.socket):
            return
        request.settimeout(PartnerHandler.timeout)
        context = self._contexts[self._presented]
        with context.wrap_socket(request, server_side=True, do_handshake_on_connect=False) as tls:
            self.also_cut(request, tls)
            tls.do_handshake()
            super().finish_request(tls, client_address)


def server_context(chain: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and up, no session resumption: every handshake shows the certificate of its moment."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.load_cert_chain(chain, key)
    return context
