"""One thing that the doctor says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`level`: "ok", "note" (worth knowing) or "wrong" (it needs a hand)."""

    level: str
    text: str
