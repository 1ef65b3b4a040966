"""Calendar feeds: one for a schedule, one for a person, at addresses that nobody guesses and that can be renewed.

Names and times alone: a calendar program gets them without a log-in, and nothing about any customer.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import F
from icalendar import Calendar, Event, vText

from answerable.audit.actions import record
from answerable.escalation.rota import Rota
from answerable.escalation.schedule_access import may_arrange
from answerable.escalation.schedule_queries import Shift, live, rotas, shifts_of
from answerable.escalation.schedules import Feed, Schedule
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.named_queries import names_of
from answerable.people.queries import actor_of

BEHIND, AHEAD = timedelta(days=30), timedelta(days=90)
_SIGNER = signing.Signer(salt="on call")
_OF_PERSON, _OF_SCHEDULE = "p", "s"


@dataclass(frozen=True)
class Entry:
    """A shift as a calendar shows it. `uid`: the same as long as it begins when it does."""

    uid: str
    title: str
    shift: Shift


def token_of_person(person: Person) -> str:
    """What stands in the address of their feed."""
    row = Feed.objects.filter(person=person).first()
    return _SIGNER.sign_object([_OF_PERSON, person.pk, row.number if row else 0])


def token_of_schedule(schedule: Schedule) -> str:
    """What stands in the address of its feed."""
    return _SIGNER.sign_object([_OF_SCHEDULE, schedule.pk, schedule.feed])


def renew_mine(person: Person, now: datetime) -> None:
    """The person's older addresses show nothing from now on."""
    row, _made = Feed.objects.get_or_create(person=person)
    Feed.objects.filter(pk=row.pk).update(number=F("number") + 1)
    record(actor_of(person), "renew_feed", ("person", person.pk), now)


def renew_schedules(by: Person, schedule: Schedule, now: datetime) -> None:
    """The schedule's older addresses show nothing from now on."""
    if not may_arrange(by):
        raise Refused("not_allowed", "Only leads and administrators renew the address of a schedule.")
    Schedule.objects.filter(pk=schedule.pk).update(feed=F("feed") + 1)
    record(actor_of(by), "renew_feed", ("schedule", schedule.pk), now)


def feed(token: str, now: datetime) -> bytes:
    """The calendar at this address. Raises Refused for one that is not ours, or not any more."""
    try:
        kind, pk, number = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise _gone() from None
    return _of_person(pk, number, now) if kind == _OF_PERSON else _of_schedule(pk, number, now)


def _gone() -> Refused:
    return Refused("not_found", "This calendar address shows nothing (any more). The desk has a new one.")


def _of_person(pk: int, number: int, now: datetime) -> bytes:
    person = Person.objects.filter(pk=pk).first()
    row = Feed.objects.filter(person=pk).first()
    if person is None or not person.is_staff or number != (row.number if row else 0):
        raise _gone()
    schedules, entries = list(live()), []
    known = rotas(schedules, _begin(now))
    for schedule in schedules:
        mine = [one for one in _shifts(known[schedule.pk], now) if one.person == pk]
        entries += _entries(schedule, mine, f"On call: {schedule.name}", {})
    return _calendar(f"On call: {person.label}", entries)


def _of_schedule(pk: int, number: int, now: datetime) -> bytes:
    schedule = Schedule.objects.filter(pk=pk, feed=number, retired_at__isnull=True).first()
    if schedule is None:
        raise _gone()
    shifts = _shifts(rotas([schedule], _begin(now))[pk], now)
    people = {one.person for one in shifts if one.person is not None}
    names = {key[1]: name or handle for key, (name, handle) in names_of((), people).items()}
    return _calendar(schedule.name, _entries(schedule, shifts, "", names))


def _begin(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - BEHIND


def _shifts(known: Rota, now: datetime) -> list[Shift]:
    """In whole days: what is cut off by the window is so once a day, not with each look. What was cut and is over is
    left out."""
    start = _begin(now)
    midnight = start + BEHIND
    return [one for one in shifts_of(known, start, midnight + AHEAD) if one.start > start or one.end > midnight]


def _entries(schedule: Schedule, shifts: Iterable[Shift], title: str, names: Mapping[int, str]) -> list[Entry]:
    """A span without anybody is an entry too, so that it is seen."""
    return [
        Entry(
            f"{schedule.key}-{one.start:%Y%m%dT%H%M%SZ}-{one.person or 0}@on-call",
            title or (names.get(one.person, "") if one.person else "Nobody is on call"),
            one,
        )
        for one in shifts
    ]


def _calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """Nothing in it says when it was made, so the same shifts are the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Answerable//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(name))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for entry in entries:
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", entry.shift.start)
        event.add("dtstart", entry.shift.start)
        event.add("dtend", entry.shift.end)
        event.add("summary", entry.title)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def tag_of(content: bytes) -> str:
    """An ETag: the same for the same bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
