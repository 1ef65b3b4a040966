"""How often something may happen: rows beside the shared cache's, so that every process and every restart agrees."""

import hashlib
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from answerable.lib import clock
from answerable.lib.rows import cursor

# One statement: the cache's own `incr` reads, adds and writes, so two processes could both be the last one allowed, and
# it starts the span anew each time.
_COUNT = """
INSERT INTO cache AS kept (cache_key, value, expires) VALUES ($1, '1', $2)
ON CONFLICT (cache_key) DO UPDATE SET
  value = CASE WHEN kept.expires > $3 THEN (kept.value::bigint + 1)::text ELSE '1' END,
  expires = CASE WHEN kept.expires > $3 THEN kept.expires ELSE excluded.expires END
RETURNING value::bigint
"""


def allowed(what: str, who: str, most: int, seconds: int = 3600) -> bool:
    """Count one more of `what` by `who`; False once there were `most` of them within `seconds` of the first.

    In a transaction others who count the same wait for its end, and what is rolled back was not counted.
    """
    now = clock.exact()
    key = f"limit:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    with cursor() as asked:
        asked.execute(_COUNT, [key, now + timedelta(seconds=seconds), now])
        row = asked.fetchone()
    assert row is not None
    return bool(row[0] <= most)


def network(address: str) -> str:
    """What counts as one place. Whoever has an address of IPv6 has the 64 bits behind it too."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))
