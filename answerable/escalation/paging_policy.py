"""The paging policies in force, whose plan an alert follows, and who stands behind the names in a step."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from answerable.audit.actions import Actor, record, system
from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.paging import Find, People, Plan, Step
from answerable.lib.fresh import Fresh
from answerable.people.absence_queries import away_until
from answerable.people.models import Person, Role, Team
from answerable.people.queries import by_email, staff, vendor

FILE, DESK, SUBJECT = "file", "desk", "paging_policy"
Content = dict[str, Any]  # {"name", "steps", "every", "rounds", "teams"}

# Who is on call by a schedule at a moment: an id, or None for nobody.
OnCall = Callable[[str, datetime], int | None]

SCHEDULE, LEADS, ADMINS = "on_call.", "leads", "admins"
# Where no policy says otherwise.
CALM_WAIT, CALM_EVERY = 600, 300


@dataclass(frozen=True)
class PagingSpec:
    """[paging.<key>], and the keys of the teams that name it. `managed` "desk": it only begins what a page says."""

    key: str
    plan: Plan
    teams: tuple[str, ...] = ()
    name: str = ""
    managed: str = FILE


APPLY = system("answerable apply")


@transaction.atomic
def apply_paging(specs: Iterable[PagingSpec], now: datetime, who: Actor = APPLY) -> None:
    """The file's are in force; what it had and has no more is retired. What the desk owns stays as it is, and alerts
    that are under way keep their plan."""
    # All of them in the order in which a page locks them.
    list(PagingPolicy.objects.select_for_update().order_by("pk"))
    kept = [_apply(spec, who, now) for spec in specs]
    for row in PagingPolicy.objects.exclude(key__in=kept).filter(retired_at__isnull=True, managed=FILE):
        retire(row, who, now)
    policies.forget()


def _apply(spec: PagingSpec, who: Actor, now: datetime) -> str:
    row = PagingPolicy.objects.filter(key=spec.key).first()
    if row is not None and row.managed == DESK and (row.retired_at is None or spec.managed == DESK):
        return spec.key
    if row is not None and row.retired_at is None and spec.managed == DESK:
        # From now on the desk owns it, and begins with what is in force.
        row.managed = DESK
        row.save(update_fields=["managed"])
        record(who, "paging_policy_owner", (SUBJECT, row.pk), now, managed=DESK)
        return spec.key
    row = row or PagingPolicy(key=spec.key, version=0)
    held = _held_by_desk() if spec.managed == DESK else set()
    new = content_of(spec.name, spec.plan, [team for team in spec.teams if team not in held])
    write(row, new, spec.managed, who, now)
    return spec.key


def _held_by_desk() -> set[str]:
    rows = PagingPolicy.objects.filter(managed=DESK, retired_at__isnull=True)
    return {team for teams in rows.values_list("teams", flat=True) for team in teams}


def content_of(name: str, plan: Plan, teams: Iterable[str]) -> Content:
    """All that can be said of a policy, in JSON's types."""
    steps = [{"who": list(step.who), "wait": step.wait} for step in plan.steps]
    return {"name": name, "steps": steps, "every": plan.every, "rounds": plan.rounds, "teams": sorted(teams)}


def content(row: PagingPolicy) -> Content:
    """What the row says now."""
    return content_of(row.name, plan_of(row), row.teams)


def write(row: PagingPolicy, new: Content, managed: str, who: Actor, now: datetime) -> bool:
    """Say this, and put on record what it was; False: it says so anyway. The caller is in a transaction and has locked
    the row, or made it up."""
    was = content(row) if row.pk else None
    if (was, row.managed, row.retired_at) == (new, managed, None):
        return False
    row.name, row.managed, row.retired_at = new["name"], managed, None
    row.steps, row.every_seconds, row.rounds, row.teams = new["steps"], new["every"], new["rounds"], new["teams"]
    row.version += 1
    row.save()
    record(who, "paging_policy", (SUBJECT, row.pk), now, version=row.version, was=was, new=new)
    policies.forget()
    return True


def retire(row: PagingPolicy, who: Actor, now: datetime) -> None:
    """It pages nobody from now on, and its teams are free."""
    record(who, "retire_paging_policy", (SUBJECT, row.pk), now, version=row.version + 1, was=content(row))
    row.retired_at, row.teams, row.version = now, [], row.version + 1
    row.save(update_fields=["retired_at", "teams", "version"])
    policies.forget()


def _policies() -> dict[str, PagingSpec]:
    rows = PagingPolicy.objects.filter(retired_at__isnull=True).order_by("key")
    return {row.key: PagingSpec(row.key, plan_of(row), tuple(row.teams), str(row), row.managed) for row in rows}


def plan_of(row: PagingPolicy) -> Plan:
    """Its steps, as alerts follow them."""
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
