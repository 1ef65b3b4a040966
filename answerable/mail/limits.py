"""How much of one message is read (email contract E-8); past a limit it is still delivered, flagged `truncated`."""

from dataclasses import dataclass

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes where not said otherwise."""

    raw: int = 40 * MIB
    header_block: int = 256 * KIB
    field: int = 64 * KIB
    fields: int = 1_000
    depth: int = 30
    parts: int = 500
    attachments: int = 100
    attachment: int = 25 * MIB
    text: int = MIB  # characters
    html: int = 2 * MIB  # characters
    addresses: int = 200


LIMITS = Limits()
