"""Who is on call at the demo's vendor: two layers, and somebody who swapped a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from answerable.escalation.override_actions import put
from answerable.escalation.schedule_actions import edit_layers, make_schedule
from answerable.notify.actions import mark_read
from answerable.people.models import Person, Role
from answerable.people.queries import staff

ZONE = "Europe/Berlin"
WEEK = ("mon", "tue", "wed", "thu", "fri")


def arrange(admin: Person, now: datetime) -> None:
    """Everybody who answers customers takes turns of a week; in office hours a day each."""
    people = [one for one in staff() if one.demo and one.role in {Role.AGENT, Role.LEAD}]
    since = now - timedelta(days=60)
    row = make_schedule(admin, "Platform, day and night", ZONE, since, p0=True)
    office = {day: [["09:00", "17:00"]] for day in WEEK}
    layers = [_layer("Office hours", people, since, unit="day", restriction=office), _layer("Everybody", people, since)]
    edit_layers(admin, row, {"tz": ZONE, "layers": layers}, since, since, confirmed=True)
    for one in people:  # they know of it for long
        mark_read(one, None, since)
    start = (now + timedelta(days=3)).replace(hour=18, minute=0, second=0, microsecond=0)
    put(people[0], row, people[0], (start, start + timedelta(hours=14)), now, why="Release night")


def _layer(name: str, people: list[Person], since: datetime, **more: object) -> Mapping[str, object]:
    monday = since.date() - timedelta(days=since.weekday())
    base = {"unit": "week", "length": 1, "handoff": "09:00", "start": monday.isoformat(), "restriction": None}
    return {"name": name, "participants": [one.email for one in people], **base, **more}
