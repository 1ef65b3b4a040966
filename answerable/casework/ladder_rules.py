"""The policy's [escalation] as it is in force, and who holds its levels at a moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable.escalation.schedule_queries import find, on_call
from answerable.people.models import Absence, Person, Role, Team
from answerable.people.queries import on_duty, staff, vendor
from answerable.tickets.access import works
from answerable.tickets.models import Ticket

OWN_TEAM = "own"


@dataclass(frozen=True)
class Rung:
    """One level: its title, what it does, and whom it names (see policy.schema.Rung)."""

    name: str
    role: str = ""
    people: Sequence[str] = ()
    roles: Sequence[str] = ()
    team: str | None = None
    schedule: str | None = None


@dataclass(frozen=True)
class Rules:
    """In seconds, by severity where it matters. Without levels there is no ladder. `managed` and `version`: who owns
    it, "file" or "desk", and how often it was changed."""

    levels: tuple[Rung, ...] = ()
    confirm_timeout: Mapping[str, int] = field(default_factory=dict)
    ack_timeout: Mapping[str, int] = field(default_factory=dict)
    ack_ttl: Mapping[str, int | None] = field(default_factory=dict)
    min_interval: int = 4 * 3600
    repeat_every: int = 900
    max_repeats: int = 3
    fallback: Sequence[str] = ()
    csm: bool = True
    show_names: bool = True
    max_open: int = 3
    automatic: Mapping[tuple[str, str], int] = field(default_factory=dict)
    managed: str = "file"
    version: int = 0

    @property
    def top(self) -> int:
        """The highest level; 0: there is none."""
        return len(self.levels)

    def name(self, level: int) -> str:
        """The level's title; "" for the representative, and for a level that the policy no longer has."""
        return self.levels[level - 1].name if 1 <= level <= self.top else ""


def rules() -> Rules:
    """What is in force."""
    return read(vendor().settings.get("escalation", {}))


def read(content: Mapping[str, Any]) -> Rules:
    """What is kept, as rules."""
    given = dict(content)
    levels = tuple(Rung(**rung) for rung in given.pop("levels", ()))
    moves = {
        (rule["metric"], severity): int(rule["level"])
        for rule in given.pop("automatic", ())
        for severity in rule["severities"]
    }
    return Rules(levels=levels, automatic=moves, **given)


def holders(rung: Rung, ticket: Ticket, at: datetime) -> list[Person]:
    """Whoever holds the level now and could act on this request; nobody who is suspended or away, and not its customer
    success manager, who acknowledges nothing."""
    return [one for one in _there(_named(rung, ticket.team_id, at), ticket, at) if not is_csm(one, ticket)]


def is_csm(person: Person, ticket: Ticket) -> bool:
    """Whether it is the one of the request's organization, who drives the ladder."""
    return person.role == Role.CSM and ticket.organization is not None and ticket.organization.csm_id == person.pk


def named(given: Rules, team: Team) -> set[int]:
    """All whom some level names for requests of this team, whoever is on call aside."""
    everybody = (_by_address(rung.people) | _by_team_and_role(rung, team.pk) for rung in given.levels)
    return set().union(*everybody)


def _named(rung: Rung, own_team: int | None, at: datetime) -> set[int]:
    """The ids of all whom it names."""
    found = _by_address(rung.people) | _by_team_and_role(rung, own_team)
    if rung.schedule and (person := on_call(rung.schedule, at)):
        found.add(person)
    return found


def _by_address(addresses: Iterable[str]) -> set[int]:
    return set(staff().filter(email__in=list(addresses)).values_list("pk", flat=True)) if addresses else set()


def _by_team_and_role(rung: Rung, own_team: int | None) -> set[int]:
    if not rung.team and not rung.roles:
        return set()
    rows = staff().filter(role__in=rung.roles) if rung.roles else staff()
    if rung.team:
        team = Team.objects.filter(retired_at__isnull=True)
        team = team.filter(pk=own_team or 0) if rung.team == OWN_TEAM else team.filter(key=rung.team)
        rows = rows.filter(pk__in=Team.members.through.objects.filter(team__in=team).values("person"))
    return set(rows.values_list("pk", flat=True))


def _there(ids: Iterable[int], ticket: Ticket, at: datetime) -> list[Person]:
    wanted = list(ids)
    if not wanted:
        return []
    away = Absence.objects.filter(person__in=wanted, ended_at__isnull=True, since__lte=at, until__gt=at)
    gone = set(away.values_list("person", flat=True))
    return [one for one in on_duty(None, wanted) if one.pk not in gone and works(one, ticket)]


def contacts(given: Rules, ticket: Ticket, at: datetime) -> list[Person]:
    """Whom to tell where nobody else is there: also who is away, but nobody who may not see the request; without any of
    them, every administrator."""
    named = on_duty(None, _by_address(given.fallback)) if given.fallback else []
    return [one for one in named if works(one, ticket)] or list(staff().filter(role=Role.ADMIN))


def nobody_holds(given: Rules) -> list[tuple[int, str]]:
    """Levels that name nobody who is there at all, whatever the request: for doctor."""
    found = []
    for number, rung in enumerate(given.levels, start=1):
        is_own = rung.team == OWN_TEAM
        named = _by_address(rung.people) or (set() if is_own else _by_team_and_role(rung, None))
        if not named and not is_own and not (rung.schedule and find(rung.schedule)):
            found.append((number, rung.name))
    return found
