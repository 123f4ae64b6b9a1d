"""Where a partner listens: the https URI of a connection, read strictly because people type it into Slack."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from bot.gateways.errors import EndpointRefused

# RFC 9110 4.1 asks for at least 8000; a B2B endpoint that needs more than 2048 is a mistake or an attack.
MAX_URI = 2048
HTTPS_PORT = 443

# RFC 1123 2.1 and RFC 1035 2.3.4, with the underscore that real DNS names carry; internationalised names as A-labels.
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\.?")
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Endpoint:
    """One https endpoint. `server_name` is what goes into SNI and is compared with the certificate."""

    host: str  # DNS name in lower case, or an IP address without brackets
    port: int
    server_name: str
    path: str  # with the query, starts with "/"

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read `https://host[:port]/path`.

        Raises:
            EndpointRefused: anything else: another scheme, user information, a fragment, characters outside
                visible ASCII, a host or port that cannot be.
        """
        if len(uri) > MAX_URI:
            raise EndpointRefused("too_long", {"limit": str(MAX_URI)})
        if not _VISIBLE_ASCII.fullmatch(uri) or "\\" in uri:
            raise EndpointRefused("bad_characters")
        try:
            parts = urlsplit(uri)
        except ValueError as error:  # unbalanced brackets
            raise EndpointRefused("bad_host") from error
        if parts.scheme != "https":
            raise EndpointRefused("not_https", {"scheme": parts.scheme})
        if "@" in parts.netloc:
            raise EndpointRefused("userinfo")
        if "#" in uri:
            raise EndpointRefused("fragment")
        host = _host(parts.hostname)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(host=host, port=_port(parts.netloc), server_name=host.rstrip("."), path=path)

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The host as an IP address, None for a DNS name. An address never goes into SNI (RFC 6066 section 3)."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and port as the Host header wants them; the default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"

    @property
    def uri(self) -> str:
        """The URI in its one normal form."""
        return f"https://{self.authority}{self.path}"


def _host(host: str | None) -> str:
    if not host:
        raise EndpointRefused("no_host")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    # "1.2.3" and "0x7f.1" are addresses to the resolver though not to ipaddress: a name must not end in a number.
    last = host.rstrip(".").rsplit(".", 1)[-1]
    if not _DNS_NAME.fullmatch(host) or last.isdigit() or last.startswith("0x"):
        raise EndpointRefused("bad_host")
    return host


def _port(netloc: str) -> int:
    bracketed = netloc.startswith("[")
    _, separator, text = netloc[netloc.find("]") + 1 if bracketed else 0 :].partition(":")
    if bracketed and netloc.partition("]")[2][:1] not in {"", ":"}:
        raise EndpointRefused("bad_host")
    if not separator:
        return HTTPS_PORT
    # int() would take "+1", "1_0" and blanks; RFC 3986 3.2.3 knows digits only.
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise EndpointRefused("bad_port")
    return int(text)
