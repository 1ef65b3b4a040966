"""The promise engine (sla contract §1): from a ticket's events to its legs. No clock, no database, no settings.

`story` folds the events; here the life of each leg is walked once and counted. All events of an instant come before its
deadlines are looked at, so a reply, a pause or a change of target in the very second of the deadline is in time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from answerable.lib import worktime
from answerable.sla.count import Walk, within
from answerable.sla.story import Story
from answerable.sla.vocabulary import (
    EVER,
    FOREVER,
    FROM_CHANGE,
    KEEP_ELAPSED,
    METRICS,
    PAUSABLE,
    Carried,
    Event,
    Load,
    Promise,
    Span,
    Terms,
    Threshold,
)

__all__ = [
    "FROM_CHANGE",
    "KEEP_ELAPSED",
    "METRICS",
    "PAUSABLE",
    "Carried",
    "Event",
    "Leg",
    "Terms",
    "Threshold",
    "evaluate",
    "next_due",
]

RUNNING, PAUSED, CANCELLED, FULFILLED, CARRIED = "running", "paused", "cancelled", "fulfilled", "carried"


@dataclass(frozen=True)
class Leg:
    """One promise being kept once. `elapsed` and `remaining` are open seconds during which the leg ran.

    `due_at` is the breach if there was one, else when the leg falls due if nothing more happens; None while it cannot:
    paused, cancelled, kept, without target, or not within 366 days (a calendar that hardly ever opens).
    `remaining` is the room left of a leg that has a target and is not fulfilled, 0 once it is used up.
    `paused` ends with (since, None) while the leg is paused. `cause` of a breach: "time" or "retarget".
    `warnings`: of a running leg that is not broken, when each threshold was or will be reached, for this due time.
    """

    metric: str
    index: int
    start: datetime
    target: int | None
    state: str
    fulfilled_at: datetime | None
    paused: tuple[tuple[datetime, datetime | None], ...]
    elapsed: int
    remaining: int | None
    due_at: datetime | None
    breached_at: datetime | None
    cause: str
    excused: str = ""
    warnings: tuple[tuple[Threshold, datetime], ...] = ()


def evaluate(events: Iterable[Event], terms: Terms, now: datetime) -> list[Leg]:
    """The ticket's legs as they stand at `now`, by metric and index. Events come in order.

    After `now` only calendar versions are read: they are known ahead, and say which seconds will count.
    """
    story = fold(events, terms, now)
    legs = [judge(promise, story, terms, now) for promise in story.promises]
    return sorted(legs, key=lambda leg: (METRICS.index(leg.metric), leg.index))


def fold(events: Iterable[Event], terms: Terms, now: datetime) -> Story:
    """What the ticket lived through until `now`. Raises ValueError on events out of order."""
    story = Story(terms)
    last = EVER
    for event in events:
        if event.at < last:
            raise ValueError(f"events out of order: {event.kind} at {event.at:%Y-%m-%dT%H:%M:%SZ}")
        last = event.at
        if event.at <= now or event.kind == "calendar":
            story.tell(event)
            if event.kind == "merged_in":
                for carried in event.carried:
                    _take_in(story, terms, Load(carried, event.at, event.source))
            elif event.kind == "unmerged" and event.source is not None:
                _give_back(story, terms, event)
    return story


def _take_in(story: Story, terms: Terms, load: Load) -> None:
    """Of the carried leg and ours of the same metric, the one with less room left is kept (contract §1.4).

    A breach of ours from before is final, whichever is kept.
    """
    metric = story.metric_here(load.carried.metric)
    own = story.open_leg(metric)
    if own is None:
        story.adopt(metric, load)
        return
    ours = judge(own, story, terms, load.at)
    theirs = judge(replace(own, load=load), story, terms, load.at).remaining
    if theirs is not None and (ours.remaining is None or theirs < ours.remaining):
        own.load = load
        own.broken = (ours.breached_at, ours.cause) if ours.breached_at else own.broken


def _give_back(story: Story, terms: Terms, event: Event) -> None:
    """Without the carried legs from now on; what broke under them stays broken."""
    for promise in story.promises:
        if promise.load is None or promise.load.source != event.source or not promise.is_open:
            continue
        leg = judge(promise, story, terms, event.at)
        if promise.adopted:
            promise.ended_at = event.at
        else:
            promise.load = None
            promise.broken = (leg.breached_at, leg.cause) if leg.breached_at else promise.broken


def next_due(legs: Iterable[Leg]) -> Leg | None:
    """The running leg that falls due first, or fell due and is still unanswered; None if nothing is owed by a date."""
    found: Leg | None = None
    for leg in legs:
        if leg.state != RUNNING or leg.due_at is None:
            continue
        if found is None or found.due_at is None or leg.due_at < found.due_at:
            found = leg
    return found


def judge(promise: Promise, story: Story, terms: Terms, now: datetime) -> Leg:
    """One promise of a folded story, as it stands at `now`."""
    stops = story.stops(promise.metric)
    end = promise.fulfilled_at or promise.ended_at or now
    walk = Walk(promise, story, terms, stops, end)
    state, shown_until = _state(promise, story, stops, now)
    breached_at, cause = _breach(promise, walk)
    due = breached_at
    if due is None and walk.left is not None and state == RUNNING:
        due = _forecast(story, now, walk.left)
    return Leg(
        metric=promise.metric,
        index=promise.index,
        start=walk.start,
        target=promise.targets[-1][1],
        state=state,
        fulfilled_at=promise.fulfilled_at,
        paused=tuple(_paused(stops, walk.start, shown_until)),
        elapsed=walk.elapsed,
        remaining=None if state == FULFILLED else walk.left,
        due_at=due,
        breached_at=breached_at,
        cause=cause,
        excused=promise.excused,
        warnings=tuple(_warnings(walk, story, terms, now)) if state == RUNNING and not breached_at else (),
    )


def _warnings(walk: Walk, story: Story, terms: Terms, now: datetime) -> Iterable[tuple[Threshold, datetime]]:
    """When each threshold was reached, or will be if nothing more happens."""
    for threshold in terms.warnings:
        at = walk.warned.get(threshold)
        room = threshold.room(walk.target)
        if at is None and walk.left is not None and room < walk.target:
            at = _forecast(story, now, max(0, walk.left - room))
        if at is not None:
            yield threshold, at


def _breach(promise: Promise, walk: Walk) -> tuple[datetime | None, str]:
    """The first instant at which the leg was broken, and why; what was found lies before `now`."""
    changes = {since for since, _ in walk.targets[1:]}
    found = None if walk.due is None else (walk.due, "retarget" if walk.due in changes else "time")
    known = [one for one in (found, promise.broken) if one is not None]
    return min(known) if known else (None, "")


def _forecast(story: Story, now: datetime, left: int) -> datetime | None:
    """When `left` open seconds will have passed: only the calendar can change without a further event."""
    horizon = now + worktime.HORIZON
    cuts = [now, *(at for at in story.calendar_changes() if now < at < horizon), horizon]
    for a, b in pairwise(cuts):
        calendar = story.calendar_at(a)
        due = worktime.add(calendar, a, left, until=b)
        if due is not None:
            return due
        left -= worktime.between(calendar, a, b)
    return None


def _state(promise: Promise, story: Story, stops: Sequence[Span], now: datetime) -> tuple[str, datetime]:
    """The state, and how far its stopped spans are told."""
    if promise.fulfilled_at is not None:
        return FULFILLED, promise.fulfilled_at
    if promise.ended_at is not None:
        return CARRIED, promise.ended_at
    if story.resolved.since is not None:
        return CANCELLED, story.resolved.since
    return PAUSED if within(stops, now) else RUNNING, FOREVER


def _paused(stops: Iterable[Span], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    for stopped, resumed in stops:
        a, b = max(stopped, start), min(resumed, end)
        if a < b:
            yield a, None if b == FOREVER else b
