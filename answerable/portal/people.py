"""Who is on a request, as its page shows them: what may be done about each, and who waits to be let in."""

from dataclasses import dataclass

from answerable.tickets import access
from answerable.tickets.models import Participant, Status, Ticket
from answerable.tickets.queries import participants


@dataclass(frozen=True)
class OnIt:
    """One person. `waits`: "" takes part, "asked" to, or was "named" from outside the organization."""

    pk: int
    name: str
    role: str
    waits: str
    is_me: bool
    may_remove: bool
    may_answer: bool


def on_it(ticket: Ticket, standing: access.Standing) -> list[OnIt]:
    """Requester first; who waits is shown to who takes part, and to themselves."""
    rows = [row for row in participants(ticket) if row.role != "follower"]
    insider = standing.takes_part or standing.works_it
    return [
        _line(row, ticket, standing)
        for row in rows
        if insider or not row.pending or row.person_id == standing.person_id
    ]


def _line(row: Participant, ticket: Ticket, standing: access.Standing) -> OnIt:
    changes = ticket.status != Status.CLOSED and row.role == "cc"
    is_me, asked = row.person_id == standing.person_id, row.source == "asked"
    return OnIt(
        pk=row.pk,
        # Whom a customer named and nobody let in is the address that they typed.
        name=row.person.email if row.pending and not asked else row.person.label,
        role=row.role,
        waits="" if not row.pending else "asked" if asked else "named",
        is_me=is_me,
        may_remove=changes
        and ((row.pending and is_me) or access.may_remove_cc(standing, row.added_by_id, row.person_id)),
        may_answer=changes and row.pending and asked and access.may_approve_cc(standing),
    )
