"""Whether an article spared a request, counted honestly: something was opened, and nothing was sent for a day. Pure.

A visit counts as that only if nothing was sent by it; by the same person, whatever the way, where they are known; and
else by nobody who looks the same. So a figure is rather too small than too large.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Visit:
    """One visit to a form. `person`: an id; `visitor`: a digest of those who are not known."""

    begun_at: datetime
    shown: bool
    opened: bool
    sent_at: datetime | None = None
    person: int | None = None
    visitor: str = ""


@dataclass(frozen=True)
class Counts:
    """Of visits in which something was suggested: in how many something was opened, the request sent all the same,
    spared (`deflected`), or not yet known, for it is less than a day ago (`undecided`).
    """

    shown: int = 0
    opened: int = 0
    sent: int = 0
    deflected: int = 0
    undecided: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


def by_day(
    visits: Iterable[Visit], asked: Mapping[int, Sequence[datetime]], now: datetime, zone: ZoneInfo
) -> dict[date, Counts]:
    """Each day's counts, by when the visit began. `asked`: when each person opened requests, whatever the way, sorted.

    `visits` should reach a day further than what is looked at: what was sent then counts against those before.
    """
    rows = list(visits)
    sent = {who: sorted(times) for who, times in _sent_by_visitors(rows).items()}
    days: dict[date, Counts] = {}
    for visit in rows:
        day = visit.begun_at.astimezone(zone).date()
        days[day] = days.get(day, Counts()) + _count(visit, asked, sent, now)
    return days


def _count(
    visit: Visit, asked: Mapping[int, Sequence[datetime]], sent: Mapping[str, Sequence[datetime]], now: datetime
) -> Counts:
    if not visit.shown:
        return Counts()
    if not visit.opened:
        return Counts(shown=1, sent=int(_by_itself(visit)))
    if _by_itself(visit) or _asked_otherwise(visit, asked, sent):
        return Counts(shown=1, opened=1, sent=1)
    if now - visit.begun_at < DAY:
        return Counts(shown=1, opened=1, undecided=1)
    return Counts(shown=1, opened=1, deflected=1)


def _by_itself(visit: Visit) -> bool:
    return visit.sent_at is not None and visit.sent_at - visit.begun_at < DAY


def _asked_otherwise(
    visit: Visit, asked: Mapping[int, Sequence[datetime]], sent: Mapping[str, Sequence[datetime]]
) -> bool:
    if visit.person is not None:
        return _within_a_day(asked.get(visit.person, ()), visit.begun_at)
    return bool(visit.visitor) and _within_a_day(sent.get(visit.visitor, ()), visit.begun_at)


def _within_a_day(times: Sequence[datetime], begun_at: datetime) -> bool:
    first = bisect_left(times, begun_at)
    return first < len(times) and times[first] - begun_at < DAY


def _sent_by_visitors(visits: Iterable[Visit]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for visit in visits:
        if visit.sent_at is not None and visit.visitor:
            found.setdefault(visit.visitor, []).append(visit.sent_at)
    return found
