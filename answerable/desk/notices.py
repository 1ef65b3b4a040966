"""What a person was told, as the page of notices shows it: of a request that is theirs no longer, nothing but that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.addresses import url
from answerable.notify.models import Notice
from answerable.people.access import administers
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
    # Of the mail room, which is about no request: where it is shown.
    place: str = ""
    since: datetime | None = None
    who: str = ""
    what: str = ""


def items(person: Person, rows: Sequence[Notice], now: datetime) -> list[Item]:
    """In the order of the rows."""
    titles = worked_titles(person, [row.ticket_id for row in rows if row.ticket_id is not None], now)
    return [_item(row, person, titles.get(row.ticket_id or 0)) for row in rows]


# What administrators are told of the mail room, and the tab that shows it.
PLACES = {
    "mail_quarantine": "?tab=quarantine",
    "mail_rate_limited": "?tab=quarantine",
    "mail_mailbox": "",
    "mail_waiting": "?tab=waiting",
    "probe_failed": "",
    "probe_back": "",
}


def place(row: Notice, person: Person) -> str:
    """Where a notice about the mail room leads; "" for any other, and for who may not go there."""
    if row.kind == "hand_over":
        return url("desk:team_shift", key=row.data["team"])
    if row.kind not in PLACES or not administers(person):
        return ""
    return url("desk:mail") + PLACES[row.kind]


def _item(row: Notice, person: Person, title: tuple[int, str] | None) -> Item:
    where = place(row, person)
    if where:
        since, name = _moment(row.data.get("since")), row.data.get("name") or row.data.get("what", "")
        who = row.data.get("who", "")
        is_read = row.read_at is not None
        return Item(row.pk, is_read, row.at, kind=row.kind, place=where, since=since, who=who, what=name)
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
