"""What to ask for: a URL out of a certificate or a redirect, read strictly, because strangers wrote it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

import httpx

from bot.services.fetching.refusal import FetchRefused

MAX_URL: Final = 2048
"""Characters. RFC 9110 section 4.1 asks for at least 8000; CAs' addresses have under 200."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_VISIBLE_ASCII: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Target:
    """One http or https address. `host` is a DNS name in A-label form, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Target:
        """Read an absolute URL; a fragment is dropped (RFC 9110 section 4.2.5).

        Raises:
            FetchRefused: bad_url, scheme, credentials.
        """
        if len(url) > MAX_URL or "\\" in url or not _VISIBLE_ASCII.fullmatch(url):
            raise FetchRefused("bad_url", url=url[:MAX_URL])
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL:
            raise FetchRefused("bad_url", url=url) from None
        if parts.scheme not in DEFAULT_PORTS:
            raise FetchRefused("scheme", url=url, scheme=parts.scheme)
        if parts.userinfo:
            # Without the address: the answer is read by more people than may know a password.
            raise FetchRefused("credentials")
        host = parts.raw_host.decode("ascii")
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
        if "" in host.rstrip(".").split(".") or not 0 < port < 65536:
            raise FetchRefused("bad_url", url=url)
        return cls(parts.scheme, host, port, parts.raw_path.decode("ascii"))

    def redirected(self, location: str) -> Target:
        """Where a Location header leads (RFC 9110 section 10.2.2), seen from here.

        Raises:
            FetchRefused: as `parse`; downgrade: from https to http, where anybody on the way could answer.
        """
        if len(location) > MAX_URL or not _VISIBLE_ASCII.fullmatch(location):
            raise FetchRefused("bad_url", url=location[:MAX_URL])
        try:
            joined = str(httpx.URL(self.url).join(location))
        except httpx.InvalidURL:
            raise FetchRefused("bad_url", url=location) from None
        target = Target.parse(joined)
        if self.scheme == "https" and target.scheme == "http":
            raise FetchRefused("downgrade", url=target.url, host=target.host)
        return target

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The host where it is written as an IP address, None for a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def server_name(self) -> str:
        """What the server's certificate must name; the DNS root's dot is no part of it (RFC 6066 section 3)."""
        return self.host.rstrip(".")

    @property
    def authority(self) -> str:
        """Host and port as the Host header wants them; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address in its one normal form."""
        return f"{self.scheme}://{self.authority}{self.path}"
