"""When an escalation of a request of some severity would find nobody on any level of the ladder: exact spans ahead.

P0 is paged (escalation.coverage_queries). The others page nobody by themselves: for them the ladder is what asks
people, P1 at any hour and the rest in the hours of their calendar, by which its timers count.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from answerable.casework import ladder_rules
from answerable.casework.ladder_steps import AROUND_THE_CLOCK
from answerable.escalation.coverage import Span, both, nobody
from answerable.escalation.coverage_queries import Hole, ahead, p0_holes, world_of
from answerable.escalation.paging_policy import SCHEDULE
from answerable.lib.worktime import spans
from answerable.people.queries import teams
from answerable.sla import calendars
from answerable.sla.calendars import version_at
from answerable.sla.queries import targets

SEVERITIES = ("P1", "P2", "P3")


def holes(now: datetime) -> list[Hole]:
    """Of all severities, the gravest first."""
    return [*p0_holes(now), *ladder_holes(ladder_rules.rules(), now)]


def ladder_holes(given: ladder_rules.Rules, now: datetime) -> list[Hole]:
    """What the ladder leaves open, by severity and team."""
    return list(_ladder(given, now)) if given.top else []


def _ladder(given: ladder_rules.Rules, now: datetime) -> Iterator[Hole]:
    own = {team.key: ladder_rules.named(given, team) for team in teams()}
    schedules = [f"{SCHEDULE}{rung.schedule}" for rung in given.levels if rung.schedule]
    world = world_of(schedules, now, own)
    for severity in SEVERITIES:
        hours = hours_of(severity, now)
        for team in teams():
            missing = nobody([team.key, *schedules], world, hours)
            if missing:
                yield Hole(severity, team.key, team.name, "", tuple(missing))


def hours_of(severity: str, now: datetime) -> Sequence[Span]:
    """When the ladder's timers of this severity run in the weeks ahead, for organizations without a plan."""
    everything = ahead(now)
    versions = calendars.current().get(targets("", severity).calendar, ())
    if severity in AROUND_THE_CLOCK or not versions:
        return everything
    (start, end), *_rest = everything
    return both(everything, list(spans(version_at(versions, now).calendar, start, end)))
