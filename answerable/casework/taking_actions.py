"""Take the next request: the most urgent one that nobody in one's teams has. And put it back, if it was a mistake."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.actions import begin
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.people.models import Person, Role
from answerable.people.queries import teams_of
from answerable.tickets import access
from answerable.tickets import actions as tickets
from answerable.tickets.models import Event, Status, Ticket
from answerable.tickets.taking import lock_next

WORKERS = {Role.AGENT, Role.LEAD, Role.ADMIN}


def take_next(person: Person, now: datetime) -> Ticket | None:
    """It is the person's from now on; None: nobody waits. Two who ask at once never get the same."""
    if person.role not in WORKERS:
        raise Refused("not_allowed", _("Requests are taken by agents, leads and administrators."))
    if not teams_of(person).ids:
        raise Refused("no_team", _("You are in no team yet, so there is nothing to take."))
    with transaction.atomic():
        found = lock_next(person, teams_of(person).ids, now)
        if found is None:
            return None
        change, standing = begin(person, found, now)
        access.require(access.may_work(standing))
        tickets.assign(change, person, change.ticket.team, taken="next", was_open=change.ticket.status == Status.OPEN)
        return settle(change, "take_next")


def put_back(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """Nobody has it any more, as before it was taken. Raises Refused once something else has happened to it."""
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_work(standing))
        ticket = change.ticket
        last = _last(ticket)
        if ticket.assignee_id != person.pk or last is None or last.data.get("taken") != "next":
            raise Refused("conflict", _("Something has been done on it since: assign it to somebody else instead."))
        tickets.assign(change, None, ticket.team, taken="back")
        if not last.data.get("was_open"):
            ticket.status = Status.NEW
        return settle(change, "put_back")


def _last(ticket: Ticket) -> Event | None:
    """What happened last, but for clocks, which run by themselves."""
    rows = Event.objects.filter(ticket=ticket).exclude(kind__in=["breach", "targets"]).order_by("-occurred_at", "-id")
    return rows.first()
