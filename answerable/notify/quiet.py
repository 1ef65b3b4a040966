"""The hours in which a person wants to be left alone: pure, in wall-clock time of their own zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from answerable.lib.zones import zone

MOST_WINDOWS = 8


@dataclass(frozen=True)
class Quiet:
    """From `start` on each of `days` (0 is Monday) until `end`: of the next day, where that is not later."""

    zone: str
    start: time
    end: time
    days: frozenset[int]

    def until(self, now: datetime) -> datetime | None:
        """When it is over, None where it is not quiet at `now`. Windows that touch are one."""
        over = None
        for _ in range(MOST_WINDOWS):
            end = self._end_at(over or now)
            if end is None:
                break
            over = end
        return over

    @property
    def never_ends(self) -> bool:
        """Each day, and all of it."""
        return self.start == self.end and len(self.days) == 7

    def _end_at(self, at: datetime) -> datetime | None:
        local = at.astimezone(zone(self.zone)).date()
        windows = (self._window(local - timedelta(days=back)) for back in (0, 1))
        return max((end for start, end in windows if start <= at < end), default=None)

    def _window(self, day: date) -> tuple[datetime, datetime]:
        """From and to; nothing on a day that is not one of these."""
        start = self._moment(day, self.start)
        if day.weekday() not in self.days:
            return start, start
        return start, self._moment(day if self.end > self.start else day + timedelta(days=1), self.end)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, zone(self.zone)).astimezone(UTC)


def next_hour(now: datetime) -> datetime:
    """When the digest of this hour leaves."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
