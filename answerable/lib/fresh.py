"""Values that every request needs and that rarely change: read once, kept for a few seconds in this process."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_forgetters: list[Callable[[], None]] = []


class Fresh(Generic[T]):
    """`Fresh(load)()` gives `load()`'s value, at most `seconds` old. Never for what access depends on."""

    def __init__(self, load: Callable[[], T], seconds: float = 3.0) -> None:
        self._load = load
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None
        _forgetters.append(self.forget)

    def __call__(self) -> T:
        kept = self._kept
        if kept is not None and time.monotonic() - kept[0] < self._seconds:
            return kept[1]
        value = self._load()
        self._kept = (time.monotonic(), value)
        return value

    def kept(self) -> T | None:
        """The value if it needs no reading, for those who must not wait."""
        kept = self._kept
        return kept[1] if kept is not None and time.monotonic() - kept[0] < self._seconds else None

    def forget(self) -> None:
        """Load anew next time."""
        self._kept = None


def forget_all() -> None:
    """Forget every kept value: after `apply`, and between tests."""
    for forget in _forgetters:
        forget()
