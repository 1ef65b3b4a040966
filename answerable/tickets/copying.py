"""Rows of people who are CC'd by name, ask to be, or leave. Called by casework alone, on a locked ticket."""

from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.tickets.actions import Change, join
from answerable.tickets.models import Participant, Ticket

# Where a row that waits comes from: the person asked, being a reader. Any other was named by somebody.
ASKED = "asked"


def put(change: Change, person: Person, by: Person, source: str, *, pending: bool) -> None:
    """CC the person, also one who was taken off before. `pending`: once somebody allows it."""
    rows = Participant.objects.filter(ticket=change.ticket, person=person, role="cc")
    values = {"since": change.at, "added_by": by, "source": source, "pending": pending, "standing": None}
    if not rows.update(ended_at=None, **values):
        join(change, person, "cc", source, added_by=by, pending=pending)
    _forget(change.ticket)


def row_of(ticket: Ticket, pk: int) -> Participant:
    """Somebody who is CC'd now, or waits to be. Raises Refused."""
    rows = Participant.objects.filter(ticket=ticket, pk=pk, role="cc", ended_at__isnull=True)
    row = rows.select_related("person").first()
    if row is None:
        raise Refused("not_found", "This person is not CC'd (any more).")
    return row


def take_off(change: Change, row: Participant) -> None:
    """They take part no longer; a later mail that names them does not bring them back."""
    Participant.objects.filter(pk=row.pk).update(ended_at=change.at)
    _forget(change.ticket)


def settle_pending(change: Change, row: Participant, *, allowed: bool) -> None:
    """Let a person in who waits for it, or take the row away as if it had never been asked."""
    if not row.pending:
        raise Refused("settled", "Somebody has decided this meanwhile.")
    change.event("cc_allowed" if allowed else "cc_refused", person=row.person_id, label=row.person.label)
    if allowed:
        Participant.objects.filter(pk=row.pk).update(pending=False, since=change.at)
    else:
        Participant.objects.filter(pk=row.pk).update(ended_at=change.at)
    _forget(change.ticket)


def _forget(ticket: Ticket) -> None:
    """Who is on it is asked anew."""
    ticket.__dict__.pop("_people_on", None)
