"""Write a ticket's own rows. Called by casework alone, on a locked ticket: no notice, clock or live news here.

A verb collects what it does in a `Change`; casework's settle stores it in one go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from answerable.audit.actions import Actor
from answerable.lib.errors import Refused
from answerable.lib.rows import cursor, insert, update, update_many
from answerable.people.models import Organization, Person, Team
from answerable.tickets.access import lock
from answerable.tickets.files import keep
from answerable.tickets.models import NO_PROMISE, Attachment, Event, File, Participant, Reply, SetAside, Status, Ticket
from answerable.tickets.shown import people_on

# The channel of tickets that came with their past (mail contract E-84).
IMPORT = "import"
PAUSED = {Status.PENDING: "waiting_on_customer", Status.HOLD: "on_hold"}


@dataclass(frozen=True)
class Upload:
    """A file that comes with a message; `name` and `content_type` are display data, already made safe.

    `kept`: the bytes lie in the files folder already, and `content` is empty.
    """

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    cid: str = ""
    role: str = ""
    kept: File | None = None


@dataclass(frozen=True)
class Message:
    """What somebody wrote: `text` whole, `new_text` without quotes, `html` clean and ready to show.

    `whole_html`, `on_sheet` and `origin` as in `Reply`.
    """

    text: str
    new_text: str
    html: str
    channel: str
    whole_html: str = ""
    on_sheet: bool = False
    origin: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()
    received_at: datetime | None = None
    raw_id: int | None = None
    message_id: str = ""
    automatic: bool = False
    flags: tuple[str, ...] = ()
    # Addresses that this message reached without us: they are not sent it again.
    seen_by: frozenset[str] = frozenset()
    # Where mail of the requester asks for answers to go; empty: to the address that they have.
    answers_to: str = ""


@dataclass(frozen=True)
class Opening:
    """A ticket to be."""

    subject: str
    requester: Person
    organization: Organization | None
    team: Team | None
    severity: str
    channel: str
    inbox: str = ""
    stated_severity: str = ""
    impact: str = ""
    unverified: bool = False
    follow_up_of: Ticket | None = None
    # What the form asked besides, as `answers.stored` makes it.
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Change:
    """One verb's worth of writing on one locked (or new) ticket. `at` never runs behind the ticket's last event."""

    ticket: Ticket
    actor: Actor
    at: datetime
    is_new: bool = False
    verb: str = ""
    events: list[Event] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    reply: Reply | None = None
    attachments: list[Attachment] = field(default_factory=list)
    # Rows of other tables that are stored with it.
    others: list[Model] = field(default_factory=list)
    seen_by: frozenset[str] = frozenset()
    # The id of a new ticket's first entry, taken together with the ticket's own.
    next_entry: int | None = None

    def event(self, kind: str, received_at: datetime | None = None, **data: object) -> None:
        """Append one transition to the ticket's history."""
        self.events.append(
            Event(
                ticket=self.ticket,
                kind=kind,
                occurred_at=self.at,
                received_at=received_at,
                actor_kind=self.actor.kind,
                actor_id=self.actor.id,
                actor_label=self.actor.label,
                data=data,
            )
        )


def begin(ticket_id: int, actor: Actor, now: datetime, *, closed_too: bool = False) -> Change:
    """Lock the ticket for a change. Raises Refused on a closed one, unless what changes is who reads it."""
    ticket = lock(ticket_id)
    if ticket.status == Status.CLOSED and not closed_too:
        raise Refused("closed", why_closed(ticket, staff=actor.kind == "staff"))
    return Change(ticket=ticket, actor=actor, at=max(now, ticket.last_event_at))


def why_closed(ticket: Ticket, *, staff: bool) -> str:
    """Why nothing can be done on a closed ticket. That it counts as spam is no customer's to read."""
    if ticket.set_aside == SetAside.MERGED:
        return _("This request was merged into another one, where it is handled.")
    if staff and ticket.set_aside == SetAside.SPAM:
        return _("This request was marked as spam.")
    if staff and ticket.set_aside == SetAside.DELETED:
        return _("This request was deleted.")
    return _("This request is closed for good. Please open a new one; it can refer to this.")


def start(opening: Opening, actor: Actor, now: datetime) -> Change:
    """A new ticket with its number and its requester, stored by settle together with all else."""
    pk, number, entry_id = _new_numbers()
    ticket = Ticket(
        pk=pk,
        number=number,
        subject=opening.subject,
        requester=opening.requester,
        organization=opening.organization,
        team=opening.team,
        severity=opening.severity,
        stated_severity=opening.stated_severity,
        impact=opening.impact,
        channel=opening.channel,
        inbox=opening.inbox,
        unverified=opening.unverified,
        fields=dict(opening.fields),
        follow_up_of=opening.follow_up_of,
        created_at=now,
        updated_at=now,
        last_event_at=now,
    )
    change = Change(ticket=ticket, actor=actor, at=now, is_new=True, next_entry=entry_id)
    change.event(
        "opened",
        channel=opening.channel,
        severity=opening.severity,
        stated=opening.stated_severity,
        impact=opening.impact,
    )
    join(change, opening.requester, "requester", opening.channel)
    return change


def _new_numbers() -> tuple[int, int, int]:
    with cursor() as asked:
        asked.execute("SELECT nextval('tickets_ticket_id_seq'), nextval('ticket_number'), nextval('entry_id')")
        row = asked.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def join(change: Change, person: Person, role: str, source: str, **more: Any) -> None:
    """Put a person on the ticket (`added_by`, `pending`, `standing`); storing skips who is on it already."""
    change.participants.append(
        Participant(ticket=change.ticket, person=person, role=role, since=change.at, source=source, **more)
    )


def write_reply(change: Change, author: Person, message: Message, *, from_staff: bool) -> Reply:
    """A public entry and its event. An automatic message starts, stops and reopens nothing (mail contract E-47)."""
    reply = _entry(change, author, message, from_staff=from_staff)
    change.ticket.preview = _preview(message)
    if author.pk == change.ticket.requester_id and message.channel == "mail":
        _answer_at(change, message.answers_to)
    if message.automatic:
        change.event("automatic_message", reply=reply.pk)
    elif from_staff:
        _staff_spoke(change, reply)
    else:
        _customer_spoke(change, reply, message.received_at)
    return reply


def write_past(change: Change, author: Person, message: Message, *, from_staff: bool) -> Reply:
    """An entry of long ago, which is there to be read: it starts, stops and reopens nothing, and no clock counts it.

    `change.at` is when it was written. Afterwards the change is as late as the ticket's last event.
    """
    ticket = change.ticket
    reply = _entry(change, author, message, from_staff=from_staff)
    change.event("past_message", reply=reply.pk)
    if change.at >= ticket.last_event_at:
        ticket.preview = _preview(message)
    change.at = max(change.at, ticket.last_event_at)
    return reply


def rest(change: Change, window: timedelta, now: datetime) -> None:
    """A ticket that came with its past is solved as of its last message, and closed where nobody may reopen it."""
    ticket = change.ticket
    ticket.status = Status.CLOSED if change.at + window <= now else Status.SOLVED
    ticket.solved_at, ticket.waits_for = change.at, ""


def _preview(message: Message) -> str:
    return " ".join(message.new_text.split())[:200]


def _entry(change: Change, author: Person, message: Message, *, from_staff: bool) -> Reply:
    """The row, and its files."""
    reply = Reply(
        ticket=change.ticket,
        author=author,
        from_staff=from_staff,
        automatic=message.automatic,
        channel=message.channel,
        at=change.at,
        received_at=message.received_at,
        text=message.text,
        new_text=message.new_text,
        html=message.html,
        whole_html=message.whole_html,
        on_sheet=message.on_sheet,
        origin=dict(message.origin),
        raw_id=message.raw_id,
        message_id=message.message_id,
        flags=list(message.flags),
    )
    reply.pk = change.next_entry or _next_entry_id()
    change.reply = reply
    change.seen_by = message.seen_by
    change.attachments = _attachments(reply, message.files)
    return reply


def _answer_at(change: Change, address: str) -> None:
    """From now on, answers to the requester go where their latest mail asked for them."""
    rows = change.participants if change.is_new else people_on(change.ticket)
    for row in rows:
        if row.role == "requester" and row.person_id == change.ticket.requester_id and row.answers_to != address:
            row.answers_to = address
            if not change.is_new:
                update(row, "answers_to")


def _next_entry_id() -> int:
    with cursor() as asked:
        asked.execute("SELECT nextval('entry_id')")
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def number_files(change: Change) -> None:
    """Give the files of the new entry the ids that they will be stored under, for what names them before."""
    for row in change.attachments:
        row.pk = row.pk or _next_file_id()


def _next_file_id() -> int:
    with cursor() as asked:
        asked.execute("SELECT nextval(pg_get_serial_sequence('tickets_attachment', 'id'))")
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def _attachments(reply: Reply, files: Sequence[Upload]) -> list[Attachment]:
    return [
        Attachment(
            reply=reply,
            ticket=reply.ticket,
            file=upload.kept or keep(upload.content),
            name=upload.name,
            content_type=upload.content_type[:100],
            inline=upload.inline,
            cid=upload.cid,
            role=upload.role,
            position=position,
        )
        for position, upload in enumerate(files)
    ]


def _staff_spoke(change: Change, reply: Reply) -> None:
    opens: dict[str, Any] = {}
    if change.ticket.status == Status.NEW:
        opens = {"before": Status.NEW.value, "after": Status.OPEN.value}
    change.event("agent_reply", reply=reply.pk, **opens)
    change.ticket.waits_for = "customer"
    if opens:
        change.ticket.status = Status.OPEN


def _customer_spoke(change: Change, reply: Reply, received_at: datetime | None) -> None:
    """A customer's message ends a pause and reopens a solved ticket (sla contract §1.2)."""
    ticket = change.ticket
    opens = ticket.status in {Status.PENDING, Status.HOLD, Status.SOLVED}
    moved = {**stood(ticket), "after": Status.OPEN.value} if opens else {}
    change.event("customer_message", received_at, reply=reply.pk, reopened=ticket.status == Status.SOLVED, **moved)
    ticket.waits_for = "us"
    wake(change, "customer")
    if opens:
        ticket.status = Status.OPEN
        ticket.hold_reason = ""
        ticket.solved_at = None


def wake(change: Change, why: str) -> None:
    """A snoozed ticket is in its assignee's view again. `why`: time, customer, promise, solved or person."""
    if change.ticket.snoozed_until is not None:
        change.event("woken", why=why, until=change.ticket.snoozed_until.isoformat())
        change.ticket.snoozed_until = None


def set_status(change: Change, status: str, reason: str = "") -> None:
    """Move the ticket, writing the clock's own event. Raises Refused on a pause before an answer."""
    ticket = change.ticket
    if status == ticket.status and reason == ticket.hold_reason:
        return
    if status in PAUSED:
        _pause(change, status, reason)
    elif status == Status.SOLVED:
        change.event("resolve", **stood(ticket))
        wake(change, "solved")
        ticket.solved_at = change.at
        ticket.waits_for = ""
    elif status == Status.OPEN:
        _set_open(change)
    else:
        raise Refused("unknown_status", f"A request cannot be set to {status!r}.")
    ticket.status = status
    ticket.hold_reason = reason if status == Status.HOLD else ""


def _pause(change: Change, status: str, reason: str) -> None:
    if change.ticket.waits_for == "us":
        raise Refused("answer_first", "The customer waits for an answer: reply first, then the clock may pause.")
    if status == Status.HOLD and not reason.strip():
        raise Refused("reason_missing", "Say what the request is on hold for; the customer sees it.")
    change.event("pause", reason=PAUSED[Status(status)], why=reason, **stood(change.ticket))


def _set_open(change: Change) -> None:
    ticket = change.ticket
    if ticket.status == Status.SOLVED:
        change.event("reopen", **stood(ticket))
        ticket.solved_at = None
        ticket.waits_for = "us"
    elif ticket.status in PAUSED:
        change.event("resume", **stood(ticket))


def stood(ticket: Ticket) -> dict[str, Any]:
    """How it stood, for an event that moves its status: what undoing that sets again."""
    stood = {"before": str(ticket.status), "waits_for": ticket.waits_for}
    return stood | ({"hold_reason": ticket.hold_reason} if ticket.hold_reason else {})


def assign(change: Change, assignee: Person | None, team: Team | None, **how: Any) -> None:
    """Give the ticket to a person, a team, or both. `how` goes into the event: a rule (`rule`), or who took it."""
    ticket = change.ticket
    if ticket.assignee == assignee and ticket.team == team:
        return
    opens = assignee is not None and ticket.status == Status.NEW
    told = _given(assignee, team) | {"before": _given(ticket.assignee, ticket.team)}
    change.event("assigned", **told | how | ({"opened": True} if opens else {}))
    ticket.assignee = assignee
    ticket.team = team
    if opens:
        ticket.status = Status.OPEN


def _given(assignee: Person | None, team: Team | None) -> dict[str, Any]:
    return {
        "assignee": assignee.pk if assignee else None,
        "assignee_label": assignee.label if assignee else "",
        "team": team.pk if team else None,
        "team_label": team.name if team else "",
    }


def no_promise(ticket: Ticket) -> None:
    """Nothing is owed on this ticket now."""
    ticket.next_due_at, ticket.promise_metric, ticket.promise_start_at = NO_PROMISE, "", None


_PROMISE = ["next_due_at", "promise_metric", "promise_start_at", "breached_at"]


def store_promise(ticket: Ticket) -> None:
    """Write what the queue knows of the ticket's promises, and nothing else."""
    update(ticket, *_PROMISE)


def store_promises(changed: Sequence[Ticket]) -> None:
    """The same of several, with the moment of their last event."""
    update_many(changed, [*_PROMISE, "last_event_at"])


def store_events(events: Sequence[Event]) -> None:
    """Append to the histories of several tickets."""
    insert(events)


def store(change: Change, others: Iterable[Model]) -> None:
    """Write everything that the change collected, and the rows that go with it, in one statement."""
    ticket = change.ticket
    ticket.last_event_at = change.at
    ticket.updated_at = change.at
    ticket.version += 1
    if not change.is_new:
        update(ticket)
    insert(
        [
            *([ticket] if change.is_new else []),
            *change.participants,
            *([change.reply] if change.reply else []),
            *change.attachments,
            *change.events,
            *change.others,
            *others,
        ],
        once=Participant,
    )
