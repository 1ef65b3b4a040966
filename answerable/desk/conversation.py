"""Everything that staff may read on a ticket, in one line of time: replies, notes, held mail and events."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from answerable.desk.marks import Mark, forwarded_by, told, verdict_mark
from answerable.desk.receipts import Receipts, receipts
from answerable.lib.addresses import url
from answerable.lib.html import safe
from answerable.lib.mail_html import folded, in_page
from answerable.notify.queries import of_ticket
from answerable.tickets.entry_queries import replies
from answerable.tickets.entry_shown import Invitation, Row, files, invitation, said
from answerable.tickets.held import held_html, held_of
from answerable.tickets.models import Ticket
from answerable.tickets.notes import notes_of
from answerable.tickets.queries import history


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
    signature_html: str = ""
    sheet_url: str = ""
    quoted_html: str = ""
    quoted_url: str = ""
    attachments: tuple[Row, ...] = ()
    pictures: tuple[Row, ...] = ()
    signatures: tuple[Row, ...] = ()
    infected: tuple[tuple[str, str], ...] = ()
    invitation: Invitation | None = None
    verdict: Mark | None = None
    forwarded_by: str = ""
    told: tuple[str, ...] = ()
    raw_id: int | None = None
    receipts: Receipts = field(default_factory=Receipts)
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

    def file_url(pk: int) -> str:
        return url("desk:file", number=ticket.number, pk=pk)

    def sheet_url(pk: int) -> str:
        return url("desk:sheet", number=ticket.number, pk=pk)

    for entry in replies(ticket):
        yield Item(
            kind="reply",
            id=entry.id,
            at=entry.at,
            author=f"{entry.author} <{entry.address}>" if entry.address else entry.author,
            author_id=entry.author_id,
            author_kind="staff" if entry.from_staff else "customer",
            organization="" if entry.from_staff else organization,
            channel=entry.channel,
            receipts=receipts(mails.get(entry.id, ())),
            verdict=verdict_mark(entry.origin),
            forwarded_by=forwarded_by(entry.flags, entry.origin),
            told=told(entry.flags),
            raw_id=entry.raw_id,
            **vars(said(entry, file_url, sheet_url)),
            invitation=invitation(entry.origin),
            **vars(files(entry.files, file_url)),
        )


def _notes(ticket: Ticket) -> Iterator[Item]:
    for note in notes_of(ticket.pk):
        files = [(pk, name, size, _note_file(ticket, pk), virus) for pk, name, size, virus in note.files]
        yield Item(
            kind="note",
            id=note.id,
            at=note.at,
            author=note.author,
            html=safe(note.html),
            attachments=tuple(row[:4] for row in files if not row[4]),
            infected=tuple((row[1], row[4]) for row in files if row[4]),
        )


def _note_file(ticket: Ticket, pk: int) -> str:
    return url("desk:note_file", number=ticket.number, pk=pk)


def _held(ticket: Ticket) -> Iterator[Item]:
    for held in held_of(ticket.pk):
        # No picture of it is shown before somebody lets it in (E-39).
        html, signature = folded(in_page(held.html))
        yield Item(
            kind="held",
            id=held.id,
            at=held.at,
            author=f"{held.sender_name} <{held.sender}>" if held.sender_name else held.sender,
            author_kind="customer",
            channel="mail",
            html=safe(html),
            signature_html=safe(signature),
            sheet_url=url("desk:held_sheet", number=ticket.number, pk=held.id) if held.on_sheet else "",
            verdict=verdict_mark(held.origin),
            invitation=invitation(held.origin),
            raw_id=held.raw_id if held.raw_id > 0 else None,  # it may have gone elsewhere
            reason=held.reason,
            settled=held.settled_as,
            file_names=tuple(held.file_names),
        )


def _events(ticket: Ticket) -> Iterator[Item]:
    for line in history(ticket, staff=True):
        yield Item(kind="event", id=line.id, at=line.at, text=line.text, event=line.kind)


def last_answer(items: list[Item], author_id: int) -> datetime | None:
    """When this agent answered last."""
    mine = (item.at for item in items if item.kind == "reply" and item.author_id == author_id)
    return max(mine, default=None)


def determined(items: list[Item]) -> str:
    """Who determined the severity last, and why; "" while nobody has."""
    return next((item.text for item in reversed(items) if item.event == "severity"), "")


def was_asked(items: list[Item]) -> bool:
    """Whether its requester was ever asked how our help was."""
    return any(item.event == "csat_asked" for item in items)


def held_words(ticket: Ticket, pk: int) -> str | None:
    """What a held message says, for its sheet; None if this ticket has no such message."""
    return held_html(ticket.pk, pk)
