"""Who is on call (sla contract §5): pure functions of a schedule and an instant, or a span of whole seconds.

A schedule is layers, the highest first, and overrides on top; nothing here reads a clock or a database. `who` is asked
instant by instant. `shifts` cuts a span wherever the answer may change and asks once for each piece, so the two cannot
disagree, and a gap is exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, pairwise

from answerable.lib import wallclock, worktime
from answerable.lib.hours import DAY
from answerable.lib.stretches import instant, seconds_of
from answerable.lib.worktime import Calendar

UNITS = {"day": 1, "week": 7}  # in civil days


@dataclass(frozen=True)
class Layer:
    """Participants who take turns of `length` x `unit`, from the hand-off on `start` on.

    `handoff`: minutes after midnight, in the schedule's zone. `restriction`: when the layer is on duty at all; None:
    always.
    """

    participants: tuple[str, ...]
    unit: str
    length: int
    handoff: int
    start: date
    restriction: Calendar | None = None

    @property
    def turn_days(self) -> int:
        """How long a turn is, in civil days."""
        return self.length * UNITS[self.unit]


@dataclass(frozen=True)
class Override:
    """In [start, end) this person, or nobody (None), instead of the layers. `created` only ranks."""

    start: datetime
    end: datetime
    person: str | None
    created: datetime


@dataclass(frozen=True)
class Absence:
    """In [start, end) the person takes no turn; without an end, for good."""

    person: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Schedule:
    """`layers`: the highest first. `overrides`: as they were written down, which decides between equal `created`."""

    tz: str
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True)
class Shift:
    """Who is on call in [start, end); None: nobody."""

    start: datetime
    end: datetime
    person: str | None


def on_call(schedule: Schedule, at: datetime) -> str | None:
    """Who is on call in the second `at`; None: nobody."""
    at = instant(seconds_of(at))
    away = {absence.person for absence in schedule.absences if _covers(absence, at)}
    covering = [(one.created, place, one) for place, one in enumerate(schedule.overrides) if _covers(one, at)]
    for _, _, override in sorted(covering, key=lambda ranked: ranked[:2], reverse=True):
        if override.person not in away:
            return override.person
    holders = (holder(schedule.tz, layer, at) for layer in schedule.layers)
    return next((person for person in holders if person is not None and person not in away), None)


def _covers(span: Override | Absence, at: datetime) -> bool:
    return span.start <= at and (span.end is None or at < span.end)


def holder(tz: str, layer: Layer, at: datetime) -> str | None:
    """Whose turn it is in this layer, absent or not; None: not begun, closed, or without participants."""
    turn = turn_at(tz, layer, at)
    if turn < 0 or not layer.participants or not (layer.restriction is None or worktime.is_open(layer.restriction, at)):
        return None
    return layer.participants[turn % len(layer.participants)]


def turn_at(tz: str, layer: Layer, at: datetime) -> int:
    """The number of the turn, from 0; below 0 before the layer's start."""
    return (_last_handoff(tz, layer, at) - _day(layer.start)) // layer.turn_days


def handoff_on(tz: str, layer: Layer, day: date) -> datetime:
    """When this date's hand-off is: the first instant whose local date and time is that, or later."""
    return instant(_handoff(tz, layer, _day(day)))


def beginning_with(tz: str, layer: Layer, at: datetime, person: str) -> Layer:
    """The layer with its start moved by whole turns, so that it is this participant's turn at `at`.

    Hand-offs stay where they are. A layer that has not begun by then begins with its first participant.
    """
    turn = turn_at(tz, layer, at)
    if turn < 0:
        return layer
    moved = (turn - layer.participants.index(person)) * layer.turn_days
    return Layer(
        layer.participants,
        layer.unit,
        layer.length,
        layer.handoff,
        layer.start + timedelta(days=moved),
        layer.restriction,
    )


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """[start, end) in order, whole: each span with whoever is on call in it, none empty, neighbours different."""
    found: list[Shift] = []
    for begin, until in pairwise(sorted(_cuts(schedule, seconds_of(start), seconds_of(end)))):
        person = on_call(schedule, instant(begin))
        since = found.pop().start if found and found[-1].person == person else instant(begin)
        found.append(Shift(since, instant(until), person))
    return found


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The spans of [start, end) without anybody, in order."""
    return [(shift.start, shift.end) for shift in shifts(schedule, start, end) if shift.person is None]


def _cuts(schedule: Schedule, a: int, b: int) -> set[int]:
    """Every second of [a, b] at which the answer may change, and both ends; nothing for an empty span."""
    if a >= b:
        return set()
    spans: list[Override | Absence] = [*schedule.overrides, *schedule.absences]
    cuts = {seconds_of(edge) for span in spans for edge in (span.start, span.end) if edge is not None}
    for layer in schedule.layers:
        cuts.update(_handoffs(schedule.tz, layer, a, b))
        if layer.restriction is not None:
            opened = worktime.spans(layer.restriction, instant(a), instant(b))
            cuts.update(seconds_of(edge) for pair in opened for edge in pair)
    return {cut for cut in cuts if a < cut < b} | {a, b}


def _handoffs(tz: str, layer: Layer, a: int, b: int) -> Iterator[int]:
    """When turns begin between the two seconds."""
    first = max(0, turn_at(tz, layer, instant(a)))
    for turn in count(first):
        at = _handoff(tz, layer, _day(layer.start) + turn * layer.turn_days)
        if at >= b:
            return
        yield at


def _last_handoff(tz: str, layer: Layer, at: datetime) -> int:
    """The latest civil date, by number, whose hand-off is not after `at`. Every date has one, a skipped one too."""
    return (wallclock.furthest(tz, seconds_of(at)) - layer.handoff * 60) // DAY


def _handoff(tz: str, layer: Layer, day: int) -> int:
    return wallclock.first_at(tz, day * DAY + layer.handoff * 60)


def _day(day: date) -> int:
    return day.toordinal() - 1
