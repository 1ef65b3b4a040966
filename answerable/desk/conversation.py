"""Everything that staff may read on a ticket, in one line of time: replies, notes, held mail and events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.addresses import url
from answerable.lib.html import from_text, safe
from answerable.notify.queries import of_ticket
from answerable.tickets.held import held_of
from answerable.tickets.models import Ticket
from answerable.tickets.notes import notes_of
from answerable.tickets.queries import Entry, history, replies


@dataclass(frozen=True)
class Item:
    """One entry as the templates show it; events have `text` and `event` (their kind), the others `html`."""

    kind: str
    id: int
    at: datetime
    author: str = ""
    author_id: int = 0
    author_kind: str = "staff"
    organization: str = ""
    channel: str = ""
    html: str = ""
    text: str = ""
    event: str = ""
    quoted_html: str = ""
    attachments: tuple[tuple[int, str, int, str], ...] = ()
    deliveries: tuple[tuple[str, str], ...] = ()
    file_names: tuple[str, ...] = ()
    reason: str = ""
    settled: str = ""


def conversation(ticket: Ticket) -> list[Item]:
    """Oldest first; an event after the entry that caused it."""
    items = [*_replies(ticket), *_notes(ticket), *_held(ticket), *_events(ticket)]
    return sorted(items, key=lambda item: (item.at, item.kind == "event", item.id))


def _replies(ticket: Ticket) -> Iterator[Item]:
    mails = of_ticket(ticket.pk)
    organization = ticket.organization.name if ticket.organization else ""
    for entry in replies(ticket):
        yield Item(
            kind="reply",
            id=entry.id,
            at=entry.at,
            author=entry.author,
            author_id=entry.author_id,
            author_kind="staff" if entry.from_staff else "customer",
            organization="" if entry.from_staff else organization,
            channel=entry.channel,
            html=safe(entry.html),
            quoted_html=safe(from_text(entry.quoted)) if entry.quoted else "",
            attachments=_files(ticket, entry),
            deliveries=tuple(mails.get(entry.id, ())),
        )


def _files(ticket: Ticket, entry: Entry) -> tuple[tuple[int, str, int, str], ...]:
    return tuple((pk, name, size, url("desk:file", number=ticket.number, pk=pk)) for pk, name, size in entry.files)


def _notes(ticket: Ticket) -> Iterator[Item]:
    for note in notes_of(ticket.pk):
        yield Item(kind="note", id=note.id, at=note.at, author=note.author, html=safe(note.html))


def _held(ticket: Ticket) -> Iterator[Item]:
    for held in held_of(ticket.pk):
        yield Item(
            kind="held",
            id=held.id,
            at=held.at,
            author=f"{held.sender_name} <{held.sender}>" if held.sender_name else held.sender,
            author_kind="customer",
            channel="mail",
            html=safe(held.html),
            reason=held.reason,
            settled=held.settled_as,
            file_names=tuple(held.file_names),
        )


def _events(ticket: Ticket) -> Iterator[Item]:
    for said in history(ticket, staff=True):
        yield Item(kind="event", id=said.id, at=said.at, text=said.text, event=said.kind)


def last_answer(items: list[Item], author_id: int) -> datetime | None:
    """When this agent answered last."""
    mine = (item.at for item in items if item.kind == "reply" and item.author_id == author_id)
    return max(mine, default=None)


def determined(items: list[Item]) -> str:
    """Who determined the severity last, and why; "" while nobody has."""
    return next((item.text for item in reversed(items) if item.event == "severity"), "")
