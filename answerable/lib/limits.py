"""How often something may happen: counted in the shared cache, so that every process and every restart agrees."""

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache


def allowed(what: str, who: str, most: int, seconds: int = 3600) -> bool:
    """Count one more of `what` by `who`; False once there were `most` of them within `seconds` of the first."""
    key = f"limit:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    if cache.add(key, 1, timeout=seconds):
        return most >= 1
    try:
        return cache.incr(key) <= most
    except ValueError:
        # It ran out between the two statements: this is the first of a new span.
        cache.set(key, 1, timeout=seconds)
        return most >= 1


def network(address: str) -> str:
    """What counts as one place. Whoever has an address of IPv6 has the 64 bits behind it too."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))
