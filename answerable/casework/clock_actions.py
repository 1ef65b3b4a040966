"""Verbs about promises alone: look at a clock again, excuse what was broken."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.settle import settle, settle_clock
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.sla.queries import is_broken
from answerable.tickets import access
from answerable.tickets.actions import Change


def look(ticket_id: int, now: datetime) -> bool:
    """Record and say what is due on one ticket: once, whoever of several lookers comes first (sla contract §3).

    False when there was nothing to say, or when somebody holds the ticket: every verb looks at the clock itself.
    """
    with transaction.atomic():
        ticket = access.lock_unless_held(ticket_id)
        if ticket is None:
            return False
        change = Change(ticket=ticket, actor=system("promises"), at=max(now, ticket.last_event_at))
        return settle_clock(change, "record_breaches")


def excuse(person: Person, ticket_id: int, leg: tuple[str, int], why: str, now: datetime) -> None:
    """A broken promise, by its metric and index, that shall not count, and why. It stays broken and listed (§1.3)."""
    if not why.strip():
        raise Refused("reason_missing", _("Say why this broken promise shall not count."))
    metric, index = leg
    with transaction.atomic():
        ticket = access.lock(ticket_id)  # also a closed one: reports go on
        access.require(access.may_excuse(access.standing(person, ticket, now)))
        if not is_broken(ticket_id, metric, index):
            raise Refused("not_broken", _("There is no such broken promise."))
        change = Change(ticket=ticket, actor=actor_of(person), at=max(now, ticket.last_event_at))
        change.event("excuse", metric=metric, index=index, why=why.strip()[:500])
        settle(change, "excuse")
