"""A drill in words: how far each test P0 came, how long that took, what stood still and where to look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from answerable.casework.drill_actions import DRILL
from answerable.escalation.drill_queries import Drill, DrillLeg, DrillRule, Ran, course_of, went_well
from answerable.escalation.drilling import (
    ACCEPT,
    ANSWER,
    IN_TIME,
    PAGE,
    RAISE,
    SEND,
    STEPS,
    after_acceptance,
    is_in_time,
    stands_still,
    waits_for,
)
from answerable.ui.words import clock_time, duration

_LOOKS = {"passed": "is-kept", "failed": "is-broken", "running": "is-risk"}


@dataclass(frozen=True)
class Step:
    """One step of the way. `look`: is-done, is-late, is-broken, or "" for what is ahead."""

    name: str
    said: str
    look: str = ""


@dataclass(frozen=True)
class Leg:
    """One way in. `why`: what stood still, "" where nothing did. `alert`: its id, once there is one."""

    name: str
    state: str
    look: str
    steps: tuple[Step, ...]
    why: str = ""
    alert: int | None = None


@dataclass(frozen=True)
class Run:
    """One drill."""

    id: int
    at: datetime
    state: str
    look: str
    about: str
    legs: tuple[Leg, ...]
    why: str = ""
    runs: bool = False


def run_of(ran: Ran, now: datetime) -> Run:
    """As a page shows it."""
    row = ran.drill
    return Run(
        row.pk,
        row.began_at,
        state_word(row.state),
        _LOOKS.get(row.state, ""),
        _about(row),
        tuple(leg_of(leg, now) for leg in ran.legs),
        _why_not(row),
        runs=row.state == "running",
    )


def state_word(state: str) -> str:
    """Where a drill stands."""
    known = {
        "running": _("Running"),
        "passed": _("Passed"),
        "failed": _("Failed"),
        "stopped": _("Stopped"),
        "skipped": _("Skipped"),
    }
    return known[state]


def _about(row: Drill) -> str:
    whose = row.team.name if row.team else _("P0 without a team")
    if row.planned_at is not None:
        return _("Weekly · %(whose)s") % {"whose": whose}
    return _("Begun by %(who)s · %(whose)s") % {"who": row.by_label, "whose": whose}


def _why_not(row: Drill) -> str:
    known = {
        "burns": _("A real P0 was waiting for an answer."),
        "running": _("Another drill was running."),
        "late": _("Nothing ran at that time."),
    }
    if row.state == "stopped":
        return _("%(who)s stopped it.") % {"who": row.ended_by}
    return known.get(row.why, "")


def channel_word(channel: str) -> str:
    """How it came in."""
    return {"mail": _("By mail"), "portal": _("By the portal")}[channel]


def leg_of(leg: DrillLeg, now: datetime) -> Leg:
    """One way in, in words."""
    state, look = _state(leg)
    return Leg(channel_word(leg.channel), state, look, tuple(_steps(leg, now)), why_of(leg, now), leg.alert_id)


def _state(leg: DrillLeg) -> tuple[str, str]:
    if leg.ended_at is None:
        return _("Under way"), "is-risk"
    if went_well(leg):
        return _("Paged in time, answered"), "is-kept"
    if leg.acked_at is not None:
        return _("Paged too late"), "is-broken"
    return (_("Nobody answered"), "is-broken") if leg.stood_at == ANSWER else (_("Did not page"), "is-broken")


def step_word(step: str) -> str:
    """What comes about in it."""
    known = {
        SEND: _("Sent"),
        ACCEPT: _("Accepted"),
        RAISE: _("Alert"),
        PAGE: _("First page"),
        ANSWER: _("Answer"),
    }
    return known[step]


def _steps(leg: DrillLeg, now: datetime) -> Iterator[Step]:
    course = course_of(leg)
    broken = stuck_at(leg, now)
    for step, at in zip(STEPS[1:], course.reached[1:], strict=True):
        if at is None:
            yield Step(step_word(step), _("no") if step == broken else "–", "is-broken" if step == broken else "")
        elif step == ACCEPT:
            yield Step(step_word(step), f"{timezone.localtime(at):%H:%M:%S}", "is-done")
        else:
            late = step == PAGE and not is_in_time(course)
            yield Step(step_word(step), _took(leg, step, at), "is-late" if late else "is-done")


def _took(leg: DrillLeg, step: str, at: datetime) -> str:
    """Since it was accepted."""
    took = duration(after_acceptance(course_of(leg), at) or 0)
    return f"{took}, {leg.acked_by}" if step == ANSWER and leg.acked_by else took


def stuck_at(leg: DrillLeg, now: datetime) -> str:
    """The step that did not come about; of one that is under way, the one that should have by now."""
    if leg.ended_at is not None:
        return leg.stood_at
    course = course_of(leg)
    return waits_for(course) if stands_still(course, now) else ""


def why_of(leg: DrillLeg, now: datetime) -> str:
    """What stood still, and where to look; "" where nothing did."""
    step = stuck_at(leg, now)
    if not step or leg.drill.state == "stopped":
        said = "" if leg.acked_at is None or is_in_time(course_of(leg)) else _late(leg)
    else:
        said = _stood(leg, step)
    if leg.late_at is None:
        return said
    after = _("It came after all, %(time)s, when nobody waited for it any more: it paged nobody.")
    return f"{said} {after % {'time': clock_time(leg.late_at, now)}}".strip()


def _late(leg: DrillLeg) -> str:
    took = after_acceptance(course_of(leg), leg.paged_at or leg.acked_at) or 0
    words = {"took": duration(took), "limit": duration(int(IN_TIME.total_seconds()))}
    return _("Its first page left after %(took)s; %(limit)s is the limit.") % words


def _stood(leg: DrillLeg, step: str) -> str:
    if step == ACCEPT:
        by = _("The intake did not take it") if leg.channel == "mail" else _("The web server did not take it")
        return f"{by}: {leg.error}." if leg.error else f"{by}."
    if step == PAGE:
        return _unpaged(leg)
    if step == ANSWER:
        return _unanswered(leg)
    known = {
        SEND: _("Nothing has sent it: is a worker running?"),
        RAISE: _("It was accepted and lies there: no alert came of it. Is a worker running?"),
    }
    return known[step]


def _unpaged(leg: DrillLeg) -> str:
    if leg.error:
        return _("The alert was raised, and no page could be handed over: %(why)s.") % {"why": leg.error}
    if leg.alert is not None and leg.alert.out_at is not None:
        return _("The alert was raised, and nobody is there to be paged: no step of the paging policy has anybody.")
    return _("The alert was raised, and no page has left: is a worker running, and who is paged at once?")


def _unanswered(leg: DrillLeg) -> str:
    ended_by = leg.alert.resolved_by if leg.alert else ""
    if ended_by and ended_by != DRILL.label:
        return _("%(who)s ended the alert without saying that they have it.") % {"who": ended_by}
    return _("Nobody answered until the paging policy had run out.")


def plan_words(row: DrillRule) -> str:
    """When the weekly drill is, as the policy has it."""
    days = {
        "mon": _("Mondays"),
        "tue": _("Tuesdays"),
        "wed": _("Wednesdays"),
        "thu": _("Thursdays"),
        "fri": _("Fridays"),
        "sat": _("Saturdays"),
        "sun": _("Sundays"),
    }
    return _("%(days)s at %(time)s (%(zone)s)") % {"days": days[row.day], "time": row.at, "zone": row.zone}
