"""Who is on a request, as its page shows them: what may be done about each, and who waits to be let in."""

from dataclasses import dataclass

from answerable.tickets import access
from answerable.tickets.models import ASKED, Participant, Status, Ticket
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
    is_cc, is_open = row.role == "cc", ticket.status != Status.CLOSED
    is_me, asked = row.person_id == standing.person_id, row.source == ASKED
    return OnIt(
        pk=row.pk,
        name=row.label,
        role=row.role,
        waits="" if not row.pending else "asked" if asked else "named",
        is_me=is_me,
        may_remove=is_cc and (_withdraws(row, standing) or _takes_off(row, standing)),
        may_answer=is_cc and is_open and row.pending and asked and access.may_approve_cc(standing),
    )


def _withdraws(row: Participant, standing: access.Standing) -> bool:
    return row.pending and row.person_id == standing.person_id and not standing.only_seen


def _takes_off(row: Participant, standing: access.Standing) -> bool:
    return access.may_remove_cc(standing, row.added_by_id, row.person_id)
