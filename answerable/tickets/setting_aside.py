"""A ticket that is closed because it is handled elsewhere, is spam, or was deleted, and that can be taken back.

Called by casework alone, on a locked ticket. The event names what was before, so that undoing needs nothing else.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.tickets.actions import Change, why_closed
from answerable.tickets.models import Event, SetAside, Status, Ticket

EVENTS = {SetAside.MERGED: "merged_away", SetAside.SPAM: "spam", SetAside.DELETED: "deleted"}


def put(change: Change, how: SetAside, **data: Any) -> None:
    """Close the ticket as this. Raises Refused where it is set aside already."""
    ticket = change.ticket
    if ticket.set_aside:
        raise Refused("set_aside", why_closed(ticket, staff=True))
    change.event(EVENTS[how], before=ticket.status, hold_reason=ticket.hold_reason, waits_for=ticket.waits_for, **data)
    ticket.status, ticket.set_aside = Status.CLOSED, how
    ticket.hold_reason = ticket.waits_for = ""


def take_back(change: Change, how: SetAside, undone: str, **data: Any) -> None:
    """The ticket is again what it was. Raises Refused where it is not set aside so."""
    ticket = change.ticket
    if ticket.set_aside != how:
        raise Refused("conflict", _("Somebody has taken this back already."))
    before = _latest(ticket, how).data
    change.event(undone, **data)
    ticket.status, ticket.set_aside = before["before"], ""
    ticket.hold_reason, ticket.waits_for = before["hold_reason"], before["waits_for"]


def put_at(ticket: Ticket, how: SetAside) -> datetime:
    """When it was set aside so, last."""
    return _latest(ticket, how).occurred_at


def _latest(ticket: Ticket, how: SetAside) -> Event:
    return Event.objects.filter(ticket=ticket, kind=EVENTS[how]).latest("id")
