"""Rows of people who are CC'd by name, ask to be, or leave. Called by casework alone, on a locked ticket."""

from datetime import datetime
from typing import Any

from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.tickets.actions import Change, join
from answerable.tickets.models import REMOVED, LinkEnd, Participant, Ticket


def put(change: Change, person: Person, by: Person, source: str, *, pending: bool = False, named: str = "") -> None:
    """CC the person, also one who was taken off before.

    `pending`: once somebody allows it; `named`: by which address.
    """
    rows = Participant.objects.filter(ticket=change.ticket, person=person, role="cc")
    values: dict[str, Any] = {"added_by": by, "pending": pending, "named": named}
    if not rows.update(ended_at=None, since=change.at, source=source, standing=None, **values):
        join(change, person, "cc", source, **values)
    _forget(change.ticket)


def row_of(ticket: Ticket, pk: int) -> Participant:
    """Somebody who is CC'd now, or waits to be. Raises Refused."""
    rows = Participant.objects.filter(ticket=ticket, pk=pk, role="cc", ended_at__isnull=True)
    row = rows.select_related("person").first()
    if row is None:
        raise Refused("not_found", "This person is not CC'd (any more).")
    return row


def take_off(change: Change, row: Participant) -> None:
    """They take part no longer; neither a later mail that names them nor a standing CC brings them back."""
    Participant.objects.filter(pk=row.pk).update(ended_at=change.at, source=REMOVED)
    _forget(change.ticket)


def end_links(change: Change, by: Person, whose: int | None = None) -> None:
    """The links of earlier mails about the request show nothing any more: one person's, or everybody's."""
    people = (
        [whose]
        if whose is not None
        else set(Participant.objects.filter(ticket=change.ticket).values_list("person", flat=True))
    )
    LinkEnd.objects.bulk_create(
        [LinkEnd(ticket=change.ticket, person_id=pk, at=change.at, by=by) for pk in people],
        update_conflicts=True,
        update_fields=["at", "by"],
        unique_fields=["ticket", "person"],
    )


def settle_pending(change: Change, row: Participant, by: Person, *, allowed: bool) -> None:
    """Let a person in who waits for it, or take the row away as if it had never been asked."""
    if not row.pending:
        raise Refused("settled", "Somebody has decided this meanwhile.")
    change.event("cc_allowed" if allowed else "cc_refused", person=row.person_id, label=row.label)
    if allowed:
        Participant.objects.filter(pk=row.pk).update(pending=False, since=change.at, added_by=by)
    else:
        Participant.objects.filter(pk=row.pk).update(ended_at=change.at)
    _forget(change.ticket)


def follow_with(ticket: Ticket, person: Person, now: datetime) -> bool:
    """Their row as a follower, also of who followed before; False where they follow already."""
    rows = Participant.objects.filter(ticket=ticket, person=person, role="follower")
    if rows.filter(ended_at__isnull=True).exists():
        return False
    if not rows.update(ended_at=None, since=now, source="desk"):
        Participant.objects.create(
            ticket=ticket, person=person, role="follower", since=now, source="desk", added_by=person
        )
    _forget(ticket)
    return True


def stop_following(ticket: Ticket, person: Person, now: datetime) -> bool:
    """End it; False where they do not follow."""
    rows = Participant.objects.filter(ticket=ticket, person=person, role="follower", ended_at__isnull=True)
    _forget(ticket)
    return bool(rows.update(ended_at=now))


def _forget(ticket: Ticket) -> None:
    """Who is on it is asked anew."""
    ticket.__dict__.pop("_people_on", None)
