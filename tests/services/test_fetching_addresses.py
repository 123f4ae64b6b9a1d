"""Which addresses count as public, by IANA's registries and not by what one Python release makes of them."""

from ipaddress import ip_address

import pytest

from bot.services.fetching.addresses import is_loopback, is_public

PUBLIC = ["8.8.8.8", "1.1.1.1", "198.41.0.4", "2001:500:2::c", "2606:4700::1111", "2a00:1450:4001::200e"]
PUBLIC_INSIDE = ["::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"]
NOT_PUBLIC = [
    # this network, private, shared, loopback, link-local, protocol assignments, documentation, benchmarks
    *("0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
    *("127.0.0.1", "127.255.255.254", "169.254.169.254", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    "168.63.129.16",  # Azure's platform, public by its number only
    *("::", "::1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("2001:db8::1", "3fff::1", "100::1", "2001::1", "2001:2::1", "5f00::1", "64:ff9b:1::a00:1", "4000::1"),
    # private IPv4 inside IPv6: mapped, 6to4, NAT64
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::c0a8:1"),
    "::ffff:168.63.129.16",
]


@pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_INSIDE])
def test_public_addresses_are_public_in_every_wrapping(address: str) -> None:
    """Also behind 6to4 and NAT64, where an IPv6-only network reaches them."""
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_special_addresses_are_not_public_in_any_wrapping(address: str) -> None:
    """RFC 6890 and its successors, retired and reserved ranges, a cloud's own services."""
    assert not is_public(ip_address(address))


def test_loopback_is_known_in_its_wrappings() -> None:
    """What the setting for tests lifts, and nothing more."""
    assert all(is_loopback(ip_address(one)) for one in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"))
    assert not any(is_loopback(ip_address(one)) for one in ("10.0.0.1", "::", "0.0.0.0", "169.254.0.1", "fe80::1"))
