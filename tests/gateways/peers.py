"""Partners' servers on loopback, kind and unkind, one behaviour each."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from tests.lab.builders import Issued
from tests.patience import PATIENCE_SECONDS

# What a connection thread does with the accepted socket; `stop` is set when the test is over.
Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def peer(behaviour: Behaviour) -> Iterator[Endpoint]:
    """A server on a free loopback port; each connection runs the behaviour in a thread of its own."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        with connection, suppress(OSError):
            behaviour(connection, stop)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield Endpoint.parse(f"https://127.0.0.1:{listener.getsockname()[1]}/b2b")
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(PATIENCE_SECONDS)
            for thread in threads:
                thread.join(PATIENCE_SECONDS)


def server_context(folder: Path, holder: Issued, sends: str | None = None) -> ssl.SSLContext:
    """A server that presents the holder's certificate; `sends` is the PEM that it sends, else all but the root."""
    chain, key = folder / "sent.pem", folder / "sent.key"
    chain.write_text(sends if sends is not None else holder.pem + "".join(one.pem for one in holder.above[:-1]))
    key.write_text(holder.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def answers(context: ssl.SSLContext, answer: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Reads one request, remembers it, answers."""

    def behave(connection: socket.socket, _: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            request = b""
            while b"\r\n\r\n" not in request and (data := tls.recv(4096)):
                request += data
            if requests is not None:
                requests.append(request)
            tls.sendall(answer)

    return behave


def after_handshake(context: ssl.SSLContext, then: Behaviour) -> Behaviour:
    """Does something else than answering once TLS is up."""

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            then(tls, stop)

    return behave


def trust_in(holder: Issued) -> TrustMaterial:
    """What a gateway holds that accepts this certificate."""
    *links, anchor = holder.above or (None,)
    return TrustMaterial(
        role=Role.ACCEPTS,
        pins=(holder.sha256,),
        chain=tuple(one.der for one in links if one),
        anchors=(anchor.der,) if anchor else (),
    )
