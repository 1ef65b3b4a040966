"""Replies that have not left, as the desk shows them: on their way, not sent and why, or back in the composer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.html import safe
from answerable.people.models import Person
from answerable.tickets.drafts import Shown, drafts_of, unsent_of
from answerable.tickets.models import Ticket

MOST_UNSENT = 100


@dataclass(frozen=True)
class Pending:
    """One that is on its way (`send_at`), or could not be sent (`failure`)."""

    id: int
    author: str
    at: datetime
    send_at: datetime | None
    seconds: int
    failure: str
    html: str
    file_names: tuple[str, ...]
    may_undo: bool
    may_discard: bool


@dataclass(frozen=True)
class Restored:
    """What the composer begins with. `files`: id, name and bytes of each; `cc`: addresses, with commas."""

    id: int
    text: str
    status: str
    failure: str
    files: tuple[tuple[int, str, int], ...]
    cc: str = ""


def of_ticket(
    ticket: Ticket, person: Person, now: datetime, *, may_work: bool
) -> tuple[list[Pending], Restored | None]:
    """What everybody at the desk sees below the conversation, and what this person finds in the composer."""
    found = drafts_of(ticket.pk) if ticket.waiting_drafts or ticket.aside_drafts else []
    mine = [one for one in found if one.send_at is None and one.author_id == person.pk]
    back = mine[-1] if mine else None
    return [
        _pending(one, person, now, may_work=may_work)
        for one in found
        if one is not back and (one.send_at is not None or one.failure)
    ], restored(back)


def restored(row: Shown | None) -> Restored | None:
    """As the composer has it."""
    if row is None:
        return None
    files = tuple((pk, name, size) for pk, name, size in row.files)
    return Restored(row.id, row.text, row.status, row.failure, files, row.cc)


def _pending(row: Shown, person: Person, now: datetime, *, may_work: bool) -> Pending:
    mine, waits = row.author_id == person.pk, row.send_at is not None
    return Pending(
        id=row.id,
        author=row.author,
        at=row.at,
        send_at=row.send_at,
        seconds=max(0, int((row.send_at - now).total_seconds())) if row.send_at else 0,
        failure=row.failure,
        html=safe(row.html),
        file_names=tuple(name for _pk, name, _size in row.files),
        may_undo=waits and mine,
        may_discard=not waits and (mine or (not row.is_active and may_work)),
    )


def unsent(person: Person) -> Sequence[Shown]:
    """What this person has put aside or could not send, on any request; latest first."""
    return unsent_of(person.pk, MOST_UNSENT)
