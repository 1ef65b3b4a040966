"""Set on a ticket what an event says was there before. Called by casework alone, on a locked ticket."""

from typing import Any

from answerable.people.models import Person, Team
from answerable.tickets.actions import PAUSED, Change, assign, stood
from answerable.tickets.models import Status


def status(change: Change, before: str, hold_reason: str, waits_for: str) -> None:
    """The status that it had, by the clock's own events; `waits_for`: who waits then."""
    ticket = change.ticket
    if before == Status.SOLVED:
        change.event("resolve", **stood(ticket))
    elif before in PAUSED:
        _pause(change, Status(before), hold_reason)
    elif ticket.status in PAUSED:
        change.event("resume", **stood(ticket))
    elif ticket.status == Status.SOLVED:
        # Nobody has asked again: whoever waited before it was solved waits.
        change.event("reopen", **stood(ticket), then_waits=waits_for)
    ticket.solved_at = change.at if before == Status.SOLVED else None
    ticket.status, ticket.waits_for = before, waits_for
    ticket.hold_reason = hold_reason if before == Status.HOLD else ""


def _pause(change: Change, before: Status, hold_reason: str) -> None:
    """A pause begins on an open request: the clock knows none on a solved one, which is opened first (`part`)."""
    ticket, was = change.ticket, stood(change.ticket)
    if ticket.status == Status.SOLVED:
        change.event("reopen", part=True, then_waits="customer")
    change.event("pause", reason=PAUSED[before], why=hold_reason, **was)


def assignment(change: Change, before: dict[str, Any], after: dict[str, Any], *, unopen: bool) -> None:
    """Who and which team had it. What the event did not move stays as it is now; `unopen`: it is new again."""
    ticket = change.ticket
    assignee, team = ticket.assignee, ticket.team
    if before["assignee"] != after["assignee"]:
        assignee = Person.objects.filter(pk=before["assignee"]).first()
    if before["team"] != after["team"]:
        team = Team.objects.filter(pk=before["team"]).first()
    assign(change, assignee, team)
    if unopen:
        ticket.status = Status.NEW
