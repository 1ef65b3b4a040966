"""Addresses of other people's servers as somebody typed them. Nothing is asked of the network here."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from answerable.lib import domains

# Names that are looked up inside of a network, or not at all (RFC 6761, 6762, 8375; "internal" by ICANN).
_INSIDE = frozenset(
    ("arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion", "private")
)
LONGEST = 500


def _split(address: str) -> SplitResult | None:
    # urlsplit drops tabs and line ends, which others do not.
    if len(address) > LONGEST or not address.isascii() or any(letter <= " " for letter in address):
        return None
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return None
    return parts


def is_https(address: str) -> bool:
    """Whether this is an address by https, of a host by name or number and without a user in it."""
    parts = _split(address)
    return parts is not None and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def is_outside(address: str) -> bool:
    """Whether it is by https and at a name that all the world looks up: no IP address, none of our own network."""
    if not is_https(address):
        return False
    host = domains.read(urlsplit(address).hostname or "")
    return host is not None and host.rpartition(".")[2] not in _INSIDE


def reached_at(host: str) -> str:
    """Where a server of ours that listens there is found: one on every address of this machine is on its own."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return {4: "127.0.0.1", 6: "::1"}[address.version] if address.is_unspecified else str(address)
