"""Spam and deletion: the request is closed and set aside, its promises with it unjudged; both can be taken back."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.live.actions import end_streams
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access, setting_aside
from answerable.tickets.actions import Change
from answerable.tickets.models import SetAside, Ticket
from answerable.tickets.shown import people_on


def mark_spam(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """Nobody waits for an answer here. What its sender writes next is a new request (mail contract E-37)."""
    with transaction.atomic():
        change = _begin(person, ticket_id, now, access.may_work)
        setting_aside.put(change, SetAside.SPAM)
        return settle(change, "mark_spam")


def unmark_spam(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """It was none: it goes on where it stood, and the customer has waited all the while."""
    with transaction.atomic():
        change = _begin(person, ticket_id, now, access.may_work)
        setting_aside.take_back(change, SetAside.SPAM, "not_spam")
        return settle(change, "unmark_spam")


def soft_delete(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """No customer sees the request any more, at once, and no mail about it leaves; staff can bring it back."""
    with transaction.atomic():
        change = _begin(person, ticket_id, now, access.may_delete)
        setting_aside.put(change, SetAside.DELETED)
        ticket = settle(change, "soft_delete")
        for row in people_on(ticket):
            end_streams(row.person_id)
        return ticket


def restore(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """Bring a deleted request back as it was."""
    with transaction.atomic():
        change = _begin(person, ticket_id, now, access.may_delete)
        setting_aside.take_back(change, SetAside.DELETED, "restored")
        return settle(change, "restore")


def _begin(person: Person, ticket_id: int, now: datetime, may: Callable[[access.Standing], bool]) -> Change:
    ticket = access.lock(ticket_id)
    standing = access.standing(person, ticket, now)
    if not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    access.require(may(standing))
    return Change(ticket=ticket, actor=actor_of(person), at=max(now, ticket.last_event_at))
