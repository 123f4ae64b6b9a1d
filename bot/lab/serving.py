"""A small HTTP server for loopback that bad clients cannot wear out: bounded threads, a deadline for everyone."""

import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

# A demo serves a browser, a bot and a probe; more at once is somebody trying.
MAX_CONNECTIONS = 24
# From accept to the last byte, handshake included.
MAX_SECONDS = 10.0

LOOPBACK = "127.0.0.1"


class LoopbackServer(ThreadingHTTPServer):
    """Listens on loopback, on the preferred port if it is free."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, preferred_port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: dict[socket.socket, float] = {}
        self._wrapped: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        try:
            super().__init__((LOOPBACK, preferred_port), handler)
        except OSError:
            if preferred_port == 0:
                raise
            super().__init__((LOOPBACK, 0), handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.1}, name=f"lab-{self.port}", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve until `stop`; returns at once, and connections are accepted from then on."""
        self._thread.start()

    def stop(self) -> None:
        """Close the listener and every open connection."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join(MAX_SECONDS)
        self.server_close()
        self._end_connections(before=float("inf"))

    def server_bind(self) -> None:
        """Bind without http.server's reverse look-up of the host name, which can take seconds."""
        self.allow_reuse_address = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.port

    def service_actions(self) -> None:
        """Called between accepts: who has had its time is cut off, however busily it drips."""
        self._end_connections(before=time.monotonic() - MAX_SECONDS)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """One thread a connection, up to the limit; beyond it the connection is closed at once."""
        if not isinstance(request, socket.socket):
            return
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        with self._lock:
            self._open[request] = time.monotonic()
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self._forget(request)
            raise

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Runs in the connection's thread; gives its slot back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            if isinstance(request, socket.socket):
                self._forget(request)

    def also_cut(self, request: socket.socket, wrapped: socket.socket) -> None:
        """The connection goes on in another socket object (TLS), which the deadline shall reach too."""
        with self._lock:
            self._wrapped[request] = wrapped

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away or spoke nonsense is no news."""

    def _forget(self, request: socket.socket) -> None:
        with self._lock:
            self._open.pop(request, None)
            self._wrapped.pop(request, None)
        self._slots.release()

    def _end_connections(self, before: float) -> None:
        with self._lock:
            overdue = [self._wrapped.get(one, one) for one, since in self._open.items() if since < before]
        for connection in overdue:
            with suppress(OSError):
                # The plain shutdown: TLS's own would pull its state from under the thread that reads.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class QuietHandler(BaseHTTPRequestHandler):
    """Answers whole bodies, closes after each, logs nothing."""

    timeout: ClassVar[float] = MAX_SECONDS
    protocol_version = "HTTP/1.1"
    server_version = "lab"
    sys_version = ""

    def reply(self, status: int, body: bytes, content_type: str, extra: dict[str, str] | None = None) -> None:
        """One answer with its length; never cached, never sniffed."""
        self.send_response(status)
        headers = {"Content-Type": content_type, "Content-Length": str(len(body)), "Cache-Control": "no-store",
                   "X-Content-Type-Options": "nosniff", "Connection": "close", **(extra or {})}  # fmt: skip
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: what strangers send is not written down."""
