"""A schedule over the years: its versions one after another, with the overrides and absences of all. Pure.

Each instant is judged by the version in force then, so an edit changes nothing of what was (sla contract §5).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from answerable.escalation import oncall
from answerable.escalation.oncall import Absence, Override, Schedule, Shift
from answerable.lib.stretches import instant, seconds_of

NOBODY = Schedule("UTC", ())


@dataclass(frozen=True)
class Version:
    """The layers from `since` on, until the next version."""

    since: datetime
    schedule: Schedule


@dataclass(frozen=True)
class Rota:
    """`versions`: oldest first. Before the first one there is nobody, whatever an override says."""

    versions: tuple[Version, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()

    def at(self, moment: datetime) -> Schedule:
        """The schedule in force at this moment, with what lies on top."""
        found = NOBODY
        for version in self.versions:
            if version.since <= moment:
                found = version.schedule
        return NOBODY if found is NOBODY else Schedule(found.tz, found.layers, self.overrides, self.absences)


def on_call(rota: Rota, at: datetime) -> str | None:
    """Who is on call in this second."""
    at = whole(at)
    return oncall.on_call(rota.at(at), at)


def shifts(rota: Rota, start: datetime, end: datetime) -> list[Shift]:
    """[start, end) in order: who is on call when, gaps with nobody."""
    found: list[Shift] = []
    for begin, until in _pieces(rota, whole(start), whole(end)):
        for shift in oncall.shifts(rota.at(begin), begin, until):
            since = found.pop().start if found and found[-1].person == shift.person else shift.start
            found.append(Shift(since, shift.end, shift.person))
    return found


def gaps(rota: Rota, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The spans of [start, end) without anybody."""
    return [(shift.start, shift.end) for shift in shifts(rota, start, end) if shift.person is None]


def _pieces(rota: Rota, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    cuts = sorted({start, *(one.since for one in rota.versions if start < one.since < end), end})
    yield from pairwise(cuts)


def whole(at: datetime) -> datetime:
    """The instant without parts of a second: done once, before anything is decided by it."""
    return instant(seconds_of(at))
