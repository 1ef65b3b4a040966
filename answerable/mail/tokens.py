"""Signed local parts: `reply+TOKEN@…` says which ticket an answer belongs to, and whose it is (email contract E-32).

TOKEN is base32 in lower case, so that servers which change case do no harm: version, ticket, person, 96 bits of HMAC.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

KINDS = frozenset({"reply", "ack", "ladder", "probe"})
_VERSION = 1
_MAC_BYTES = 12
_MOST = 2**63 - 1  # then the longest local part has 57 characters, of the 64 that mail servers take


@dataclass(frozen=True)
class Token:
    """What a valid token says: the ticket's public number (or an id, as the kind has it) and the person's id."""

    kind: str
    ticket: int
    person: int


def make(kind: str, ticket: int, person: int, keys: Sequence[bytes]) -> str:
    """The whole local part, `kind+TOKEN`, signed with the first key; the same for the same values."""
    if kind not in KINDS or not 0 <= ticket <= _MOST or not 0 <= person <= _MOST:
        raise ValueError("no token can hold this")
    payload = bytes([_VERSION]) + _varint(ticket) + _varint(person)
    token = base64.b32encode(payload + _mac(kind, payload, keys[0])).decode("ascii").rstrip("=").lower()
    return f"{kind}+{token}"


def read(local_part: str, keys: Sequence[bytes]) -> Token | None:
    """What a local part says if one of `keys` signed it; else None. Never raises; upper case is as good as lower."""
    kind, _, token = local_part.strip().lower().partition("+")
    if kind not in KINDS or not 24 <= len(token) <= 64 or not token.isascii():
        return None
    try:
        data = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except binascii.Error:
        return None
    payload, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    if not any(hmac.compare_digest(_mac(kind, payload, key), mac) for key in keys):
        return None
    return _fields(kind, payload)


def _mac(kind: str, payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, kind.encode("ascii") + b"\0" + payload, hashlib.sha256)[:_MAC_BYTES]


def _fields(kind: str, payload: bytes) -> Token | None:
    numbers, shift, number = [], 0, 0
    for byte in payload[1:]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            shift = number = 0
    if payload[:1] != bytes([_VERSION]) or shift or len(numbers) != 2:
        return None
    return Token(kind, numbers[0], numbers[1])


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
