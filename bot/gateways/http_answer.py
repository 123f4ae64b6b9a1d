"""One HTTP/1.1 request and the start of its answer, over a connection that is open already."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from OpenSSL import SSL

from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused
from bot.gateways.handshake import ProofVerdict
from bot.gateways.line import Line
from bot.gateways.wire import Deadline, failure_of, patiently, printable

# A status line and headers fit in 8 kB at every common server; what goes beyond 64 kB is not read.
MAX_ANSWER = 64 * 1024
# RFC 9110 knows no limit for a status line; a person reads one.
MAX_FIRST_LINE = 200

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")  # RFC 9112 section 4
# Any number of them can come before the answer itself (RFC 9110 15.2).
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d[ \r\n]")
_END_OF_HEAD = re.compile(rb"\n\r?\n")


@dataclass(frozen=True)
class Answer:
    """What came back: a status line, or the verdict that its absence leads to."""

    first_line: str | None
    status: str | None
    verdict: ProofVerdict | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


def request_bytes(endpoint: Endpoint, headers: Mapping[str, str]) -> bytes:
    """The request, whole.

    Raises:
        EndpointRefused: `bad_header`: a name that is no token, or a control character in a value (RFC 9110 5.5).
    """
    lines = [f"GET {endpoint.path} HTTP/1.1", f"Host: {endpoint.authority}", "User-Agent: countersign", "Accept: */*"]
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
            raise EndpointRefused("bad_header")
        lines.append(f"{name}: {value}")
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode("utf-8", "replace")


def ask(line: Line, request: bytes, deadline: Deadline) -> Answer:
    """Send the request and read its answer up to the end of the headers, the cap, or the deadline."""
    received, whole, is_whole = bytearray(), 0, False
    try:
        rest = memoryview(request)
        while rest:
            sent = patiently(lambda rest=rest: line.connection.send(rest), line.socket, deadline)  # type: ignore[misc]
            rest = rest[sent:]
        while whole < MAX_ANSWER and not is_whole:
            # Byte by byte, a peer can keep us busy without ever letting us wait.
            if not deadline.left():
                raise TimeoutError
            more = patiently(lambda: line.connection.recv(16 * 1024), line.socket, deadline)
            received += more
            whole += len(more)
            is_whole = _is_whole(received, len(received) - len(more))
    except TimeoutError:
        if b"\n" not in received:
            return Answer(None, None, ProofVerdict.NO_ANSWER, {"stage": "answer", "reason": "silence"})
    except (SSL.Error, OSError) as error:
        # An end after the first line is an end; before any byte it is how a TLS 1.3 peer refuses.
        if not received:
            verdict, detail = failure_of(error, "answer")
            return Answer(None, None, verdict, detail)
    return _first_line(bytes(received[:MAX_ANSWER]))


def _is_whole(received: bytearray, known: int) -> bool:
    """Whether the head of the answer is there; interim answers before it are taken away.

    The first `known` bytes hold no end of a head; they are not read again, however slowly the rest drips in.
    """
    start = max(0, known - 2)
    while end := _END_OF_HEAD.search(received, start):
        if not _INTERIM.match(received):
            return True
        del received[: end.end()]
        start = 0
    return False


def _first_line(received: bytes) -> Answer:
    line = received.split(b"\n", 1)[0].rstrip(b"\r")
    status = _STATUS_LINE.match(line)
    if not status:
        return Answer(None, None, ProofVerdict.NO_ANSWER, {"stage": "answer", "reason": "not_http"})
    if status[1].startswith(b"1"):
        return Answer(None, None, ProofVerdict.NO_ANSWER, {"stage": "answer", "reason": "interim"})
    return Answer(printable(line.decode("latin-1"), MAX_FIRST_LINE), status[1].decode("ascii"))
