"""The promise engine (sla contract §1): from a ticket's events to its legs. No clock, no database, no settings.

`story` folds the events; here the life of each leg is walked once and counted. All events of an instant come before its
deadlines are looked at, so a reply, a pause or a change of target in the very second of the deadline is in time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from answerable.lib import worktime
from answerable.sla.story import (
    EVER,
    FOREVER,
    FROM_CHANGE,
    KEEP_ELAPSED,
    METRICS,
    PAUSABLE,
    Event,
    Promise,
    Span,
    Story,
    Terms,
)

__all__ = ["FROM_CHANGE", "KEEP_ELAPSED", "METRICS", "PAUSABLE", "Event", "Leg", "Terms", "evaluate", "next_due"]

RUNNING, PAUSED, CANCELLED, FULFILLED = "running", "paused", "cancelled", "fulfilled"


@dataclass(frozen=True)
class Leg:
    """One promise being kept once. `elapsed` and `remaining` are open seconds during which the leg ran.

    `due_at` is the breach if there was one, else when the leg falls due if nothing more happens; None while it cannot:
    paused, cancelled, kept, without target, or not within 366 days (a calendar that hardly ever opens).
    `remaining` is the room left of a leg that has a target and is not fulfilled, 0 once it is used up.
    `paused` ends with (since, None) while the leg is paused. `cause` of a breach: "time" or "retarget".
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


def evaluate(events: Iterable[Event], terms: Terms, now: datetime) -> list[Leg]:
    """The ticket's legs as they stand at `now`, by metric and index. Events come in order.

    After `now` only calendar versions are read: they are known ahead, and say which seconds will count.
    """
    story = Story(terms)
    last = EVER
    for event in events:
        if event.at < last:
            raise ValueError(f"events out of order: {event.kind} at {event.at:%Y-%m-%dT%H:%M:%SZ}")
        last = event.at
        if event.at <= now or event.kind == "calendar":
            story.tell(event)
    legs = [_judge(promise, story, terms, now) for promise in story.promises]
    return sorted(legs, key=lambda leg: (METRICS.index(leg.metric), leg.index))


def next_due(legs: Iterable[Leg]) -> Leg | None:
    """The running leg that falls due first, or fell due and is still unanswered; None if nothing is owed by a date."""
    found: Leg | None = None
    for leg in legs:
        if leg.state != RUNNING or leg.due_at is None:
            continue
        if found is None or found.due_at is None or leg.due_at < found.due_at:
            found = leg
    return found


def _judge(promise: Promise, story: Story, terms: Terms, now: datetime) -> Leg:
    stops = story.stops(pausable=promise.metric in terms.pausable)
    room = _Room(promise, terms.retarget)
    end = promise.fulfilled_at or now
    elapsed, due = 0, None
    for a, b in _stretches(promise, story, stops, end):
        if _within(stops, a):
            continue
        calendar, left = story.calendar_at(a), room.left(a, elapsed)
        if due is None and left is not None:
            used_up = worktime.add(calendar, a, left, until=b)
            due = used_up if used_up != b else None  # at b it has stopped, or what counts then is the next stretch's
        elapsed += worktime.between(calendar, a, b)
    left = room.left(end, elapsed)
    state, shown_until = _state(promise, story, stops, now)
    breached_at = due  # whatever was found lies before `now`
    if due is None and left is not None and state == RUNNING:
        due = _forecast(story, now, left)
    return Leg(
        metric=promise.metric,
        index=promise.index,
        start=promise.start,
        target=promise.targets[-1][1],
        state=state,
        fulfilled_at=promise.fulfilled_at,
        paused=tuple(_paused(stops, promise.start, shown_until)),
        elapsed=elapsed,
        remaining=None if state == FULFILLED else left,
        due_at=due,
        breached_at=breached_at,
        cause=_cause(promise, breached_at),
    )


class _Room:
    """The promises in force (sla contract §1.4): the current target, and every larger one the leg has had.

    Each counts from its anchor, the first instant at which the leg's target was that or smaller (keep_elapsed: the
    start). So a smaller target counts in full but never gives more room than there was, and toggling buys nothing.
    """

    def __init__(self, promise: Promise, retarget: str) -> None:
        self._ahead = list(reversed(promise.targets))
        self._keep_elapsed = retarget == KEEP_ELAPSED
        self._target: int | None = None
        self._had: list[tuple[int, int]] = []  # what was counted when it began, target

    def left(self, at: datetime, counted: int) -> int | None:
        """Open seconds until one of them is used up, 0 if one is; None without a target. Ask in order of time."""
        while self._ahead and self._ahead[-1][0] <= at:
            self._target = self._ahead.pop()[1]
            if self._target is not None:
                self._had.append((0 if self._keep_elapsed else counted, self._target))
        if self._target is None:
            return None
        used = {value: counted - self._anchor(value) for _, value in self._had if value >= self._target}
        return max(0, min(value - spent for value, spent in used.items()))

    def _anchor(self, value: int) -> int:
        return next(counted for counted, target in self._had if target <= value)


def _stretches(promise: Promise, story: Story, stops: Sequence[Span], end: datetime) -> Iterable[Span]:
    """The leg's life, cut wherever it stops, goes on, or counts otherwise."""
    cuts = {since for since, _ in promise.targets}.union(story.calendar_changes(), *stops)
    inside = {at for at in cuts if promise.start < at < end}
    return pairwise(sorted(inside | {promise.start, end}))


def _within(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)


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
    if story.resolved.since is not None:
        return CANCELLED, story.resolved.since
    return PAUSED if _within(stops, now) else RUNNING, FOREVER


def _paused(stops: Iterable[Span], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    for stopped, resumed in stops:
        a, b = max(stopped, start), min(resumed, end)
        if a < b:
            yield a, None if b == FOREVER else b


def _cause(promise: Promise, breached_at: datetime | None) -> str:
    if breached_at is None:
        return ""
    changes = {since for since, _ in promise.targets[1:]}
    return "retarget" if breached_at in changes else "time"
