"""Staff who follow a request: they are told of it, and may do nothing more than before. Nobody else is told of them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.live.actions import publish_many
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.copying import follow_with, stop_following


def follow(person: Person, ticket_id: int, now: datetime) -> None:
    """From now on. Following twice is following once."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        _require(access.standing(person, ticket, now))
        if follow_with(ticket, person, now):
            record(actor_of(person), "follow", ("ticket", ticket.pk), now)
            publish_many(staff_news(ticket))


def unfollow(person: Person, ticket_id: int, now: datetime) -> None:
    """No longer."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        if stop_following(ticket, person, now):
            record(actor_of(person), "unfollow", ("ticket", ticket.pk), now)
            publish_many(staff_news(ticket))


def _require(standing: access.Standing) -> None:
    if not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
