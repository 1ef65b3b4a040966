"""Who is on call now, next and in the weeks ahead, from rows. Persons are ids; None is nobody.

A participant is an e-mail address in a version. Whoever is not on the staff takes no turn, as if absent for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from answerable.audit.queries import moments
from answerable.escalation import rota as pure
from answerable.escalation.door import read_schedule
from answerable.escalation.oncall import Absence as Away
from answerable.escalation.oncall import Override as Instead
from answerable.escalation.rota import Rota, Version, whole
from answerable.escalation.schedules import Override, Schedule, ScheduleVersion
from answerable.people.absence_queries import EVER, by_address, off_duty
from answerable.people.models import Person

AHEAD_DAYS = 60
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Shift:
    """Who is on call in [start, end); `person` None: nobody."""

    start: datetime
    end: datetime
    person: int | None


@dataclass(frozen=True)
class NowAndNext:
    """Who is on call, until when that holds (None: for as far as we look), and who follows."""

    person: int | None
    until: datetime | None
    follows: int | None


def live() -> QuerySet[Schedule]:
    """The schedules that are in use, by name."""
    return Schedule.objects.filter(retired_at__isnull=True).order_by("name", "id")


def find(key: str) -> Schedule | None:
    """By its key, a retired one too."""
    return Schedule.objects.filter(key=key).first()


def on_call(schedule_key: str, at: datetime) -> int | None:
    """Who is on call at that moment, by the versions, overrides and absences as they are known now."""
    schedule = find(schedule_key)
    return None if schedule is None else person_of(pure.on_call(rota(schedule, at), at))


def now_and_next(schedule_key: str, now: datetime) -> NowAndNext:
    """Now, and what comes then."""
    schedule = find(schedule_key)
    return NowAndNext(None, None, None) if schedule is None else now_and_next_of(rota(schedule, now), now)


def now_and_next_of(known: Rota, now: datetime) -> NowAndNext:
    """The same of a rota in hand. First a look at the days ahead: mostly that is enough."""
    for days in (2, 15, AHEAD_DAYS):
        first, *others = shifts_of(known, now, now + timedelta(days=days))
        if others:
            return NowAndNext(first.person, first.end, others[0].person)
    return NowAndNext(first.person, None, None)


def gaps_ahead(schedule_key: str, now: datetime, days: int = AHEAD_DAYS) -> list[Span]:
    """The spans of these days without anybody."""
    schedule = find(schedule_key)
    end = now + timedelta(days=days)
    return [] if schedule is None else pure.gaps(rota(schedule, now), now, end)


def shifts_of(known: Rota, start: datetime, end: datetime) -> list[Shift]:
    """Who is on call in [start, end), in order, gaps too."""
    return [Shift(one.start, one.end, person_of(one.person)) for one in pure.shifts(known, start, end)]


def person_of(name: str | None) -> int | None:
    """The pure functions know people by names; ours are ids in digits."""
    return None if name is None else int(name)


def rota(schedule: Schedule, since: datetime) -> Rota:
    """All that is to be known of it from `since` on."""
    return rotas([schedule], since)[schedule.pk]


def rotas(schedules: Sequence[Schedule], since: datetime) -> dict[int, Rota]:
    """The same of several, in as many statements as for one."""
    ids = [schedule.pk for schedule in schedules]
    versions = [row for rows in versions_of(ids, since).values() for row in rows]
    overrides = list(overrides_of(ids, whole(since)))
    addresses = {address for version in versions for address in addresses_in(version.spec)}
    known = by_address(addresses)
    people = {person.pk: person for person in known.values()}
    people |= {row.person.pk: row.person for row in overrides if row.person is not None}
    absences = _absences(people.values(), addresses - known.keys(), since)
    return {
        pk: Rota(
            tuple(_version(row, known) for row in versions if row.schedule_id == pk),
            tuple(_override(row) for row in overrides if row.schedule_id == pk),
            absences,
        )
        for pk in ids
    }


def overrides_of(schedules: Iterable[int], since: datetime) -> list[Override]:
    """What of these was in force at `since` or comes then; removed ones as far as they held."""
    rows = Override.objects.filter(schedule__in=list(schedules), end__gt=since)
    found = rows.select_related("person", "created_by", "removed_by").order_by("created_at", "id")
    return [row for row in found if holds_until(row) > max(row.start, since)]


def live_overrides(schedule: Schedule, now: datetime) -> QuerySet[Override]:
    """Those that hold, or come."""
    return Override.objects.filter(schedule=schedule, end__gt=now, removed_at__isnull=True)


def holds_until(row: Override) -> datetime:
    """When it is over, or was taken away."""
    return whole(row.end if row.removed_at is None else min(row.end, row.removed_at))


def strangers(now: datetime) -> list[tuple[str, str]]:
    """(schedule, address): who takes turns in a schedule, now or later, and is nobody on the staff."""
    schedules = {row.pk: row.key for row in live()}
    specs = [(schedules[pk], row.spec) for pk, rows in versions_of(schedules, now).items() for row in rows]
    known = by_address(address for _, spec in specs for address in addresses_in(spec))
    staff = {address for address, person in known.items() if person.is_staff}
    return sorted({(key, address) for key, spec in specs for address in addresses_in(spec) - staff})


def versions_of(schedules: Iterable[int], now: datetime) -> dict[int, list[ScheduleVersion]]:
    """The version in force of each, and those that come, in order."""
    found: dict[int, list[ScheduleVersion]] = {pk: [] for pk in schedules}
    rows = ScheduleVersion.objects.filter(schedule__in=found)
    began = rows.filter(effective_from__lte=now).order_by("schedule", "-effective_from", "-number").distinct("schedule")
    for row in rows.filter(Q(effective_from__gt=now) | Q(pk__in=began.values("pk"))).order_by(
        "effective_from", "number"
    ):
        its = found[row.schedule_id]
        if its and its[-1].effective_from == row.effective_from:  # planned anew
            its.pop()
        if not its or its[-1].spec != row.spec:
            its.append(row)
    return found


def spec_at(schedule: Schedule, at: datetime) -> dict[str, Any]:
    """The zone and layers in force at that moment, as they are kept; before the first version none."""
    rows = ScheduleVersion.objects.filter(schedule=schedule, effective_from__lte=at)
    row = rows.order_by("effective_from", "number").last()
    found: dict[str, Any] = row.spec if row else {"tz": "UTC", "layers": []}
    return found


def changes_of(schedule: Schedule) -> int:
    """How often its layers, its name or what it is paged for have changed."""
    return len(moments("schedule", [schedule.pk], ["schedule_layers", "change_schedule"]).get(schedule.pk, ()))


def addresses_in(spec: dict[str, Any]) -> set[str]:
    """Who takes turns in this version."""
    return {address for layer in spec["layers"] for address in layer["participants"]}


def _version(row: ScheduleVersion, known: dict[str, Person]) -> Version:
    schedule = read_schedule(row.spec)
    layers = tuple(
        replace(one, participants=tuple(_name(each, known) for each in one.participants)) for one in schedule.layers
    )
    return Version(whole(row.effective_from), replace(schedule, layers=layers))


def _name(address: str, known: dict[str, Person]) -> str:
    return str(known[address].pk) if address in known else address


def _override(row: Override) -> Instead:
    person = None if row.person_id is None else str(row.person_id)
    return Instead(whole(row.start), holds_until(row), person, row.created_at)


def _absences(people: Iterable[Person], strangers: Iterable[str], since: datetime) -> tuple[Away, ...]:
    away = [Away(address, EVER, None) for address in sorted(strangers)]
    for pk, start, end in off_duty(list(people), since):
        if end is None or whole(start) < whole(end):
            away.append(Away(str(pk), whole(start), None if end is None else whole(end)))
    return tuple(away)
