"""Keyset paging: a page ends with a cursor that names its last row; nothing is counted or skipped."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Cursor:
    """The place after the row (moment, id); `word` leads both where a list is sorted by a word first."""

    at: datetime
    id: int
    word: str = ""

    def __str__(self) -> str:
        micros = int((self.at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)
        return base64.urlsafe_b64encode(f"{micros}.{self.id}.{self.word}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """The cursor in a query string; None for an empty or mangled one (the first page then)."""
    try:
        micros, pk, word = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(".", 2)
        return Cursor(datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(pk), word)
    except (ValueError, OverflowError, OSError, binascii.Error, UnicodeDecodeError):
        return None


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of rows; `next` is None on the last one."""

    rows: list[T]
    next: Cursor | None


def page_of(rows: Sequence[T], size: int, key: Callable[[T], Cursor]) -> Page[T]:
    """From one row more than fits."""
    shown = list(rows[:size])
    return Page(rows=shown, next=key(shown[-1]) if len(rows) > size else None)
