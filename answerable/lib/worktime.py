"""Business time (sla contract §2): how many whole seconds a calendar holds open, and when a number of them is over.

Local time is only ever derived from UTC, one stretch of constant offset at a time, so gaps, folds and skipped dates
need no rules of their own. Inside, an instant is the number of seconds since the year 1; outside, an aware datetime.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from answerable.lib.calendars import BadCalendar, Calendar
from answerable.lib.hours import Hours
from answerable.lib.spans import merged
from answerable.lib.stretches import instant, seconds_of, stretches

__all__ = ["HORIZON", "BadCalendar", "Calendar", "add", "between", "is_open", "spans"]

HORIZON = timedelta(days=366)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the second `at` counts."""
    second = seconds_of(at)
    return _between(calendar, second, second + 1) == 1


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """How many open seconds lie in [start, end)."""
    a, b = seconds_of(start), seconds_of(end)
    if b < a:
        raise ValueError("the end is before the start")
    return _between(calendar, a, b)


def add(calendar: Calendar, start: datetime, seconds: int, until: datetime | None = None) -> datetime | None:
    """The first instant with `seconds` open seconds since `start`: closing time, not next morning; `start` for 0.

    None: not reached by `until`, which is 366 days after `start` unless told otherwise.
    """
    if seconds < 0:
        raise ValueError("seconds: expected 0 or more")
    a = seconds_of(start)
    limit = seconds_of(start + HORIZON if until is None else until)
    if calendar.always_open or seconds == 0:
        return instant(a + seconds) if a + seconds <= limit else None
    hours, left = _hours(calendar), seconds
    for begin, end, offset in stretches(calendar.tz, a, limit):
        passed = hours.before(begin + offset)
        opened = hours.before(end + offset) - passed
        if left <= opened:
            return instant(hours.reach(passed + left) - offset)
        left -= opened
    return None


def spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans of [start, end), in order, none empty, none touching the next."""
    a, b = seconds_of(start), seconds_of(end)
    for opens, closes in merged([(a, b)] if calendar.always_open else _opened(calendar, a, b)):
        yield instant(opens), instant(closes)


def _opened(calendar: Calendar, a: int, b: int) -> Iterator[tuple[int, int]]:
    for begin, end, offset in stretches(calendar.tz, a, b):
        for opens, closes in _hours(calendar).spans(begin + offset, end + offset):
            yield opens - offset, closes - offset


def _between(calendar: Calendar, a: int, b: int) -> int:
    if calendar.always_open:
        return b - a
    hours, opened = _hours(calendar), 0
    for start, end, offset in stretches(calendar.tz, a, b):
        opened += hours.before(end + offset) - hours.before(start + offset)
    return opened


_hours = lru_cache(maxsize=512)(Hours)
