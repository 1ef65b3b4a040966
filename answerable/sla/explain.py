"""Why a promise is due when it is (sla contract §1.3): every span of a clock, what it counted, and the sum. Pure.

The spans tile a leg's life without a hole, and what they counted adds up to the leg's own `elapsed`; after `now` they
say what will count until it falls due if nothing more happens.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from answerable.lib import worktime
from answerable.lib.worktime import Calendar
from answerable.sla.count import stretches, targets_held, within
from answerable.sla.evaluate import Leg, fold, judge
from answerable.sla.story import Story
from answerable.sla.vocabulary import METRICS, Held, Promise, Reading

RUNNING, LATE, CLOSED, PAUSED, SOLVED, CARRIED = "running", "late", "closed", "paused", "solved", "carried"
AHEAD, CLOSED_AHEAD = "ahead", "closed_ahead"
_COUNTING = {RUNNING, LATE, AHEAD}

Whys = Mapping[datetime, str]


@dataclass(frozen=True)
class Part:
    """A piece of a leg's life. `counted`: of a carried one, which its own ticket explains."""

    start: datetime
    end: datetime
    kind: str
    why: str = ""
    counted: int = 0

    @property
    def seconds(self) -> int:
        """The open seconds counted in it."""
        return int((self.end - self.start).total_seconds()) if self.kind in _COUNTING else self.counted


@dataclass(frozen=True)
class Line:
    """From, to, what the clock did and why, the open seconds counted in it, and the sum up to its end."""

    start: datetime
    end: datetime
    kind: str
    why: str
    seconds: int
    sum: int


@dataclass(frozen=True)
class Change:
    """Another target from then on; None: none."""

    at: datetime
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Told:
    """A leg with its explanation. `held`: the versions of policy and calendar by which it is judged."""

    leg: Leg
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    held: Held


def explain(reading: Reading, now: datetime) -> list[Told]:
    """Every leg of the ticket, by metric and index, with the spans of its clock."""
    story = fold(reading.events, reading.terms, now)
    whys = {event.at: event.why for event in reading.events if event.kind == "pause" and event.at <= now}
    told = [_tell(promise, story, reading, whys, now) for promise in story.promises]
    return sorted(told, key=lambda one: (METRICS.index(one.leg.metric), one.leg.index))


def _tell(promise: Promise, story: Story, reading: Reading, whys: Whys, now: datetime) -> Told:
    leg = judge(promise, story, reading.terms, now)
    lines = _summed([*_carried(promise), *_late(_past(promise, story, whys, now), leg.breached_at)], 0)
    if leg.state == "running" and leg.breached_at is None and leg.due_at is not None:
        lines += _summed(_ahead(story, now, leg.due_at), leg.elapsed)
    changes = (Change(at, before, after) for (_, before), (at, after) in pairwise(targets_held(promise)))
    return Told(leg, tuple(lines), tuple(changes), reading.held_at(promise.fulfilled_at or now))


def _carried(promise: Promise) -> Iterator[Part]:
    """What a merged ticket's leg had used up when it came here is one line: its spans are told on its own ticket."""
    if promise.load:
        yield Part(promise.load.carried.start, promise.load.at, CARRIED, counted=promise.load.carried.counted)


def _past(promise: Promise, story: Story, whys: Whys, now: datetime) -> Iterator[Part]:
    """The leg's life until now or its end, cut where it stopped, went on, or its calendar opened and closed."""
    life = (promise.counts_from, promise.fulfilled_at or promise.ended_at or now)
    stops = story.stops(promise.metric)
    for a, b in stretches(story, {since for since, _ in targets_held(promise)}, stops, life):
        if within(story.resolved.spans(), a):
            yield Part(a, b, SOLVED)
        elif within(stops, a):
            yield Part(a, b, PAUSED, _why(story, whys, a))
        else:
            yield from _hours(story.calendar_at(a), a, b, (RUNNING, CLOSED))


def _ahead(story: Story, now: datetime, due: datetime) -> Iterator[Part]:
    for a, b in pairwise(sorted({now, due, *(at for at in story.calendar_changes() if now < at < due)})):
        yield from _hours(story.calendar_at(a), a, b, (AHEAD, CLOSED_AHEAD))


def _hours(calendar: Calendar, a: datetime, b: datetime, kinds: tuple[str, str]) -> Iterator[Part]:
    """Open and closed spans of [a, b), in turn."""
    at = a
    for opens, closes in worktime.spans(calendar, a, b):
        if at < opens:
            yield Part(at, opens, kinds[1])
        yield Part(opens, closes, kinds[0])
        at = closes
    if at < b:
        yield Part(at, b, kinds[1])


def _why(story: Story, whys: Whys, at: datetime) -> str:
    since = next((a for a, b in story.paused.spans() if a <= at < b), at)
    return whys.get(since, "")


def _late(parts: Iterable[Part], breached_at: datetime | None) -> Iterator[Part]:
    """What runs after the breach is overrun."""
    for part in parts:
        if breached_at is None or part.kind != RUNNING or part.end <= breached_at:
            yield part
        elif part.start >= breached_at:
            yield replace(part, kind=LATE)
        else:
            yield replace(part, end=breached_at)
            yield replace(part, start=breached_at, kind=LATE)


def _summed(parts: Iterable[Part], total: int) -> list[Line]:
    """Neighbours of a kind are one line; open spans count, nothing else does."""
    lines: list[Line] = []
    for part in parts:
        total += part.seconds
        last = lines[-1] if lines else None
        if last and (last.kind, last.why, last.end) == (part.kind, part.why, part.start):
            lines[-1] = replace(last, end=part.end, seconds=last.seconds + part.seconds, sum=total)
        else:
            lines.append(Line(part.start, part.end, part.kind, part.why, part.seconds, total))
    return lines
