"""A hand-over as pages show it: links lead to requests, and what was attached is named where its reader may see it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.casework.shift_actions import TICKET, may_read
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.html import safe
from answerable.people.models import Person, Team
from answerable.people.queries import teams, teams_of
from answerable.tickets.handover import HandOver, reads
from answerable.tickets.queries import worked_titles

_LINK = re.compile(re.escape(f'href="{TICKET}') + r'(\d{1,18})"')


@dataclass(frozen=True)
class Attached:
    """A request as it stood when the shift was handed over."""

    number: int
    subject: str
    severity: str
    status: str
    due_at: datetime | None
    was_broken: bool
    who: str


@dataclass(frozen=True)
class Shown:
    """A note with what came along. `hidden`: how many of the attached its reader may not see; `more`: that were open
    besides."""

    id: int
    author: str
    at: datetime
    html: str
    attached: tuple[Attached, ...]
    hidden: int
    open_count: int
    more: int
    reads: tuple[tuple[str, datetime], ...]


def shown(note: HandOver, person: Person, now: datetime) -> Shown:
    """For this reader."""
    titles = worked_titles(person, [row["id"] for row in note.attached], now)
    attached = tuple(_attached(row, note, *titles[row["id"]]) for row in note.attached if row["id"] in titles)
    return Shown(
        id=note.pk,
        author=note.author.label,
        at=note.at,
        html=safe(_LINK.sub(lambda found: f'href="{url("desk:ticket", number=int(found[1]))}"', note.html)),
        attached=attached,
        hidden=len(note.attached) - len(attached),
        open_count=note.open_count,
        more=max(0, note.open_count - len(note.attached)),
        reads=tuple((row.person.label, row.at) for row in reads(note.pk)),
    )


def _attached(row: dict[str, str], note: HandOver, number: int, subject: str) -> Attached:
    due = datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
    return Attached(
        number=number,
        subject=subject,
        severity=row["severity"],
        status=row["status"],
        due_at=due,
        was_broken=due is not None and due < note.at,
        who=row["who"],
    )


def find_team(person: Person, key: str) -> Team:
    """The team with this key, if its hand-overs are this person's to read."""
    team = teams().filter(key=key).first()
    if team is None or not may_read(person, team):
        raise Refused("not_found", "There is no such team, or its hand-overs are not yours to read.")
    return team


def own_teams(person: Person) -> Sequence[Team]:
    """One's own; who is in none (leads and administrators, often) sees all that they may."""
    mine = teams_of(person).ids
    return list(teams().filter(pk__in=mine) if mine else teams())
