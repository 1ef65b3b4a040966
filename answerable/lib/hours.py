"""A calendar's opening hours on a line of local time without zones: counted by sums, so a year costs what a day does.

Local seconds are numbered from midnight of 1 January of the year 1, a Monday, as if every day had 24 hours. Where the
clock turns, worktime leaves seconds of this line out, or passes them twice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain

from answerable.lib.calendars import Calendar, Pairs
from answerable.lib.spans import merged

DAY = 86_400
WEEK = 7 * DAY


class Sums:
    """Open spans of a day or a week, and the open seconds up to each of them."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans = tuple(merged(spans))
        self._ends = [closes for _, closes in self.spans]
        self._sums = [0]  # _sums[n]: open seconds of the first n spans
        for opens, closes in self.spans:
            self._sums.append(self._sums[-1] + closes - opens)
        self.total = self._sums[-1]

    def before(self, at: int) -> int:
        """Open seconds before `at`."""
        past = bisect_left(self._ends, at)
        if past == len(self._ends):
            return self.total
        return self._sums[past] + max(0, at - self.spans[past][0])

    def reach(self, count: int) -> int:
        """The first second with `count` open ones before it; 0 < count <= total."""
        past = bisect_left(self._sums, count) - 1
        return self.spans[past][0] + count - self._sums[past]


class Hours:
    """A week that repeats for ever, except on the dates that are off or special."""

    def __init__(self, calendar: Calendar) -> None:
        self._plain = [Sums(_seconds(pairs)) for pairs in calendar.weekly]
        self._week = Sums(chain.from_iterable(map(_seconds, calendar.weekly, range(0, WEEK, DAY))))
        own: dict[date, Pairs] = {**dict(calendar.special), **dict.fromkeys(calendar.dates_off, ())}
        dates = sorted(own)
        self._starts = [(day.toordinal() - 1) * DAY for day in dates]
        self._days = [Sums(_seconds(own[day])) for day in dates]
        self._own = dict(zip(self._starts, self._days, strict=True))
        self._more = [0]  # _more[n]: what the first n of these dates hold more than the week gives them
        for start, day in zip(self._starts, self._days, strict=True):
            self._more.append(self._more[-1] + day.total - self._weekly(start + DAY) + self._weekly(start))
        self._ends = [self.before(start + DAY) for start in self._starts]

    def before(self, at: int) -> int:
        """Open seconds from the year 1 to `at`."""
        past = bisect_left(self._starts, at) - 1
        if past >= 0 and at < self._starts[past] + DAY:
            start = self._starts[past]
            return self._weekly(start) + self._more[past] + self._days[past].before(at - start)
        return self._weekly(at) + self._more[past + 1]

    def reach(self, count: int) -> int:
        """The first second with `count` open ones before it. There must be one, and an open one before that."""
        past = bisect_left(self._ends, count)
        if past < len(self._ends):
            start = self._starts[past]
            within = count - self.before(start)
            if within > 0:
                return start + self._days[past].reach(within)
        weeks, rest = divmod(count - self._more[past] - 1, self._week.total)
        return weeks * WEEK + self._week.reach(rest + 1)

    def spans(self, a: int, b: int) -> Iterator[tuple[int, int]]:
        """The open spans of [a, b) day by day, so that one may touch the next."""
        for start in range(a // DAY * DAY, b, DAY):
            day = self._own.get(start) or self._plain[start // DAY % 7]
            for opens, closes in day.spans:
                if start + opens < b and a < start + closes:
                    yield max(a, start + opens), min(b, start + closes)

    def _weekly(self, at: int) -> int:
        weeks, rest = divmod(at, WEEK)
        return weeks * self._week.total + self._week.before(rest)


def _seconds(pairs: Pairs, midnight: int = 0) -> Iterable[tuple[int, int]]:
    return ((midnight + 60 * opens, midnight + 60 * closes) for opens, closes in pairs)
