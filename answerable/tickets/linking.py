"""Write a link of two tickets, or its end. Called by casework alone, with both tickets locked."""

from answerable.people.models import Person
from answerable.tickets.actions import Change
from answerable.tickets.ticket_links import AROUND, HOWS, TicketLink, how_of


def put(this: Change, other: Change, how: str, by: Person) -> TicketLink:
    """Link them: `how` is what this one is to the other. Each history says it from its own side."""
    kind, is_source = HOWS[how]
    source, target = (this.ticket, other.ticket) if is_source else (other.ticket, this.ticket)
    row = TicketLink.objects.create(source=source, target=target, kind=kind, by=by, at=this.at)
    this.event("linked", other=other.ticket.pk, how=how)
    other.event("linked", other=this.ticket.pk, how=AROUND[how])
    return row


def end(this: Change, other: Change, row: TicketLink) -> None:
    """They are linked no more."""
    row.ended_at = max(this.at, other.at)
    row.save(update_fields=["ended_at"])
    how = how_of(row.kind, is_source=row.source_id == this.ticket.pk)
    this.event("unlinked", other=other.ticket.pk, how=how)
    other.event("unlinked", other=this.ticket.pk, how=AROUND[how])
