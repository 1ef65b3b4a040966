"""Business time (sla contract §2): how many whole seconds a calendar holds open, and when a number of them is over.

Local time is only ever derived from UTC, one stretch of constant offset at a time, so gaps, folds and skipped dates
need no rules of their own. Inside, an instant is the number of seconds since the year 1; outside, an aware datetime.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from answerable.lib.calendars import BadCalendar, Calendar
from answerable.lib.hours import DAY, Hours
from answerable.lib.spans import merged

__all__ = ["HORIZON", "BadCalendar", "Calendar", "add", "between", "is_open", "spans"]

HORIZON = timedelta(days=366)

_EPOCH = datetime.min.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# No zone of tzdata ever changes its offset twice within six days (a test looks), so a look every six days finds all.
_STEP = 6 * DAY
_BLOCK = 61 * _STEP
# A day from the ends of time, where a zone can still be asked.
_FIRST, _LAST = DAY, (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND - DAY


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the second `at` counts."""
    second = _seconds(at)
    return _between(calendar, second, second + 1) == 1


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """How many open seconds lie in [start, end)."""
    a, b = _seconds(start), _seconds(end)
    if b < a:
        raise ValueError("the end is before the start")
    return _between(calendar, a, b)


def add(calendar: Calendar, start: datetime, seconds: int, until: datetime | None = None) -> datetime | None:
    """The first instant with `seconds` open seconds since `start`: closing time, not next morning; `start` for 0.

    None: not reached by `until`, which is 366 days after `start` unless told otherwise.
    """
    if seconds < 0:
        raise ValueError("seconds: expected 0 or more")
    a = _seconds(start)
    limit = _seconds(start + HORIZON if until is None else until)
    if calendar.always_open or seconds == 0:
        return _instant(a + seconds) if a + seconds <= limit else None
    hours, left = _hours(calendar), seconds
    for begin, end, offset in _stretches(calendar.tz, a, limit):
        passed = hours.before(begin + offset)
        opened = hours.before(end + offset) - passed
        if left <= opened:
            return _instant(hours.reach(passed + left) - offset)
        left -= opened
    return None


def spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans of [start, end), in order, none empty, none touching the next."""
    a, b = _seconds(start), _seconds(end)
    for opens, closes in merged([(a, b)] if calendar.always_open else _opened(calendar, a, b)):
        yield _instant(opens), _instant(closes)


def _opened(calendar: Calendar, a: int, b: int) -> Iterator[tuple[int, int]]:
    for begin, end, offset in _stretches(calendar.tz, a, b):
        for opens, closes in _hours(calendar).spans(begin + offset, end + offset):
            yield opens - offset, closes - offset


def _between(calendar: Calendar, a: int, b: int) -> int:
    if calendar.always_open:
        return b - a
    hours, opened = _hours(calendar), 0
    for start, end, offset in _stretches(calendar.tz, a, b):
        opened += hours.before(end + offset) - hours.before(start + offset)
    return opened


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // _SECOND


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


_hours = lru_cache(maxsize=512)(Hours)


def _stretches(tz: str, a: int, b: int) -> Iterator[tuple[int, int, int]]:
    """[a, b) cut where the zone's offset changes: (start, end, offset)."""
    for number in range(a // _BLOCK, -(-b // _BLOCK)):
        for start, end, offset in _block(tz, number):
            if start < b and a < end:
                yield max(start, a), min(end, b), offset


@lru_cache(maxsize=4096)
def _block(tz: str, number: int) -> tuple[tuple[int, int, int], ...]:
    """The stretches of about a year; a block ends where the next begins, whether or not the offset changes there."""
    zone = ZoneInfo(tz)
    start, last = number * _BLOCK, (number + 1) * _BLOCK
    offset, found = _offset(zone, start), []
    for look in range(start + _STEP, last + 1, _STEP):
        after = _offset(zone, look)
        if after != offset:
            change = _change(zone, look - _STEP, offset)
            found.append((start, change, offset))
            start, offset = change, after
    return (*found, (start, last, offset))


def _change(zone: ZoneInfo, look: int, offset: int) -> int:
    """The first second after `look` whose offset is not `offset` any more."""
    return look + bisect_left(range(look, look + _STEP), True, key=lambda at: _offset(zone, at) != offset)


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = _instant(min(max(at, _FIRST), _LAST)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // _SECOND
