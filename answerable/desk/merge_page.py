"""Two requests beside each other, before one is merged into the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.tickets.models import Participant, Status, Ticket


@dataclass(frozen=True)
class Side:
    """One of them."""

    number: int
    subject: str
    status: str
    severity: str
    provisional: bool
    requester: str
    organization: str
    assignee: str
    people: tuple[str, ...]
    preview: str
    due_at: datetime | None
    start_at: datetime | None
    created_at: datetime
    updated_at: datetime


def side_of(ticket: Ticket, rows: Iterable[Participant]) -> Side:
    """As the page shows it."""
    return Side(
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        severity=ticket.severity,
        provisional=ticket.severity_determined_at is None,
        requester=ticket.requester.label,
        organization=ticket.organization.name if ticket.organization else "",
        assignee=ticket.assignee.label if ticket.assignee else "",
        people=tuple(row.person.label for row in rows if row.role == "cc" and not row.pending),
        preview=ticket.preview,
        due_at=ticket.due_at,
        start_at=ticket.promise_start_at,
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
    )


def why_not(away: Ticket, into: Ticket, *, may: bool) -> str:
    """Why the one cannot be merged into the other, "" where it can; the verb decides it again."""
    if away.pk == into.pk:
        return _("A request cannot be merged into itself.")
    if not may:
        return _("You may not do this on this request.")
    for ticket in (away, into):
        if ticket.set_aside or ticket.status == Status.CLOSED:
            return _("#%(number)s is closed: only requests that go on can be merged.") % {"number": ticket.number}
    if away.organization_id != into.organization_id and away.requester_id != into.requester_id:
        return _("Requests of different organizations stay apart.")
    return ""
