"""Who is CC'd on every request of an organization, as far as one request's change is concerned."""

from answerable.live.actions import end_streams
from answerable.people.queries import standing_ccs
from answerable.tickets import standing
from answerable.tickets.actions import Change
from answerable.tickets.shown import people_on


def copy_in(change: Change) -> None:
    """CC them on this request: never on a sensitive one, on an unverified one only once it is confirmed."""
    ticket = change.ticket
    if ticket.organization is None or ticket.unverified or ticket.sensitive:
        return
    on = {row.person_id for row in change.participants if not row.pending}
    if not change.is_new:
        on |= {row.person_id for row in people_on(ticket) if not row.pending and row.role != "follower"}
        on |= standing.taken_off(ticket)
    for row in standing_ccs(ticket.organization, change.at):
        if row.person_id not in on and row.person.is_active:
            standing.join_one(change, row)
            on.add(row.person_id)


def leave(change: Change, why: str) -> None:
    """Take them off again, their open pages too."""
    for person_id in standing.leave_all(change, why):
        end_streams(person_id)
