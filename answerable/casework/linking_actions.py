"""Two requests are linked: related, one the duplicate of the other, or an incident of a problem (decision 0047).

A link says something to staff and does nothing by itself: no clock, no mail, no access. Customers see nothing of it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access, linking
from answerable.tickets.actions import Change
from answerable.tickets.linked_queries import why_not
from answerable.tickets.models import Ticket
from answerable.tickets.ticket_links import HOWS, between


def link(person: Person, ticket_id: int, other_id: int, how: str, now: datetime) -> Ticket:
    """Say what this one is to the other (`how`, of `ticket_links.HOWS`). Raises Refused where it cannot be."""
    if how not in HOWS:
        raise Refused("invalid", _("Choose what they are to each other."))
    with transaction.atomic():
        this, other = _locked(person, ticket_id, other_id, now)
        refused = why_not(person, this.ticket, other.ticket, how, now)
        if refused:
            raise Refused(refused.code, refused.words)
        linking.put(this, other, how, person)
        settle(other, "link")
        return settle(this, "link")


def unlink(person: Person, ticket_id: int, other_id: int, now: datetime) -> Ticket:
    """They have nothing to do with each other any more. Ended twice it is ended once."""
    with transaction.atomic():
        this, other = _locked(person, ticket_id, other_id, now)
        row = between(ticket_id, other_id)
        if row is None:
            raise Refused("conflict", _("They are not linked any more."))
        linking.end(this, other, row)
        settle(other, "unlink")
        return settle(this, "unlink")


def _locked(person: Person, first: int, second: int, now: datetime) -> tuple[Change, Change]:
    """Both, locked in the order of their ids, closed ones too. Raises Refused where one is not theirs to work."""
    found = {ticket.pk: ticket for ticket in access.lock_many([first, second])}
    for pk in (first, second):
        standing = access.standing(person, found[pk], now) if pk in found else None
        if standing is None or not access.may_see_notes(standing):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        access.require(access.may_work(standing))
    return _change(person, found[first], now), _change(person, found[second], now)


def _change(person: Person, ticket: Ticket, now: datetime) -> Change:
    return Change(ticket=ticket, actor=actor_of(person), at=max(now, ticket.last_event_at))
