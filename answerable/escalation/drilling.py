"""How far a drill's test P0 has come, whether it stands still, and when the weekly drill is due: pure.

Each step has a moment from which it is waited for and so long a patience. What nobody did in it stands still there.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from answerable.lib import wallclock
from answerable.lib.hours import DAY
from answerable.lib.stretches import instant, seconds_of

# A P0 is paged so soon after it was accepted (issue: what is promised of any channel).
IN_TIME = timedelta(seconds=10)
# Between a plan that has run out and its being noticed.
SPARE = timedelta(minutes=5)
# How late a weekly drill may still begin: workers were restarted, not away.
AT_MOST_LATE = timedelta(minutes=15)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SEND, ACCEPT, RAISE, PAGE, ANSWER = "send", "accept", "raise", "page", "answer"
STEPS = (SEND, ACCEPT, RAISE, PAGE, ANSWER)
_PATIENCE = {
    SEND: timedelta(seconds=30),
    ACCEPT: timedelta(seconds=60),
    RAISE: timedelta(seconds=60),
    PAGE: timedelta(seconds=120),
}


@dataclass(frozen=True)
class Course:
    """When each step came about; None: not yet. `plan_seconds`: how long its pages go on."""

    begun_at: datetime
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    raised_at: datetime | None = None
    paged_at: datetime | None = None
    acked_at: datetime | None = None
    plan_seconds: int = 0

    @property
    def reached(self) -> tuple[datetime | None, ...]:
        """The moments of STEPS."""
        return (self.sent_at, self.accepted_at, self.raised_at, self.paged_at, self.acked_at)


def waits_for(course: Course) -> str:
    """The step that is next; "" when somebody has answered. Who accepted what nobody is known to have sent, did."""
    last = max((number for number, at in enumerate(course.reached) if at is not None), default=-1)
    return STEPS[last + 1] if last + 1 < len(STEPS) else ""


def stands_still(course: Course, now: datetime) -> bool:
    """Whether that step should have come about by now."""
    step = waits_for(course)
    if not step:
        return False
    since = max(at for at in (course.begun_at, *course.reached) if at is not None)
    if step != ANSWER:
        return now > since + _PATIENCE[step]
    begin = course.raised_at or since
    return now > begin + timedelta(seconds=course.plan_seconds) + SPARE


def after_acceptance(course: Course, at: datetime | None) -> int | None:
    """Seconds from its acceptance to that moment."""
    if at is None or course.accepted_at is None:
        return None
    return max(0, int((at - course.accepted_at).total_seconds()))


def is_in_time(course: Course) -> bool:
    """Whether its first page was handed over soon enough, or somebody had answered before one could be."""
    seconds = after_acceptance(course, course.paged_at or course.acked_at)
    return seconds is not None and seconds <= IN_TIME.total_seconds()


@dataclass(frozen=True)
class Weekly:
    """Each week on this day (0: Monday) at so many minutes after midnight, by the clock on the wall of a zone."""

    day: int
    minutes: int
    zone: str

    @classmethod
    def read(cls, day: str, at: str, zone: str) -> "Weekly":
        """From "tue", "10:00" and the zone's name."""
        hours, minutes = at.split(":")
        return cls(DAYS.index(day), int(hours) * 60 + int(minutes), zone)


def due(weekly: Weekly, now: datetime) -> datetime:
    """The latest moment of the plan that has come: the first at which the wall shows that time of that day, or more."""
    shown = wallclock.furthest(weekly.zone, seconds_of(now)) - weekly.minutes * 60
    today = shown // DAY
    return _at(weekly, today - (today - weekly.day) % 7)


def following(weekly: Weekly, now: datetime) -> datetime:
    """The next one after now."""
    last = due(weekly, now)
    day = wallclock.furthest(weekly.zone, seconds_of(last)) - weekly.minutes * 60
    return _at(weekly, day // DAY + 7)


def _at(weekly: Weekly, day: int) -> datetime:
    """`day`: since 1 January of the year 1, which was a Monday."""
    assert date.min.weekday() == 0
    return instant(wallclock.first_at(weekly.zone, day * DAY + weekly.minutes * 60))
