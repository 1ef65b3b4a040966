"""A ticket that its assignee need not see for a while. Its promises go on, and wake it when they are at risk
(docs/decisions/0043).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.actions import begin
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.tickets import access
from answerable.tickets.actions import Change, wake
from answerable.tickets.models import Ticket

LONGEST = timedelta(days=366)


def snooze(person: Person, ticket_id: int, until: datetime, now: datetime) -> Ticket:
    """Out of its assignee's open view until then, or until the customer writes or a promise is at risk."""
    if until <= now:
        raise Refused("past", _("Choose a moment that is still to come."))
    if until > now + LONGEST:
        raise Refused("far", _("Choose a moment within a year."))
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_work(standing))
        if not change.ticket.is_open:
            raise Refused("solved", _("It is solved: it comes back by itself when the customer writes."))
        before = change.ticket.snoozed_until
        change.event("snoozed", until=until.isoformat(), before=before.isoformat() if before else None)
        change.ticket.snoozed_until = until
        ticket = settle(change, "snooze")
        if ticket.snoozed_until is None:
            raise Refused("at_risk", _("A promise is at risk just now: it cannot be snoozed."))
        return ticket


def unsnooze(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """Back in the view at once. Raises Refused where it is there."""
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now, closed_too=True)
        access.require(access.may_work(standing))
        if change.ticket.snoozed_until is None:
            raise Refused("conflict", _("It is not snoozed (any more)."))
        wake(change, "person")
        return settle(change, "unsnooze")


def wake_up(ticket_id: int, now: datetime) -> bool:
    """Its time has come: its assignee is told. False where it had been woken, or snoozed again."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        if ticket.snoozed_until is None or ticket.snoozed_until > now:
            return False
        until = ticket.snoozed_until
        change = Change(ticket=ticket, actor=system("snooze"), at=max(now, ticket.last_event_at))
        wake(change, "time")
        settle(change, "wake_up")
        if ticket.assignee is not None and ticket.is_open:
            tell([_notice(ticket, ticket.assignee, until, now)])
        return True


def _notice(ticket: Ticket, person: Person, until: datetime, now: datetime) -> Notice:
    key = f"woken:{ticket.pk}:{until.isoformat()}"
    return Notice(person=person, kind="woken", key=key, ticket_id=ticket.pk, data={"number": ticket.number}, at=now)
