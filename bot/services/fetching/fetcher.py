"""`IssuerFetcher`: one issuer's certificate from the address that a certificate names (RFC 5280 section 4.2.2.1)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import httpcore
import httpx

from bot.gateways.wire import Deadline
from bot.pki.limits import UPLOAD_BYTES
from bot.services.fetching.addresses import Address, Resolver, checked_addresses, is_loopback, system_resolver
from bot.services.fetching.refusal import FetchRefused
from bot.services.fetching.target import Target
from bot.services.fetching.wire import PinnedBackend, TooMuch

HEADER_BYTES: Final = 64 * 1024
"""What the headers and the framing of one answer may take beside its content; common servers stop at 8 kB."""

_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4

# No cookies, no credentials, nothing about the person or the partner. The media types of RFC 5280 section 4.2.2.1 come
# first; what came is told by its bytes all the same, because CAs' servers declare anything.
_HEADERS: Final = (
    ("User-Agent", "Countersign"),
    ("Accept", "application/pkix-cert, application/pkcs7-mime, */*;q=0.1"),
    ("Accept-Encoding", "identity"),
    ("Connection", "close"),
)


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """The bounds of one fetch: its redirects, its deadline and the bytes of its content.

    `seconds` covers everything: look-up, connections, TLS, redirects, content. `allow_loopback` lets this machine be
    asked, at any port; it is for tests only, because it opens whatever listens here to whoever writes a certificate.
    """

    allow_loopback: bool = False
    ports: frozenset[int] = frozenset({80, 443})
    seconds: float = 5.0
    content_bytes: int = UPLOAD_BYTES
    redirects: int = 3


class IssuerFetcher:
    """Fetches from public addresses only; what is fetched says nothing about whether it is the right issuer.

    Args:
        settings: the bounds.
        resolver: from a name to its addresses; the operating system's by default.
        tls: how a server of https is judged; the Mozilla roots of certifi by default. The environment is not asked,
            neither for roots nor for a proxy: a proxy would look the name up again, by itself.
        network: what opens a connection to an address; it is given addresses only, never a name.
    """

    def __init__(
        self,
        settings: FetchSettings | None = None,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._settings = settings or FetchSettings()
        self._resolver = resolver
        self._given_tls = tls
        self._network = network or httpcore.SyncBackend()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Reading the roots takes 40 ms, and most CAs' addresses are plain http.
        return self._given_tls or httpx.create_ssl_context(trust_env=False)

    def fetch(self, url: str) -> bytes:
        """The content behind the address; redirects are followed by hand, each target checked like the first.

        A name is looked up once for each hop, and the connection goes to an address that was checked, so an answer of
        the DNS that changes in between cannot matter.

        Raises:
            FetchRefused: see there; all reasons but those about the content and the request.
        """
        deadline = Deadline(self._settings.seconds)
        target = Target.parse(url)
        for _ in range(self._settings.redirects + 1):
            answer = self._ask(target, deadline)
            if isinstance(answer, bytes):
                return answer
            target = answer
        raise FetchRefused("too_many_redirects", url=target.url, limit=self._settings.redirects)

    def _ask(self, target: Target, deadline: Deadline) -> bytes | Target:
        """One hop: the content, or where to go on."""
        with self._refusing(target):
            addresses = checked_addresses(
                target, self._resolver, deadline, allow_loopback=self._settings.allow_loopback
            )
            self._check_port(target, addresses)
            allowance = self._settings.content_bytes + HEADER_BYTES
            return self._exchange(target, PinnedBackend(self._network, addresses, deadline, allowance))

    def _check_port(self, target: Target, addresses: tuple[Address, ...]) -> None:
        if target.port in self._settings.ports or all(is_loopback(one) for one in addresses):
            return
        raise FetchRefused("port", url=target.url, port=target.port)

    def _exchange(self, target: Target, backend: PinnedBackend) -> bytes | Target:
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        extensions = {"sni_hostname": target.server_name}
        headers = [("Host", target.authority), *_HEADERS]
        tls = self._tls if target.scheme == "https" else None
        with (
            httpcore.HTTPConnection(url.origin, ssl_context=tls, network_backend=backend) as connection,
            connection.stream("GET", url, headers=headers, extensions=extensions) as response,
        ):
            if response.status in _REDIRECTS and (location := _header(response, b"location")):
                return target.redirected(location)
            if response.status != _OK:
                raise FetchRefused("http_status", url=target.url, status=response.status)
            return self._content(response)

    def _content(self, response: httpcore.Response) -> bytes:
        # h11 has made sure that a declared length is a number.
        if int(_header(response, b"content-length") or 0) > self._settings.content_bytes:
            raise TooMuch
        content = bytearray()
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > self._settings.content_bytes:
                raise TooMuch
        return bytes(content)

    @contextmanager
    def _refusing(self, target: Target) -> Iterator[None]:
        """What goes wrong on the wire, as the refusal that it means."""
        try:
            yield
        except TooMuch:
            raise FetchRefused("too_large", url=target.url, limit=self._settings.content_bytes) from None
        except httpcore.TimeoutException:
            raise FetchRefused("too_slow", url=target.url, seconds=self._settings.seconds) from None
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise FetchRefused("tls", url=target.url, host=target.host) from None
            raise FetchRefused("unreachable", url=target.url, host=target.host) from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError):
            raise FetchRefused("broken_answer", url=target.url) from None
        except (httpcore.LocalProtocolError, UnicodeError):
            # A name that cannot be put into SNI, or a path that cannot be put into a request.
            raise FetchRefused("bad_url", url=target.url) from None


def _header(response: httpcore.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), None)
