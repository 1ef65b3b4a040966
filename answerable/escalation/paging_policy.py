"""The paging policies in force, whose plan an alert follows, and who stands behind the names in a step."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.paging import Find, People, Plan, Step
from answerable.lib.fresh import Fresh
from answerable.people.absence_queries import away_until
from answerable.people.models import Person, Role, Team
from answerable.people.queries import by_email, staff, vendor

# Who is on call by a schedule at a moment: an id, or None for nobody.
OnCall = Callable[[str, datetime], int | None]

SCHEDULE, LEADS, ADMINS = "on_call.", "leads", "admins"
# Where no policy says otherwise.
CALM_WAIT, CALM_EVERY = 600, 300


@dataclass(frozen=True)
class PagingSpec:
    """[paging.<key>], and the keys of the teams that name it."""

    key: str
    plan: Plan
    teams: tuple[str, ...] = ()


def apply_paging(specs: Iterable[PagingSpec], now: datetime) -> None:
    """These are in force; what is missing is retired. Alerts that are under way keep their plan."""
    kept = [_apply(spec) for spec in specs]
    PagingPolicy.objects.exclude(key__in=kept).filter(retired_at__isnull=True).update(retired_at=now)
    policies.forget()


def _apply(spec: PagingSpec) -> str:
    values = {
        "steps": [{"who": list(step.who), "wait": step.wait} for step in spec.plan.steps],
        "every_seconds": spec.plan.every,
        "rounds": spec.plan.rounds,
        "teams": list(spec.teams),
        "retired_at": None,
    }
    PagingPolicy.objects.update_or_create(key=spec.key, defaults=values)
    return spec.key


def _policies() -> dict[str, PagingSpec]:
    rows = PagingPolicy.objects.filter(retired_at__isnull=True).order_by("key")
    return {row.key: PagingSpec(row.key, _plan(row), tuple(row.teams)) for row in rows}


def _plan(row: PagingPolicy) -> Plan:
    return Plan(_steps(row.steps), row.every_seconds, row.rounds)


def _steps(stored: Iterable[dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(tuple(step["who"]), step["wait"]) for step in stored)


# By their keys; at most a few seconds old.
policies: Fresh[dict[str, PagingSpec]] = Fresh(_policies)


def stored(plan: Plan) -> dict[str, Any]:
    """As an alert keeps it."""
    return asdict(plan)


def read(kept: dict[str, Any]) -> Plan:
    """What `stored` gave."""
    return Plan(_steps(kept["steps"]), kept["every"], kept["rounds"], goes_on=kept.get("goes_on", True))


def policy_of(team: Team | None) -> tuple[str, Plan]:
    """Key and plan for alerts of this team; without a team, those of `p0_team`. Where no policy names it: the team's
    leads, then administrators, by the key ""."""
    key = team.key if team else str(vendor().settings.get("p0_team") or "")
    named = next((one for one in policies().values() if key and key in one.teams), None)
    return (named.key, _of_team(named.plan, key)) if named else ("", calm(key))


def _of_team(plan: Plan, key: str) -> Plan:
    """With the team's own leads where a step says "leads"."""
    steps = (Step(tuple(_own(name, key) for name in step.who), step.wait) for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _own(name: str, team_key: str) -> str:
    return f"{LEADS}:{team_key}" if name == LEADS else name


def calm(team_key: str) -> Plan:
    """The plan of a team for which nobody wrote one."""
    leads = (Step((_own(LEADS, team_key),), CALM_WAIT),) if team_key else ()
    return Plan((*leads, Step((ADMINS,), CALM_WAIT)), CALM_EVERY)


def finder(on_call: OnCall) -> Find:
    """Who is behind a name now: nobody who has left, or is away."""

    def find(name: str, at: datetime) -> People:
        people = _named(name, at, on_call)
        # Whoever is on call is there: their absences are the schedule's affair.
        away = () if name.startswith(SCHEDULE) else [one for one in people if away_until(one, at) is not None]
        return tuple(one.pk for one in people if one.is_staff and one not in away)

    return find


def _named(name: str, at: datetime, on_call: OnCall) -> list[Person]:
    if name == ADMINS:
        return list(staff().filter(role=Role.ADMIN))
    if name.startswith(f"{LEADS}:"):
        return list(staff().filter(role=Role.LEAD, teams__key=name.removeprefix(f"{LEADS}:")))
    if name.startswith(SCHEDULE):
        pk = on_call(name.removeprefix(SCHEDULE), at)
        return list(Person.objects.filter(pk=pk)) if pk is not None else []
    person = by_email(name)
    return [person] if person else []
