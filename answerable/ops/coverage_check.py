"""Whether every severity reaches somebody in the weeks ahead: what doctor says of it."""

from collections.abc import Iterator
from datetime import datetime

from answerable.casework.ladder_coverage import holes
from answerable.escalation.coverage_queries import P0, Hole
from answerable.escalation.paging_policy import policies
from answerable.escalation.paging_policy_queries import RETIRED, faults
from answerable.escalation.schedule_queries import AHEAD_DAYS
from answerable.ops.finding import Finding
from answerable.people.queries import staff


def examine(now: datetime) -> Iterator[Finding]:
    """Times without anybody, by severity; and steps that name retired schedules."""
    for key, spec in policies().items():
        for name, why in faults(spec.plan).items():
            if why == RETIRED:
                yield Finding("wrong", f"paging.{key} pages {name}, a schedule that is retired: name another one")
    found = holes(now) if staff().exists() else []
    for hole in found:
        yield Finding("wrong" if hole.severity == P0 else "note", _said(hole))
    if not found and staff().exists():
        yield Finding("ok", f"every severity reaches somebody at any time of the next {AHEAD_DAYS} days")


def _said(hole: Hole) -> str:
    start, end = hole.spans[0]
    when = f"from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    more = f" and {len(hole.spans) - 1} times more in the next {AHEAD_DAYS} days" if len(hole.spans) > 1 else ""
    whose = f"of {hole.name}" if hole.name else "without a team"
    how = "an escalation of a" if hole.severity != P0 else "a"
    return f"{how} {hole.severity} {whose} would reach nobody {when}{more}: see On call at the desk"
