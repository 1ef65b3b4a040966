"""Take a message out of a ticket that it does not belong to. Called by casework alone, on a locked ticket.

Its words and files leave; its events stay, and one more says that it left. Unless staff have answered it here, the
ticket is then as if the message had never come: `course` says how that is.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.tickets.actions import Change
from answerable.tickets.models import Attachment, Event, Reply, Status

MOVED = "moved"
_SPOKEN = {"customer_message", "agent_reply", "automatic_message"}
_PAUSES = {"waiting_on_customer": Status.PENDING, "on_hold": Status.HOLD}


@dataclass
class Course:
    """Where a ticket's events have led it."""

    status: str = Status.NEW
    hold_reason: str = ""
    solved_at: datetime | None = None
    waits_for: str = "us"

    def go(self, status: str, waits_for: str | None = None, why: str = "", at: datetime | None = None) -> None:
        """On to this status; `waits_for` None leaves who waits."""
        self.status, self.hold_reason, self.solved_at = status, why, at
        self.waits_for = self.waits_for if waits_for is None else waits_for

    def begin(self) -> None:
        """Staff have taken it up."""
        if self.status == Status.NEW:
            self.status = Status.OPEN

    def hear(self) -> None:
        """The customer has written."""
        self.waits_for = "us"
        if self.status in {Status.PENDING, Status.HOLD, Status.SOLVED}:
            self.go(Status.OPEN)


def course(events: Iterable[Event], without: Container[int] = ()) -> Course:
    """The status that these events lead to, in their order, if the customer's messages `without` had never come."""
    now = Course()
    for event in events:
        if event.kind == "agent_reply" or (event.kind == "assigned" and event.data["assignee"]):
            now.begin()
        match event.kind:
            case "customer_message" if event.data["reply"] not in without:
                now.hear()
            case "agent_reply":
                now.waits_for = "customer"
            case "pause":
                why = event.data.get("why", "") if event.data["reason"] == "on_hold" else ""
                now.go(_PAUSES[event.data["reason"]], why=why)
            case "resume":
                now.go(Status.OPEN)
            case "reopen":
                now.go(Status.OPEN, event.data.get("then_waits", "us"))
            case "resolve":
                now.go(Status.SOLVED, "", at=event.occurred_at)
            case "closed":
                now.status = Status.CLOSED
    return now


def is_answered(events: Sequence[Event], reply_id: int) -> bool:
    """Whether staff have answered here since that message came."""
    came = [number for number, event in enumerate(events) if event.data.get("reply") == reply_id]
    return any(event.kind == "agent_reply" for event in events[came[0] + 1 :]) if came else False


def blank(reply: Reply) -> None:
    """Its words and files leave this ticket; the raw mail may become another entry."""
    Attachment.objects.filter(reply=reply).delete()
    Reply.objects.filter(pk=reply.pk).update(
        text="",
        new_text="",
        html="",
        whole_html="",
        on_sheet=False,
        origin={},
        message_id="",
        raw_id=None,
        flags=[*reply.flags, MOVED],
    )


def take_out(change: Change, reply: Reply, events: Sequence[Event], to: int) -> bool:
    """Say that the message went to the ticket with the number `to`, and go on without it. False: nothing is left."""
    ticket = change.ticket
    gone = {event.data["reply"] for event in events if event.kind == "message_moved"} | {reply.pk}
    answered = is_answered(events, reply.pk)
    change.event("message_moved", reply=reply.pk, label=reply.author.label, to=to, uncounted=not answered)
    if not answered and ticket.status != Status.CLOSED:
        _go_on(change, course(events, gone))
    last = Reply.objects.filter(ticket=ticket).exclude(pk__in=gone).order_by("-id").first()
    ticket.preview = " ".join(last.new_text.split())[:200] if last else ""
    return any(event.kind in _SPOKEN and event.data.get("reply") not in gone for event in events)


def _go_on(change: Change, now: Course) -> None:
    ticket = change.ticket
    ticket.status, ticket.hold_reason = now.status, now.hold_reason
    ticket.solved_at, ticket.waits_for = now.solved_at, now.waits_for
