"""Requests with a past: verbs played at chosen hours, so that some promises are kept and some broken."""

from datetime import datetime, timedelta

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.people.models import Person
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket, says

# (hours after opening, who, what)
Step = tuple[float, str, str]
Story = tuple[Step, ...]

QUICK: Story = ((0.2, "agent", "reply"), (1, "agent", "solved"))
SLOW: Story = ((30, "agent", "reply"), (31, "requester", "reply"), (32, "lead", "reply"), (40, "agent", "solved"))
SILENT: Story = ((50, "agent", "solved"),)
UNANSWERED: Story = ()
RAISED: Story = (
    (1, "agent", "P0"),
    (3, "agent", "reply"),
    (4, "agent", "pending"),
    (9, "requester", "reply"),
    (10, "agent", "P3"),
    (30, "agent", "reply"),
    (31, "agent", "solved"),
    (40, "requester", "reply"),
    (41, "lead", "reply"),
    (60, "agent", "solved"),
)
STATED: Story = ((1, "requester", "states P1"), (5, "agent", "reply"), (6, "agent", "P2"), (20, "agent", "solved"))
ALL = (QUICK, SLOW, SILENT, UNANSWERED, RAISED, STATED)


def play(cast: Cast, story: Story, at: datetime, **opening: object) -> Ticket:
    """The ticket, after everything in the story has happened to it."""
    ticket = a_ticket(cast, at, **opening)
    for hours, who, what in story:
        _step(getattr(cast, who), ticket.pk, what, at + timedelta(hours=hours))
    return Ticket.objects.get(pk=ticket.pk)


def _step(person: Person, pk: int, what: str, at: datetime) -> None:
    clock_actions.look(pk, at)
    if what == "reply":
        casework.add_reply(person, pk, says("Here."), at)
    elif what in {"solved", "pending"}:
        casework.set_status(person, pk, what, at)
    elif what.startswith("states "):
        casework.state_severity(person, pk, what.removeprefix("states "), "", at)
    else:
        casework.determine_severity(person, pk, what, "because", at)
