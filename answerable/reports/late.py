"""How late a broken promise was answered, by two clocks (sla contract §1.3): a Saturday answer to a deadline of Friday
17:00 is late, though no open second has passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.sla.calendars import Book
from answerable.sla.count import Walk
from answerable.sla.evaluate import fold
from answerable.sla.models import Leg
from answerable.sla.reading import read
from answerable.sla.story import Story
from answerable.sla.vocabulary import Promise
from answerable.tickets.models import Event


@dataclass(frozen=True)
class Late:
    """Seconds: of open time in which the leg ran, and by the clock on the wall."""

    open: int
    wall: int


def how_late(history: Sequence[Event], book: Book, leg: Leg, now: datetime) -> Late:
    """From the moment the promise was broken to its answer; unanswered, until the request was solved or merged, or now.

    Open seconds are what the engine counted at the one moment less what it had counted at the other, so pauses,
    calendars and changed targets need no second arithmetic.
    """
    assert leg.breached_at is not None
    reading = read(history, book)
    story = fold(reading.events, reading.terms, now) if reading else None
    promise = _promise(story, leg) if story else None
    if reading is None or story is None or promise is None:
        return Late(0, _seconds(leg.breached_at, leg.fulfilled_at or now))
    end = promise.fulfilled_at or promise.ended_at or story.resolved.since or now
    stops = story.stops(promise.metric)
    began = promise.load.at if promise.load else promise.start
    at_end, at_breach = (
        Walk(promise, story, reading.terms, stops, max(at, began)).elapsed for at in (end, leg.breached_at)
    )
    return Late(max(0, at_end - at_breach), _seconds(leg.breached_at, end))


def _promise(story: Story, leg: Leg) -> Promise | None:
    return next((one for one in story.promises if (one.metric, one.index) == (leg.metric, leg.index)), None)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
