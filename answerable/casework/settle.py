"""The tail that every verb shares: clock, rows, audit, mails and live news, in the verb's own transaction."""

from collections.abc import Callable, Sequence

from answerable.audit.actions import line
from answerable.audit.models import Record
from answerable.casework.activity_notices import activity_notices
from answerable.casework.later import DELIVER_PRIORITY, deliver
from answerable.casework.letters import Letters
from answerable.casework.notices import notices
from answerable.casework.terms import promise
from answerable.lib.jobs import defer
from answerable.live.actions import Event as News
from answerable.live.actions import heard, publish_many
from answerable.notify.actions import tell
from answerable.sla.actions import Sync, sync
from answerable.tickets import actions as tickets
from answerable.tickets.actions import IMPORT, Change
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import histories


def settle(change: Change, verb: str, write: Callable[[Change], Letters] | None = None) -> Ticket:
    """Store the change and all that follows from it. Runs inside the transaction that locked (or made) the ticket.

    `write` makes the mails once the promises are known, so that an acknowledgement can name its time.
    """
    owed = _clock(change)
    letters = write(change) if write else Letters()
    tickets.store(change, [_trail(change, verb), *owed.rows, *letters.refs, *letters.deliveries])
    _send_off(letters, change.ticket)
    tell([*notices(change.ticket, owed.facts, change.at), *activity_notices(change)])
    return change.ticket


def _send_off(letters: Letters, ticket: Ticket) -> None:
    """Jobs for the mails, and live news; in one statement where there are both."""
    if not letters.deliveries:
        publish_many(news(ticket))
        return
    jobs = ({"delivery_id": row.pk} for row in letters.deliveries)
    defer(deliver, *jobs, priority=DELIVER_PRIORITY, told=heard(news(ticket)))


def settle_clock(change: Change, verb: str) -> bool:
    """Only look at the clock: what is due is recorded and said. A look that finds nothing leaves no trace but the due
    time, where that had moved. Returns whether there was something.
    """
    owed = _clock(change)
    if change.events:
        tickets.store(change, [_trail(change, verb)])
    else:
        tickets.store_promise(change.ticket)
    if owed.facts:
        publish_many(news(change.ticket))
        tell(notices(change.ticket, owed.facts, change.at))
    return bool(owed.facts)


def _trail(change: Change, verb: str) -> Record:
    kinds = [event.kind for event in change.events]
    return line(change.actor, verb, ("ticket", change.ticket.pk), change.at, events=kinds)


def _clock(change: Change) -> Sync:
    earlier = [] if change.is_new else histories([change.ticket.pk])[change.ticket.pk]
    if _begins_late(change, earlier):
        promise(change)
    owed = sync(change.ticket, [*earlier, *change.events], change.at, is_new=change.is_new)
    owe(change, owed)
    if owed.facts:
        tickets.wake(change, "promise")
    return owed


def _begins_late(change: Change, earlier: Sequence[Event]) -> bool:
    """A request that came with its past has no promises, until somebody opens it again."""
    ticket = change.ticket
    if ticket.channel != IMPORT or not ticket.is_open:
        return False
    return all(event.kind != "targets" for event in (*earlier, *change.events))


def owe(change: Change, owed: Sync) -> None:
    """Write on the ticket what it owes next, and into its history what was broken."""
    ticket = change.ticket
    ticket.next_due_at, ticket.promise_metric, ticket.promise_start_at = owed.next_due_at, owed.metric, owed.start
    ticket.breached_at = ticket.breached_at or owed.breached_at
    for fact in owed.facts:
        if fact.kind == "breach":
            change.event(
                "breach", metric=fact.metric, index=fact.index, broken_at=fact.at.isoformat(), target=fact.target
            )


def news(ticket: Ticket) -> list[News]:
    """Whom to tell that the ticket changed: the desk, its own pages, and its requester's list."""
    streams = ["desk", f"ticket:{ticket.pk}:staff", f"ticket:{ticket.pk}:customer", f"person:{ticket.requester_id}"]
    return [News(stream, "ticket", {"id": ticket.pk, "v": ticket.version}) for stream in streams]


def staff_news(ticket: Ticket) -> list[News]:
    """What only staff may notice: a note, held mail."""
    return [
        News(stream, "ticket", {"id": ticket.pk, "v": ticket.version})
        for stream in ("desk", f"ticket:{ticket.pk}:staff")
    ]
