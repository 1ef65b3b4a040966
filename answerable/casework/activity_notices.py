"""Whom a change of a request concerns, and what they are told: its assignee and who follows it, never who did it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.people.queries import on_duty
from answerable.tickets.access import works
from answerable.tickets.actions import Change
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import followers

# Events that are told, and as what.
_SAID = {"customer_message": "reply", "agent_reply": "answer"}


def activity_notices(change: Change) -> list[Notice]:
    """Of what the change did: an assignment, to whom it was assigned; a reply, to those whose request it is."""
    actor = change.actor.id if change.actor.kind == "staff" else None
    found = [_assigned(change, event) for event in change.events if _assigns(event, actor)]
    kind = next((_SAID[event.kind] for event in change.events if event.kind in _SAID), "")
    if kind and change.reply is not None:
        reply = change.reply
        without = {actor, reply.author_id}
        people = _theirs(change.ticket, without, is_new=change.is_new)
        found += _told(people, change.ticket, _What(kind, f"entry:{reply.pk}", reply.author.label), change.at)
    return found


def note_notices(ticket: Ticket, author: Person, note_id: int, now: datetime) -> list[Notice]:
    """That there is a note, and of whom; nothing of what it says."""
    people = _theirs(ticket, {author.pk})
    return _told(people, ticket, _What("note", f"entry:{note_id}", author.label), now)


def held_notices(ticket: Ticket, held_id: int, sender: str, now: datetime) -> list[Notice]:
    """To the assignee: mail waits for a decision (mail contract E-39)."""
    people = [ticket.assignee] if ticket.assignee else []
    return _told(people, ticket, _What("held", f"held:{held_id}", sender), now)


def _assigns(event: Event, actor: int | None) -> bool:
    assignee = event.data.get("assignee") if event.kind == "assigned" else None
    return assignee is not None and assignee != actor


def _assigned(change: Change, event: Event) -> Notice:
    ticket = change.ticket
    # The version is the one that storing this change gives it.
    key = f"assigned:{ticket.pk}:{ticket.version}"
    data = {"number": ticket.number, "who": change.actor.label}
    person = event.data["assignee"]
    return Notice(person_id=person, kind="assigned", key=key, ticket_id=ticket.pk, data=data, at=change.at)


def _theirs(ticket: Ticket, without: set[int | None], *, is_new: bool = False) -> list[Person]:
    """Its assignee and followers, as far as they (still) work it. Nobody follows what is only being made."""
    ids = {ticket.assignee_id, *(() if is_new else followers(ticket.pk))} - without - {None}
    return [one for one in on_duty(None, ids) if works(one, ticket)] if ids else []


class _What(NamedTuple):
    kind: str
    key: str
    who: str


def _told(people: Iterable[Person], ticket: Ticket, what: _What, now: datetime) -> list[Notice]:
    about: dict[str, Any] = {"kind": what.kind, "key": what.key, "data": {"number": ticket.number, "who": what.who}}
    found = [Notice(person=one, ticket_id=ticket.pk, at=now, **about) for one in people]
    for row in found:
        row.wide = row.person_id != ticket.assignee_id
    return found
