"""The calendars by which clocks are read: every version of each, parsed once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.fresh import Fresh
from answerable.lib.worktime import Calendar
from answerable.people.models import CalendarVersion
from answerable.people.queries import calendars as stored


@dataclass(frozen=True)
class Version:
    """A calendar from `since` on, until its next version."""

    number: int
    since: datetime
    calendar: Calendar


Book = Mapping[str, Sequence[Version]]


def book(rows: Mapping[str, Iterable[CalendarVersion]]) -> Book:
    """The versions of each key, oldest first."""
    return {
        key: [Version(row.number, row.effective_from, Calendar.read(row.spec)) for row in versions]
        for key, versions in rows.items()
    }


# At most a few seconds old: what must not be missed is put right by the walk that a changed calendar starts (Replan).
current: Fresh[Book] = Fresh(lambda: book(stored()))


def version_at(versions: Sequence[Version], at: datetime) -> Version:
    """The version in force; before the first one, the first."""
    return versions[max(0, bisect_right(versions, at, key=lambda version: version.since) - 1)]


def versions_within(versions: Sequence[Version], after: datetime, before: datetime | None) -> Iterator[Version]:
    """Those that come into force after the one moment and before the other."""
    for version in versions:
        if version.since > after and (before is None or version.since < before):
            yield version
