"""The bench's figures as a table for people."""

from collections.abc import Iterator, Mapping
from typing import Any

_COLUMNS = ("median_ms", "p95_ms", "rps_1", "rps_8", "queries", "x_floor")
_HEADS = ("median ms", "p95 ms", "1 client/s", "8 clients/s", "queries", "× floor")


def table(found: Mapping[str, Any]) -> str:
    """All of it, in lines."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['tickets']:,} tickets"
    if "pages" in found:
        yield ""
        yield f"{'page':<14}" + "".join(f"{head:>13}" for head in _HEADS)
        for name, figures in found["pages"].items():
            yield f"{name:<14}" + "".join(f"{figures[column]:>13}" for column in _COLUMNS)
        yield f"The floor, one row by its key through the same server: {found['floor_ms']} ms."
    if "intake" in found:
        mail = found["intake"]
        yield ""
        yield (
            f"Mail: {mail['messages_per_s']} messages/s from SMTP to committed ticket; "
            f"the floor stores {mail['floor_per_s']}/s, {mail['x_floor']} times as many."
        )
    yield ""
    yield "Memory (PSS, MB): " + ", ".join(f"{name} {value}" for name, value in found["memory_mb"].items())
