"""Requests that were read by the link in a mail."""

from datetime import datetime
from typing import NamedTuple

from answerable.people.models import Person
from answerable.tickets import shown
from answerable.tickets.models import LinkEnd, LinkOpening, Ticket
from answerable.tickets.seen import asks, visible

SHOWN = 20


def reached(ticket_id: int, person_id: int, now: datetime) -> tuple[Ticket, Person] | None:
    """The request and the person, if that person sees it at `now`."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        return None
    ticket = shown.ticket(f"t.id = %(ticket)s AND {visible(person)}", asks(person, now) | {"ticket": ticket_id})
    return (ticket, person) if ticket else None


def ended_at(ticket_id: int, person_id: int) -> datetime | None:
    """Links to this request that this person got until then no longer work."""
    return LinkEnd.objects.filter(ticket=ticket_id, person=person_id).values_list("at", flat=True).first()


class Opening(NamedTuple):
    """One opening of somebody's link."""

    person_id: int
    name: str
    at: datetime
    browser: str


def openings(ticket: Ticket, whose: int | None = None) -> list[Opening]:
    """The latest openings, newest first: everybody's, or of one person's links."""
    rows = LinkOpening.objects.filter(ticket=ticket).select_related("person").order_by("-id")
    if whose is not None:
        rows = rows.filter(person=whose)
    return [Opening(row.person_id, row.person.label, row.at, row.browser) for row in rows[:SHOWN]]
