"""Tags and the policy's own fields on a ticket. Their events keep what was before: to undo one is to set that again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access, custom, tags
from answerable.tickets.actions import Change
from answerable.tickets.models import Ticket


def set_tags(person: Person, ticket_id: int, wanted: Iterable[str], now: datetime) -> Ticket:
    """Exactly these tags. Raises Refused for one that is none, and for too many."""
    found = tags.normal_all(wanted)
    return _retag(person, ticket_id, lambda _before: found, now)


def add_tags(person: Person, ticket_id: int, more: Iterable[str], now: datetime) -> Ticket:
    """These tags besides those that it has."""
    found = tags.normal_all(more)
    return _retag(person, ticket_id, lambda before: [*before, *found], now)


def remove_tags(person: Person, ticket_id: int, fewer: Iterable[str], now: datetime) -> Ticket:
    """None of these tags."""
    found = set(tags.normal_all(fewer))
    return _retag(person, ticket_id, lambda before: [tag for tag in before if tag not in found], now)


def _retag(person: Person, ticket_id: int, how: Callable[[list[str]], list[str]], now: datetime) -> Ticket:
    with transaction.atomic():
        change = _begin(person, ticket_id, now)
        before = list(change.ticket.tags)
        after = sorted(tags.normal_all(how(before)))
        if after == sorted(before):
            return change.ticket
        change.ticket.tags = after
        change.event("tags", before=before, after=after)
        return settle(change, "set_tags")


def set_fields(person: Person, ticket_id: int, values: Mapping[str, custom.Value], now: datetime) -> Ticket:
    """These values in these fields, None to clear one; the others stay. Raises Refused for what one doesn't take."""
    with transaction.atomic():
        change = _begin(person, ticket_id, now)
        ticket = change.ticket
        fields = custom.known(ticket.fields)
        if set(values) - set(fields):
            raise Refused("field", _("There is no such field (any more)."))
        before = {key: custom.value_of(ticket.fields, key) for key in values}
        # What nobody touches stays, also where the policy would not take it any more.
        after = {key: custom.read(fields[key], value) for key, value in values.items() if value != before[key]}
        moved = [key for key in after if after[key] != before[key]]
        if not moved:
            return ticket
        after = {key: after[key] for key in moved}
        ticket.fields = custom.put(ticket.fields, after, fields)
        labels = {key: fields[key]["label"] for key in moved}
        change.event("fields", before={key: before[key] for key in moved}, after=after, labels=labels)
        return settle(change, "set_fields")


def _begin(person: Person, ticket_id: int, now: datetime) -> Change:
    """Closed tickets too: to sort what was is no change of what is owed."""
    ticket = access.lock(ticket_id)
    standing = access.standing(person, ticket, now)
    if not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    access.require(access.may_work(standing))
    return Change(ticket=ticket, actor=actor_of(person), at=max(now, ticket.last_event_at))
