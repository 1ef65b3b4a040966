"""In which spans of the weeks ahead a P0 would reach nobody, by the paging policies and schedules as they stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.escalation.coverage import Span, World, nobody
from answerable.escalation.oncall import Absence
from answerable.escalation.paging import Plan
from answerable.escalation.paging_policy import ADMINS, LEADS, SCHEDULE, policy_of
from answerable.escalation.rota import whole
from answerable.escalation.schedule_queries import AHEAD_DAYS, live, rotas
from answerable.people.absence_queries import by_address, off_duty
from answerable.people.models import Person, Role
from answerable.people.queries import staff, teams

P0 = "P0"


@dataclass(frozen=True)
class Hole:
    """A request of this severity would reach nobody in these spans. `team`: its key, "" for requests without one, with
    its name; `policy`: the key of the paging policy, "" where none names the team."""

    severity: str
    team: str
    name: str
    policy: str
    spans: tuple[Span, ...]


def ahead(now: datetime, days: int = AHEAD_DAYS) -> list[Span]:
    """The weeks that are looked at, as one span."""
    return [(whole(now), whole(now + timedelta(days=days)))]


def names_in(plan: Plan) -> list[str]:
    """All whom its steps name."""
    return [name for step in plan.steps for name in step.who]


def p0_holes(now: datetime) -> list[Hole]:
    """Each team whose P0 would reach nobody at some time, and requests without a team, where there are teams at all."""
    found = list(teams())
    chains = [(team.key, team.name, *policy_of(team)) for team in found]
    if found:
        chains.append(("", "", *policy_of(None)))
    world = world_of((name for *_rest, plan in chains for name in names_in(plan)), now)
    holes = (
        Hole(P0, key, name, policy, tuple(nobody(names_in(plan), world, ahead(now))))
        for key, name, policy, plan in chains
    )
    return [hole for hole in holes if hole.spans]


def holes_of_plan(plan: Plan, team_keys: Sequence[str], now: datetime) -> list[Span]:
    """When this plan would reach nobody, whichever of the teams it is for."""
    named = [name for name in names_in(plan) if name != LEADS]
    if LEADS in names_in(plan):
        named += [f"{LEADS}:{key}" for key in team_keys]
    return nobody(named, world_of(named, now), ahead(now))


def world_of(names: Iterable[str], now: datetime, also: Mapping[str, Iterable[int]] | None = None) -> World:
    """Who stands behind these names from `now` on; `also`: names whose people (ids) are known already."""
    wanted = set(names)
    schedules = [one for one in live() if f"{SCHEDULE}{one.key}" in wanted]
    known = rotas(schedules, now) if schedules else {}
    people = _people(wanted)
    others = {name: list(Person.objects.filter(pk__in=list(ids))) for name, ids in (also or {}).items()}
    people |= others
    everybody = {person.pk: person for each in people.values() for person in each}
    return World(
        {f"{SCHEDULE}{one.key}": known[one.pk] for one in schedules},
        {name: [str(person.pk) for person in each] for name, each in people.items()},
        [Absence(str(pk), start, end) for pk, start, end in off_duty(list(everybody.values()), now)],
    )


def _people(names: set[str]) -> dict[str, list[Person]]:
    """Whom every name means that is no schedule; as `paging_policy.finder` finds them."""
    addresses = by_address(name for name in names if "@" in name)
    found = {name: [person] for name, person in addresses.items()}
    if ADMINS in names:
        found[ADMINS] = list(staff().filter(role=Role.ADMIN))
    for name in names:
        if name.startswith(f"{LEADS}:"):
            found[name] = list(staff().filter(role=Role.LEAD, teams__key=name.removeprefix(f"{LEADS}:")))
    return found


def new_holes(before: Sequence[Hole], after: Sequence[Hole]) -> list[tuple[str, Span]]:
    """(team's name, span): what is missing after a change, and was not before it."""
    known = {hole.team: hole.spans for hole in before}
    return [
        (hole.name, span)
        for hole in after
        for span in hole.spans
        if not any(start <= span[0] and span[1] <= end for start, end in known.get(hole.team, ()))
    ]
