"""Which addresses may be asked, and looking them up: the guard against requests into our own network (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

from bot.gateways.wire import Deadline
from bot.services.fetching.refusal import FetchRefused
from bot.services.fetching.target import Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

Resolver = Callable[[str, int], Sequence[str]]
"""From a host name and a port to its addresses, as text. Raises OSError or UnicodeError where there are none."""

ADDRESSES_TRIED: Final = 8
"""Addresses of one name; large delivery networks give four to eight."""

_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given out for the public IPv6 internet (RFC 4291 section 2.4); so no site-local, no ULA."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""The well-known prefix before an IPv4 address (RFC 6052). The local one, 64:ff9b:1::/48 (RFC 8215), stays out."""

# Not public although Python 3.11's tables call them global.
_NOT_PUBLIC: Final = (
    ipaddress.ip_network("192.0.0.0/24"),  # IETF protocol assignments (RFC 6890)
    ipaddress.ip_network("192.88.99.0/24"),  # retired 6to4 relays (RFC 7526)
    ipaddress.ip_network("168.63.129.16/32"),  # the platform's own services seen from every Azure machine
    ipaddress.ip_network("3fff::/20"),  # documentation (RFC 9637)
)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, NAT64), else the address itself.

    Teredo (RFC 4380) needs no unwrapping: its prefix is not public.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Whether the address belongs to a host on the public internet, by IANA's special-purpose registries."""
    inner = unwrapped(address)
    if any(inner in network for network in _NOT_PUBLIC if network.version == inner.version):
        return False
    if isinstance(inner, ipaddress.IPv6Address) and inner not in _GLOBAL_UNICAST:
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved)


def is_loopback(address: Address) -> bool:
    """Whether the address is this machine."""
    return unwrapped(address).is_loopback


def system_resolver(host: str, port: int) -> list[str]:
    """The operating system's answer, in its order of preference (RFC 6724), each address once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    target: Target, resolver: Resolver, deadline: Deadline, *, allow_loopback: bool
) -> tuple[Address, ...]:
    """The addresses to connect to, every one checked. One that is not public condemns the name.

    Raises:
        FetchRefused: no_address, private_address, too_slow.
    """
    literal = target.address
    found = (literal,) if literal is not None else _looked_up(target, resolver, deadline)
    for address in found:
        if not (is_public(address) or (allow_loopback and is_loopback(address))):
            raise FetchRefused("private_address", url=target.url, host=target.host)
    return found[:ADDRESSES_TRIED]


def _looked_up(target: Target, resolver: Resolver, deadline: Deadline) -> tuple[Address, ...]:
    # getaddrinfo knows no time-out, so it runs beside us and is left behind when the deadline passes.
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(resolver(target.host, target.port))
        except (OSError, UnicodeError):
            return  # no address is told by there being none

    thread = threading.Thread(target=look_up, name="issuer-resolve", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise FetchRefused("too_slow", url=target.url)
    try:
        addresses = tuple(ipaddress.ip_address(one) for one in found)
    except ValueError:
        addresses = ()
    if not addresses:
        raise FetchRefused("no_address", url=target.url, host=target.host)
    return addresses
