"""Rows of a form that buttons add, take out and move: the levels of a ladder, the steps of a policy, the layers of a
schedule. A button says `add`, or what it does with which row: `remove-2`, `up-1`, `down-0`.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def _same(row: T, _way: str) -> T:
    return row


def arranged(
    rows: Sequence[T], what: str, new: Callable[[], T], most: int, moved: Callable[[T, str], T] = _same
) -> list[T]:
    """As the button says; what it cannot mean changes nothing. `moved` marks the row that was moved "up" or "down"."""
    found = list(rows)
    verb, _sep, number = what.partition("-")
    place = int(number) if number.isdecimal() and len(number) < 3 else len(found)
    if verb == "add" and len(found) < most:
        found.append(new())
    elif verb == "remove" and place < len(found):
        del found[place]
    elif verb == "up" and 0 < place < len(found):
        found[place - 1], found[place] = moved(found[place], verb), found[place - 1]
    elif verb == "down" and place + 1 < len(found):
        found[place + 1], found[place] = moved(found[place], verb), found[place + 1]
    return found
