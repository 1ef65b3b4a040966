"""A ticket that is closed because it is handled elsewhere, is spam, or was deleted, and that can be taken back.

Called by casework alone, on a locked ticket. The event names what was before, so that undoing needs nothing else.
"""

from typing import Any

from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.tickets.actions import Change, why_closed
from answerable.tickets.models import Event, SetAside, Status

EVENTS = {SetAside.MERGED: "merged_away", SetAside.SPAM: "spam", SetAside.DELETED: "deleted"}


def put(change: Change, how: SetAside, **data: Any) -> None:
    """Close the ticket as this. Raises Refused where it is set aside already."""
    ticket = change.ticket
    if ticket.set_aside:
        raise Refused("set_aside", why_closed(ticket, staff=True))
    change.event(EVENTS[how], before=ticket.status, hold_reason=ticket.hold_reason, waits_for=ticket.waits_for, **data)
    ticket.status, ticket.set_aside = Status.CLOSED, how
    ticket.hold_reason = ticket.waits_for = ""


def take_back(change: Change, how: SetAside, undone: str, **data: Any) -> Event:
    """The ticket is again what it was; returns the event that is undone. Raises Refused where it is not so."""
    ticket = change.ticket
    if ticket.set_aside != how:
        raise Refused("conflict", _("Somebody has taken this back already."))
    event = Event.objects.filter(ticket=ticket, kind=EVENTS[how]).latest("id")
    change.event(undone, **data)
    ticket.status, ticket.set_aside = event.data["before"], ""
    ticket.hold_reason, ticket.waits_for = event.data["hold_reason"], event.data["waits_for"]
    return event
