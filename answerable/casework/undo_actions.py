"""Undo: the verb that sets again what an event says was before, with the cause of what it writes kept beside it.

Nothing is taken out of a history: an undo is a change like any other, asks who may as its verb does, and can itself be
undone (decision 0040).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from answerable.casework import (
    cc_actions,
    field_actions,
    linking_actions,
    merge_actions,
    removal_actions,
    sensitive_actions,
)
from answerable.casework.actions import begin, move_severity, was_determined
from answerable.casework.letters import tell_copied
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import staff
from answerable.tickets import access, copying, restoring
from answerable.tickets.models import Event, Participant, Ticket
from answerable.tickets.queries import histories
from answerable.tickets.runs import BulkRun, EventCause
from answerable.tickets.undoing import Fact, is_undoable, whys


def undo(person: Person, ticket_id: int, event_id: int, now: datetime, run: BulkRun | None = None) -> Ticket:
    """Set again what was before this event. Raises Refused where it cannot be undone (any more), and why."""
    with transaction.atomic():
        ticket = _locked(ticket_id, event_id)
        if not access.may_see_notes(access.standing(person, ticket, now)):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        event = _undoable(ticket_id, event_id)
        with caused(ticket_id, run, undoes=event_id):
            _VERBS[event.kind](person, ticket, event, now)
        return ticket


def _locked(ticket_id: int, event_id: int) -> Ticket:
    """The ticket; together with the one that it was merged into, and the one that the event linked or unlinked, in the
    order in which everybody locks several."""
    into_id = Ticket.objects.values_list("merged_into", flat=True).get(pk=ticket_id)
    links = Event.objects.filter(pk=event_id, ticket=ticket_id, kind__in=["linked", "unlinked"])
    data = links.values_list("data", flat=True).first() or {}
    found = access.lock_many({ticket_id, into_id or ticket_id, data.get("other", ticket_id)})
    return next(one for one in found if one.pk == ticket_id)


def _undoable(ticket_id: int, event_id: int) -> Fact:
    events = facts(ticket_id)
    event = next((one for one in events if one.id == event_id), None)
    if event is None or not is_undoable(event):
        raise Refused("not_found", _("There is no such change, or it cannot be undone."))
    why = whys(events, undone_by(ticket_id))[event_id]
    if why:
        raise Refused("overtaken", why)
    return event


def facts(ticket_id: int) -> list[Fact]:
    """The ticket's events, as undoing reads them."""
    return facts_of([ticket_id])[ticket_id]


def facts_of(ids: Sequence[int]) -> dict[int, list[Fact]]:
    """The same of each of these tickets."""
    return {
        ticket_id: [Fact(row.pk, row.kind, row.occurred_at, row.data) for row in events]
        for ticket_id, events in histories(ids).items()
    }


def undone_by(ticket_id: int) -> dict[int, int]:
    """Event → the event that it took back."""
    return undone_of([ticket_id])


def undone_of(ids: Sequence[int]) -> dict[int, int]:
    """The same of all these tickets."""
    rows = EventCause.objects.filter(ticket__in=ids, undoes__isnull=False)
    return dict(rows.values_list("event", "undoes"))


@contextmanager
def caused(ticket_id: int, run: BulkRun | None, undoes: int | None = None) -> Iterator[None]:
    """Inside the transaction that holds the ticket: what is written there has this cause."""
    before = _latest(ticket_id)
    yield
    rows = Event.objects.filter(ticket=ticket_id, pk__gt=before).order_by("pk")
    causes = [
        EventCause(event_id=pk, ticket_id=ticket_id, run=run, undoes_id=undoes)
        for pk in rows.values_list("pk", flat=True)
    ]
    EventCause.objects.bulk_create(causes, ignore_conflicts=True)


def _latest(ticket_id: int) -> int:
    return Event.objects.filter(ticket=ticket_id).aggregate(found=Max("pk"))["found"] or 0


def _status(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    change, standing = begin(person, ticket.pk, now)
    access.require(standing.works_it and access.may_reply(standing))
    data = event.data
    before = data.get("before", "solved" if event.kind == "reopen" else "open")
    waits = data.get("waits_for", "us" if before != "solved" else "")
    if before != "solved" and _answered_since(ticket.pk, event):
        waits = "customer"
    restoring.status(change, before, data.get("hold_reason", ""), waits)
    settle(change, "undo")


def _answered_since(ticket_id: int, event: Fact) -> bool:
    return Event.objects.filter(ticket=ticket_id, kind="agent_reply", pk__gt=event.id).exists()


def _assignment(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    change, standing = begin(person, ticket.pk, now)
    access.require(access.may_work(standing))
    _require_there(event)
    later = Event.objects.filter(ticket=ticket.pk, pk__gt=event.id, kind__in=["agent_reply", "pause", "resolve"])
    unopen = event.data.get("opened", False) and ticket.status == "open" and not later.exists()
    restoring.assignment(change, event.data["before"], dict(event.data), unopen=unopen)
    settle(change, "undo")


def _require_there(event: Fact) -> None:
    """Whoever had it can have it again only while they are on the team."""
    before = event.data["before"]
    who = before["assignee"]
    if who is not None and who != event.data["assignee"] and not staff().filter(pk=who).exists():
        words = _("%(name)s, who had it before, is not on the team any more.")
        raise Refused("not_staff", words % {"name": before["assignee_label"]})


def _severity(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    change, standing = begin(person, ticket.pk, now)
    access.require(access.may_work(standing))
    ticket, before = change.ticket, event.data["before"]
    told: dict[str, Any] = {"after": before, "why": "", "stated": ticket.stated_severity, "taken_back": True}
    change.event("severity", before=ticket.severity, before_determined=was_determined(ticket), **told)
    ticket.severity_determined_at = change.at if event.data.get("before_determined", True) else None
    move_severity(change, before)
    settle(change, "undo")


def _tags(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    # What was removed for good leaves a mark, with blanks and commas as no tag has them.
    before = [tag for tag in event.data["before"] if "," not in tag]
    field_actions.set_tags(person, ticket.pk, before, now)


def _fields(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    field_actions.set_fields(person, ticket.pk, event.data["before"], now)


def _sensitive(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    sensitive_actions.mark_sensitive(person, ticket.pk, now, sensitive=event.kind == "not_sensitive")


def _added(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    rows = Participant.objects.filter(ticket=ticket, person=event.data["person"], role="cc", ended_at__isnull=True)
    row = rows.first()
    if row is None:
        raise Refused("overtaken", _("This person is not CC'd any more."))
    cc_actions.remove_cc(person, ticket.pk, row.pk, now)


def _removed(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    change, standing = begin(person, ticket.pk, now)
    access.require(standing.works_it and access.may_add_cc(standing))
    who = Person.objects.filter(pk=event.data["person"], is_active=True).first()
    if who is None:
        raise Refused("suspended", _("%(address)s cannot be CC'd.") % {"address": event.data["label"]})
    copying.put(change, who, person, "named")
    change.event("cc_added", person=who.pk, label=event.data["label"])
    settle(change, "undo", tell_copied(who, person.label))


def _linked(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    linking_actions.unlink(person, ticket.pk, event.data["other"], now)


def _unlinked(person: Person, ticket: Ticket, event: Fact, now: datetime) -> None:
    linking_actions.link(person, ticket.pk, event.data["other"], event.data["how"], now)


_VERBS: dict[str, Callable[[Person, Ticket, Fact, datetime], None]] = {
    **dict.fromkeys(("pause", "resume", "resolve", "reopen"), _status),
    "assigned": _assignment,
    "severity": _severity,
    "tags": _tags,
    "fields": _fields,
    **dict.fromkeys(("sensitive", "not_sensitive"), _sensitive),
    "cc_added": _added,
    "cc_removed": _removed,
    "linked": _linked,
    "unlinked": _unlinked,
    "merged_away": lambda person, ticket, _event, now: _done(merge_actions.unmerge(person, ticket.pk, now)),
    "spam": lambda person, ticket, _event, now: _done(removal_actions.unmark_spam(person, ticket.pk, now)),
    "not_spam": lambda person, ticket, _event, now: _done(removal_actions.mark_spam(person, ticket.pk, now)),
    "deleted": lambda person, ticket, _event, now: _done(removal_actions.restore(person, ticket.pk, now)),
    "restored": lambda person, ticket, _event, now: _done(removal_actions.soft_delete(person, ticket.pk, now)),
}


def _done(_ticket: Ticket) -> None:
    """Verbs give back their ticket; an undo needs nothing of it."""
