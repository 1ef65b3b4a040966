"""Hiding a request from the organization's readers, and from who is CC'd on all of its requests."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.settle import settle
from answerable.casework.standing import copy_in, leave
from answerable.lib.errors import Refused
from answerable.live.actions import end_streams
from answerable.people.models import Person
from answerable.people.organization_queries import readers
from answerable.people.queries import actor_of, vendor
from answerable.tickets import access
from answerable.tickets import actions as tickets
from answerable.tickets.models import Ticket


def mark_sensitive(person: Person, ticket_id: int, now: datetime, *, sensitive: bool) -> Ticket:
    """Readers are not to see the request, or may again. Whom somebody CC'd by name stays on it."""
    with transaction.atomic():
        change = tickets.begin(ticket_id, actor_of(person), now)
        standing = access.standing(person, change.ticket, now)
        if not access.may_see(standing):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        access.require(access.may_mark_sensitive(standing) and (standing.works_it or requesters_may()))
        if change.ticket.sensitive == sensitive:
            return change.ticket
        change.ticket.sensitive = sensitive
        change.event("sensitive" if sensitive else "not_sensitive")
        if sensitive:
            leave(change, "sensitive")
            _end_reading(change.ticket, now)
        else:
            copy_in(change)
        return settle(change, "mark_sensitive")


def requesters_may() -> bool:
    """Whether the policy lets requesters hide what they asked from their organization's readers."""
    return bool(vendor().settings.get("requester_may_hide", True))


def _end_reading(ticket: Ticket, now: datetime) -> None:
    """The open pages of the organization's readers hear no more of it."""
    for row in readers(ticket.organization, now) if ticket.organization else ():
        end_streams(row.person_id)
