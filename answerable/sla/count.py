"""Counting: a leg's life walked once, stretch by stretch, with the room its promises leave (sla contract §1.3, §1.4).

All events of an instant come before its deadlines are looked at: what stops or changes in the very second of a deadline
is in time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from answerable.lib import worktime
from answerable.sla.story import Story
from answerable.sla.vocabulary import KEEP_ELAPSED, Promise, Span, Terms, Threshold


class Walk:
    """A leg's life from its start to `end`, counted once: `elapsed`, the room `left`, the first `due` instant in it."""

    def __init__(self, promise: Promise, story: Story, terms: Terms, stops: Sequence[Span], end: datetime) -> None:
        load = promise.load
        self.start = load.carried.start if load else promise.start
        self.elapsed = load.carried.counted if load else 0
        self.due: datetime | None = None
        self.warned: dict[Threshold, datetime] = {}
        self.targets = targets_held(promise)
        self._room = Room(self.targets, terms.retarget)
        before: int | None = None  # what was left at the end of the stretch before; None: it is new, or stood still
        for a, b in stretches(story, {since for since, _ in self.targets}, stops, (promise.counts_from, end)):
            if within(stops, a):
                before = None
                continue
            calendar, left = story.calendar_at(a), self._room.left(a, self.elapsed)
            counted = worktime.between(calendar, a, b)
            if left is not None:
                self._fall_due(calendar, a, b, left)
                self._forget(left, before)
                self._warn(terms.warnings, calendar, a, b, left)
                before = max(0, left - counted)
            self.elapsed += counted
        self.left = self._room.left(end, self.elapsed)
        self._forget(self.left, before)

    @property
    def target(self) -> int:
        """The target that holds at the end; 0 without one."""
        return self._room.target or 0

    def _fall_due(self, calendar: worktime.Calendar, a: datetime, b: datetime, left: int) -> None:
        if self.due is None:
            used_up = worktime.add(calendar, a, left, until=b)
            self.due = used_up if used_up != b else None  # at b it has stopped, or what counts then is the next one's

    def _forget(self, left: int | None, before: int | None) -> None:
        """It goes on after a stop, or has more room than before: it falls due later, and warnings are given anew."""
        if before is None or (left is not None and left > before):
            self.warned.clear()

    def _warn(
        self, thresholds: Sequence[Threshold], calendar: worktime.Calendar, a: datetime, b: datetime, left: int
    ) -> None:
        for threshold in thresholds:
            room = threshold.room(self.target)
            if threshold in self.warned or room >= self.target:
                continue
            reached = worktime.add(calendar, a, max(0, left - room), until=b)
            if reached is not None and reached != b:
                self.warned[threshold] = reached


class Room:
    """The promises in force (sla contract §1.4): the current target, and every larger one the leg has had.

    Each counts from its anchor, the first instant at which the leg's target was that or smaller (keep_elapsed: the
    start). So a smaller target counts in full but never gives more room than there was, and toggling buys nothing.
    """

    def __init__(self, targets: Sequence[tuple[datetime, int | None]], retarget: str) -> None:
        self._ahead = list(reversed(targets))
        self._whole = len(targets)
        self._keep_elapsed = retarget == KEEP_ELAPSED
        self.target: int | None = None
        self._had: list[tuple[int, int]] = []  # what was counted when it began, target

    def left(self, at: datetime, counted: int) -> int | None:
        """Open seconds until one of them is used up, 0 if one is; None without a target. Ask in order of time."""
        while self._ahead and self._ahead[-1][0] <= at:
            # The first one counts from the leg's start, also where a carried leg has used up a part of it.
            anchor = 0 if self._keep_elapsed or len(self._ahead) == self._whole else counted
            self.target = self._ahead.pop()[1]
            if self.target is not None:
                self._had.append((anchor, self.target))
        if self.target is None:
            return None
        used = {value: counted - self._anchor(value) for _, value in self._had if value >= self.target}
        return max(0, min(value - spent for value, spent in used.items()))

    def _anchor(self, value: int) -> int:
        return next(counted for counted, target in self._had if target <= value)


def targets_held(promise: Promise) -> list[tuple[datetime, int | None]]:
    """The leg's targets, the first of them held since it began. A carried leg never had those from before it came."""
    if promise.load is None:
        return promise.targets
    came = promise.counts_from
    held = [target for since, target in promise.targets if since <= came][-1]
    return [(came, held), *(one for one in promise.targets if one[0] > came)]


def stretches(story: Story, changes: set[datetime], stops: Sequence[Span], life: Span) -> Iterable[Span]:
    """The leg's life, cut wherever it stops, goes on, or counts otherwise."""
    began, end = life
    cuts = changes.union(story.calendar_changes(), *stops)
    return pairwise(sorted({at for at in cuts if began < at < end} | {began, end}))


def within(spans: Iterable[Span], at: datetime) -> bool:
    return any(start <= at < end for start, end in spans)
