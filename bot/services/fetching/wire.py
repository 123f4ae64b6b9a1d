"""The wire under a fetch: a connection to checked addresses only, within one deadline and one allowance of bytes.

httpcore speaks HTTP over whatever a network backend hands it, and this backend never looks a name up.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from typing import Any, Final

import httpcore

from bot.gateways.wire import Deadline
from bot.services.fetching.addresses import Address

_SHORTEST_WAIT: Final = 0.001
"""Seconds. A time-out of 0 would make the socket non-blocking instead of late."""


class TooMuch(Exception):
    """The peer has sent more than the allowance."""


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the given addresses, the next one where one does not answer; the host's name plays no part."""

    def __init__(
        self, network: httpcore.NetworkBackend, addresses: Sequence[Address], deadline: Deadline, allowance: int
    ) -> None:
        self._network = network
        self._addresses = tuple(addresses)
        self._deadline = deadline
        self._allowance = allowance

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - what was checked counts, not what the name says now
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Each address gets an equal share of the time that is left, so that a silent one does not cost the others."""
        failed: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError("no address")
        for place, address in enumerate(self._addresses):
            share = self._deadline.left() / (len(self._addresses) - place)
            try:
                stream = self._network.connect_tcp(
                    str(address), port, max(share, _SHORTEST_WAIT), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return BoundedStream(stream, self._deadline, self._allowance)
        raise failed


class BoundedStream(httpcore.NetworkStream):
    """A stream that a peer can neither stretch by dripping bytes nor swell by sending without end."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline, allowance: int) -> None:
        self._stream = stream
        self._deadline = deadline
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """What comes next.

        Raises:
            httpcore.ReadTimeout: the deadline has passed.
            TooMuch: the allowance is used up.
        """
        data = self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))
        self._allowance -= len(data)
        if self._allowance < 0:
            raise TooMuch
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send; raises httpcore.WriteTimeout when the deadline has passed."""
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """TLS on top, under the same bounds. Python's handshake holds its time-out over all its reads together."""
        try:
            left = self._left(httpcore.ConnectTimeout)
            stream = self._stream.start_tls(ssl_context, server_hostname, left)
        except BaseException:
            self.close()
            raise
        return BoundedStream(stream, self._deadline, self._allowance)

    def close(self) -> None:
        """End it."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What the stream below says."""
        return self._stream.get_extra_info(info)

    def _left(self, late: type[httpcore.TimeoutException]) -> float:
        left = self._deadline.left()
        if left == 0:
            raise late
        return max(left, _SHORTEST_WAIT)
