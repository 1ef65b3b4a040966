"""What a person was told, as the page of notices shows it: of a request that is theirs no longer, nothing but that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.tickets.queries import worked_titles


@dataclass(frozen=True)
class Item:
    """One notice. `number` None: the person may not see the request (any more), so the rest of it is empty too.

    `late_seconds`: a broken promise that was answered all the same, so much too late. `who` said `what`, of the other
    kinds.
    """

    id: int
    read: bool
    at: datetime
    number: int | None = None
    subject: str = ""
    kind: str = ""
    metric: str = ""
    due_at: datetime | None = None
    late_seconds: int | None = None
    who: str = ""
    what: str = ""


def items(person: Person, rows: Sequence[Notice], now: datetime) -> list[Item]:
    """In the order of the rows."""
    titles = worked_titles(person, [row.ticket_id for row in rows if row.ticket_id is not None], now)
    return [_item(row, titles.get(row.ticket_id or 0)) for row in rows]


def _item(row: Notice, title: tuple[int, str] | None) -> Item:
    if title is None:
        # What somebody wrote themselves stays theirs, though not the request.
        kind = row.kind if row.kind == "unsent" else ""
        return Item(row.pk, row.read_at is not None, row.at, kind=kind)
    due, answered = (_moment(row.data.get(name)) for name in ("due_at", "answered_at"))
    return Item(
        id=row.pk,
        read=row.read_at is not None,
        at=row.at,
        number=title[0],
        subject=title[1],
        kind=row.kind,
        metric=row.data.get("metric", ""),
        due_at=due,
        who=row.data.get("who", ""),
        what=row.data.get("what", ""),
        late_seconds=int((answered - due).total_seconds()) if answered and due else None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
