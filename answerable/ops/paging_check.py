"""Whether a P0 would reach somebody: what doctor says of paging."""

from collections.abc import Iterator
from datetime import datetime

from answerable.casework.paging_people import find
from answerable.escalation.paging import Step
from answerable.escalation.paging_policy import SCHEDULE, policies, policy_of
from answerable.escalation.schedule_queries import find as schedule
from answerable.lib import clock
from answerable.ops.finding import Finding
from answerable.people.models import Team
from answerable.people.queries import by_email, staff, teams, vendor


def examine() -> Iterator[Finding]:
    """Teams without a policy, names that are nobody's, and teams whose pages would reach nobody at this moment."""
    now, found = clock.now(), list(teams())
    if not found:
        return
    calm = [team.name for team in found if not policy_of(team)[0]]
    if calm:
        yield Finding(
            "note",
            f"a P0 of {', '.join(calm)} pages the team's leads and then administrators, by mail: write a "
            "[paging.KEY] into support.toml and name it as `paging` of the team",
        )
    if not vendor().settings.get("p0_team"):
        yield Finding("note", "a P0 without a team pages administrators alone: name a p0_team in support.toml")
    for key, spec in policies().items():
        for name in _strangers(spec.plan.steps):
            yield Finding("wrong", f"paging.{key} pages {name}, who is nobody on your staff")
        for name in _no_schedules(spec.plan.steps):
            yield Finding(
                "wrong", f"paging.{key} pages {name}, and there is no such schedule: its turn is passed at once"
            )
    alone = [team.name for team in found if not _reaches(team, now)]
    if alone:
        level = "wrong" if staff().exists() else "note"
        yield Finding(level, f"a P0 of {', '.join(alone)} would reach nobody now: nobody is on call, or all are away")
    else:
        yield Finding("ok", "a P0 of every team would reach somebody now")


def _strangers(steps: tuple[Step, ...]) -> list[str]:
    named = {name for step in steps for name in step.who if "@" in name and not name.startswith(SCHEDULE)}
    return sorted(name for name in named if (person := by_email(name)) is None or not person.is_staff)


def _no_schedules(steps: tuple[Step, ...]) -> list[str]:
    named = {name for step in steps for name in step.who if name.startswith(SCHEDULE)}
    return sorted(name for name in named if schedule(name.removeprefix(SCHEDULE)) is None)


def _reaches(team: Team, now: datetime) -> bool:
    _key, plan = policy_of(team)
    return any(find(name, now) for step in plan.steps for name in step.who)
