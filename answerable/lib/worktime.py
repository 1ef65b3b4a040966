"""Business time (sla contract §2): how many whole seconds a calendar holds open, and when a number of them is over.

Local time is only ever derived from UTC, one stretch of constant offset at a time, so gaps, folds and skipped dates
need no rules of their own. Inside, an instant is an integer of epoch seconds; outside, an aware datetime in UTC.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from answerable.lib.calendars import BadCalendar, Calendar, Pairs
from answerable.lib.spans import merged

__all__ = ["HORIZON", "BadCalendar", "Calendar", "add", "between", "is_open", "spans"]

HORIZON = timedelta(days=366)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SECOND = timedelta(seconds=1)
_DAY = 86_400
_WEEK = 7 * _DAY


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the second `at` counts."""
    return between(calendar, at, at + _SECOND) == 1


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """How many open seconds lie in [start, end)."""
    a, b = _seconds(start), _seconds(end)
    if b < a:
        raise ValueError("the end is before the start")
    if calendar.always_open:
        return b - a
    total = 0
    for number in _weeks(a, b):
        week = _week(calendar, number)
        total += week.before(b) - week.before(a)
    return total


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
    left = seconds
    for number in _weeks(a, limit):
        week = _week(calendar, number)
        passed = week.before(a)
        if left <= week.total - passed:
            due = week.reach(passed + left)
            return _instant(due) if due <= limit else None
        left -= week.total - passed
    return None


def spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans of [start, end), in order, none empty, none touching the next."""
    a, b = _seconds(start), _seconds(end)
    for opens, closes in merged([(a, b)] if calendar.always_open else _clipped(calendar, a, b)):
        yield _instant(opens), _instant(closes)


def _clipped(calendar: Calendar, a: int, b: int) -> Iterator[tuple[int, int]]:
    for number in _weeks(a, b):
        for opens, closes in _week(calendar, number).spans:
            yield max(opens, a), min(closes, b)


def _seconds(at: datetime) -> int:
    return (at - _EPOCH) // _SECOND


def _instant(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _weeks(a: int, b: int) -> range:
    """The weeks of the UTC line that [a, b) touches, numbered from the epoch's (so they start on Thursdays)."""
    return range(a // _WEEK, -(-b // _WEEK))


class _Week:
    """The open spans of one week, and the open seconds up to each of them."""

    def __init__(self, pieces: Iterable[tuple[int, int]]) -> None:
        self.spans = tuple(merged(pieces))
        self.ends = [closes for _, closes in self.spans]
        self.sums = [0]  # sums[n]: open seconds of the first n spans
        for opens, closes in self.spans:
            self.sums.append(self.sums[-1] + closes - opens)
        self.total = self.sums[-1]

    def before(self, at: int) -> int:
        """Open seconds of this week before `at`, wherever on the line that is."""
        past = bisect_left(self.ends, at)
        if past == len(self.ends):
            return self.total
        return self.sums[past] + max(0, at - self.spans[past][0])

    def reach(self, count: int) -> int:
        """The first instant with `count` of this week's open seconds before it; 0 < count <= total."""
        past = bisect_left(self.sums, count) - 1
        return self.spans[past][0] + count - self.sums[past]


@lru_cache(maxsize=8192)
def _week(calendar: Calendar, number: int) -> _Week:
    return _Week(_pieces(calendar, number))


def _pieces(calendar: Calendar, number: int) -> Iterator[tuple[int, int]]:
    """Each local day's pairs, mapped to UTC linearly and clipped to the stretch whose offset was used."""
    special = dict(calendar.special)
    for start, end, offset in _stretches(calendar.tz, number):
        for day in range((start + offset) // _DAY, (end + offset - 1) // _DAY + 1):
            midnight = day * _DAY - offset
            for opens, closes in _pairs(calendar, special, date.fromordinal(_EPOCH_DAY + day)):
                yield max(start, midnight + 60 * opens), min(end, midnight + 60 * closes)


def _pairs(calendar: Calendar, special: Mapping[date, Pairs], day: date) -> Pairs:
    if day in calendar.dates_off:
        return ()
    return special[day] if day in special else calendar.weekly[day.weekday()]


@lru_cache(maxsize=4096)
def _stretches(tz: str, number: int) -> tuple[tuple[int, int, int], ...]:
    """The week cut where the zone's offset changes: (start, end, offset).

    Looking once a day misses nothing: no zone of tzdata has ever changed its offset twice within six days.
    """
    zone = ZoneInfo(tz)
    start, end = number * _WEEK, (number + 1) * _WEEK
    found = []
    for day in range(start, end, _DAY):
        offset = _offset(zone, day)
        if offset != _offset(zone, day + _DAY):
            change = _change(zone, day, offset)
            found.append((start, change, offset))
            start = change
    return (*found, (start, end, _offset(zone, end - 1)))


def _change(zone: ZoneInfo, day: int, offset: int) -> int:
    """The first second after `day` whose offset is not `offset` any more."""
    return day + bisect_left(range(day, day + _DAY), True, key=lambda at: _offset(zone, at) != offset)


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    assert offset is not None
    return offset // _SECOND
