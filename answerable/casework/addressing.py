"""Where mail to a person on a ticket goes: to their address, or where the requester's own mail asked for answers."""

from answerable.people.models import Person
from answerable.tickets.actions import Change
from answerable.tickets.queries import participants


def address_for(change: Change, person: Person) -> str:
    """Theirs, or the Reply-To of the requester's latest mail (mail contract E-24)."""
    rows = change.participants if change.is_new else participants(change.ticket)
    asked = (row.answers_to for row in rows if row.person_id == person.pk and row.role == "requester")
    return next(asked, "") or person.email
