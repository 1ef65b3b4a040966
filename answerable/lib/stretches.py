"""The line of UTC seconds cut into stretches of constant offset, for one time zone (sla contract §2).

An instant is the number of seconds since the year 1; the local time of a stretch is its instants plus its offset. So
gaps, folds and skipped dates need no rules of their own, and local time is only ever derived from UTC.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from answerable.lib.hours import DAY

_EPOCH = datetime.min.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# No zone of tzdata ever changes its offset twice within six days (a test looks), so a look every six days finds all.
STEP = 6 * DAY
_BLOCK = 61 * STEP
# A day from the ends of time, where a zone can still be asked.
_FIRST, _LAST = DAY, (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND - DAY


def seconds_of(at: datetime) -> int:
    """The instant as a number: whole seconds, what is more is cut off."""
    return (at - _EPOCH) // _SECOND


def instant(seconds: int) -> datetime:
    """The number as an instant. OverflowError beyond the years 1 to 9999."""
    return _EPOCH + timedelta(seconds=seconds)


def stretches(tz: str, a: int, b: int) -> Iterator[tuple[int, int, int]]:
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
    for look in range(start + STEP, last + 1, STEP):
        after = _offset(zone, look)
        if after != offset:
            change = _change(zone, look - STEP, offset)
            found.append((start, change, offset))
            start, offset = change, after
    return (*found, (start, last, offset))


def _change(zone: ZoneInfo, look: int, offset: int) -> int:
    """The first second after `look` whose offset is not `offset` any more."""
    return look + bisect_left(range(look, look + STEP), True, key=lambda at: _offset(zone, at) != offset)


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = instant(min(max(at, _FIRST), _LAST)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // _SECOND
