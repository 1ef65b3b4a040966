"""Addresses of the network and what they are part of."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address


def within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether an address is in one of these; one of the older kind counts by itself, however it is written."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    found = (found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found
    return any(found in one for one in networks)
