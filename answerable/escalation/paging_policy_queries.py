"""Paging policies as pages show them: who may write one, what is wrong with one, whom it would page now and then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.escalation.alerts import Alert, PagingPolicy
from answerable.escalation.paging import Find, People, Plan
from answerable.escalation.paging_policy import ADMINS, LEADS, SCHEDULE
from answerable.escalation.schedules import Schedule
from answerable.people.models import Person, Role
from answerable.people.queries import by_email

__all__ = ["PagingPolicy"]

MINUTE, DAY = 60, 86_400
# Why a name pages nobody: no such account on the staff, no such schedule, a schedule that is retired.
NO_STAFF, NO_SCHEDULE, RETIRED = "no_staff", "no_schedule", "retired"


def may_write(person: Person) -> bool:
    """Administrators."""
    return person.is_staff and person.role == Role.ADMIN


def may_edit(person: Person, row: PagingPolicy) -> bool:
    """Not where support.toml says it, and not what is over."""
    return may_write(person) and row.managed == "desk" and row.retired_at is None


def all_policies() -> list[PagingPolicy]:
    """Those in use by name, then what is retired, the latest first."""
    rows = sorted(PagingPolicy.objects.filter(retired_at__isnull=True), key=lambda row: str(row).casefold())
    return [*rows, *PagingPolicy.objects.filter(retired_at__isnull=False).order_by("-retired_at")[:50]]


def find_policy(key: str) -> PagingPolicy | None:
    """By its key, a retired one too."""
    return PagingPolicy.objects.filter(key=key).first()


def fault(name: str) -> str:
    """Why this name can page nobody at all; "" where it can."""
    if name in {LEADS, ADMINS}:
        return ""
    if name.startswith(SCHEDULE):
        row = Schedule.objects.filter(key=name.removeprefix(SCHEDULE)).first()
        return NO_SCHEDULE if row is None else RETIRED if row.retired_at else ""
    person = by_email(name)
    return "" if person is not None and person.is_staff else NO_STAFF


def faults(plan: Plan) -> dict[str, str]:
    """The names in a plan that page nobody, and why."""
    names = dict.fromkeys(name for step in plan.steps for name in step.who)
    return {name: why for name in names if (why := fault(name))}


@dataclass(frozen=True)
class Turn:
    """A step as it would go: from when it pages whom, if nobody answers; nobody: it is passed at once."""

    number: int
    round: int
    at: datetime
    people: People


def forecast(plan: Plan, now: datetime, find: Find) -> tuple[list[Turn], datetime]:
    """An alert raised now that nobody answers, step by step, and when the steps have run out. As `paging.move` goes."""
    at, turns = now, []
    for number in range(plan.turns):
        step = plan.step(number)
        people = tuple(dict.fromkeys(person for name in step.who for person in find(name, at)))
        turns.append(Turn(number % len(plan.steps), number // len(plan.steps), at, people))
        at += timedelta(seconds=step.wait if people else 0)
    return turns, at


def for_teams(find: Find, team_keys: Sequence[str]) -> Find:
    """ "leads" for a policy of several teams: the leads of any."""

    def found(name: str, at: datetime) -> People:
        names: Iterable[str] = [f"{LEADS}:{key}" for key in team_keys] if name == LEADS else [name]
        return tuple(dict.fromkeys(pk for one in names for pk in find(one, at)))

    return found


def held_by_desk() -> list[PagingPolicy]:
    """What the desk owns and uses."""
    return list(PagingPolicy.objects.filter(managed="desk", retired_at__isnull=True).order_by("key"))


def retired_schedules() -> dict[str, str]:
    """Names by key of those that call nobody any more."""
    return dict(Schedule.objects.filter(retired_at__isnull=False).values_list("key", "name"))


def how_many_run(key: str, most: int) -> int:
    """Alerts that go on by the plan that this policy had when they were raised, counted no further."""
    return Alert.objects.filter(policy=key).exclude(state="resolved")[:most].count()
