"""The months of a report, in the reader's zone. A month runs from its first local midnight to the next one's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

USUAL, MOST = 12, 36

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """Whole months, the running one included: `count` of them, from the first of `year`-`month` on."""

    year: int
    month: int
    count: int
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return self._first(0)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return self._first(self.count)

    def months(self) -> Iterator[datetime]:
        """The first local moment of each month."""
        for number in range(self.count):
            yield self._first(number).astimezone(self.zone)

    def _first(self, ahead: int) -> datetime:
        years, month = divmod(self.month - 1 + ahead, 12)
        return datetime(self.year + years, month + 1, 1, tzinfo=self.zone).astimezone(UTC)


def last_months(count: int, zone: ZoneInfo, now: datetime) -> Period:
    """The running month and those before it, MOST at most."""
    count = max(1, min(MOST, count))
    here = now.astimezone(zone)
    years, month = divmod(here.month - count, 12)
    return Period(here.year + years, month + 1, count, zone)


def read_period(text: str, zone: ZoneInfo, now: datetime) -> Period:
    """From "12" (months) or "2026-03"; the usual one from anything else."""
    month = _MONTH.fullmatch(text)
    if month:
        return Period(int(month[1]), int(month[2]), 1, zone)
    return last_months(int(text) if re.fullmatch(r"[1-9][0-9]?", text) else USUAL, zone, now)
