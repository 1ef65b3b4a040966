"""Escalations under way in organizations, for who looks after them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from answerable.casework import ladder_rules
from answerable.escalation.episodes import open_in
from answerable.people.models import Person
from answerable.tickets.access import visible_to
from answerable.tickets.ladder_words import title
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Escalated:
    """One of them. `stage` as in `escalation.ladder`; `due_at`: when it moves by itself, None where it does not."""

    ticket: Ticket
    title: str
    stage: str
    since: datetime
    due_at: datetime | None


def escalated(person: Person, organizations: Iterable[int], now: datetime) -> list[Escalated]:
    """What the person may see of them, the highest level first."""
    rows = {row.ticket_id: row for row in open_in(f"o:{pk}" for pk in organizations)}
    if not rows:
        return []
    found = visible_to(person, now).filter(pk__in=list(rows)).select_related("organization")
    given = ladder_rules.rules()
    told = [
        Escalated(one, title(row.level, given.name(row.level)), row.stage, row.begun_at, row.due_at)
        for one in found
        if (row := rows[one.pk])
    ]
    return sorted(told, key=lambda one: (-rows[one.ticket.pk].level, one.since))
