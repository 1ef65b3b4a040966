"""Half-open spans [a, b) on a line of seconds or instants."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

At = TypeVar("At", int, datetime)


def merged(spans: Iterable[tuple[At, At]]) -> Iterator[tuple[At, At]]:
    """The union of spans given in order of their start: empty ones vanish, overlapping or touching ones are joined."""
    held: tuple[At, At] | None = None
    for start, end in spans:
        if start >= end:
            continue
        if held is None:
            held = start, end
        elif start <= held[1]:
            held = held[0], max(held[1], end)
        else:
            yield held
            held = start, end
    if held is not None:
        yield held
