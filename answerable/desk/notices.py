"""What a person was told, as the page of notices shows it: of a request that is theirs no longer, nothing but that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.timezone import get_current_timezone
from django.utils.translation import ngettext

from answerable.casework.notice_words import sentence
from answerable.lib.addresses import url
from answerable.lib.zones import zone
from answerable.notify.models import Notice
from answerable.notify.notice_queries import Line, fresh, tickets_of
from answerable.notify.wishes import asked_by
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.tickets.queries import urgent, worked_titles


@dataclass(frozen=True)
class Item:
    """One line. `number` None: the person may not see the request (any more), so the rest of it is empty too.

    `kind` and what follows are those of the newest notice; `kinds` says how many of each are unread.
    `late_seconds`: a broken promise that was answered all the same, so much too late. `who` said `what`, of the other
    kinds; `said`: the whole in a sentence.
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
    # Of what is about no request: where it is shown.
    place: str = ""
    since: datetime | None = None
    who: str = ""
    what: str = ""
    said: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many are unread in this line."""
        return sum(self.kinds.values())

    @property
    def weight(self) -> str:
        """The kind that the line's word names: the gravest of what is unread."""
        return min(self.kinds, key=lambda kind: GRAVITY.get(kind, len(GRAVITY)), default=self.kind)


_GRAVEST = ("breach", "undelivered", "escalation", "warning", "mention", "held", "assigned", "asked", "stated")
GRAVITY = {kind: rank for rank, kind in enumerate((*_GRAVEST, "defect", "reply", "note", "answer"))}


def items(person: Person, rows: Sequence[Line], now: datetime) -> list[Item]:
    """In the order of the rows."""
    titles = worked_titles(person, tickets_of(rows), now)
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


def place(row: Line | Notice, person: Person) -> str:
    """Where a notice about no request leads; "" for any other, and for who may not go there."""
    if row.kind == "hand_over" and "team" in row.data:
        return url("desk:team_shift", key=row.data["team"])
    if row.kind in {"on_call", "gap"} and "schedule" in row.data:
        return url("desk:on_call_one", key=row.data["schedule"])
    if row.kind == "gap":
        return url("desk:on_call")
    if row.kind == "drill":
        return url("desk:drills")
    if row.kind in PLACES:
        return url("desk:mail") + PLACES[row.kind] if administers(person) else ""
    path = str(row.data.get("path", "")) if row.ticket_id is None else ""
    return path if path.startswith("/desk/") else ""


def _item(row: Line, person: Person, title: tuple[int, str] | None) -> Item:
    where = place(row, person)
    if where:
        since, name = _moment(row.data.get("since")), row.data.get("name", "") or row.data.get("what", "")
        said = sentence(row.kind, row.data, _here())
        return Item(
            row.id,
            row.read,
            row.at,
            kind=row.kind,
            place=where,
            since=since,
            who=row.data.get("who", ""),
            what=name,
            said=said,
        )
    if title is None:
        # What somebody wrote themselves stays theirs, though not the request.
        kind = row.kind if row.kind == "unsent" else ""
        return Item(row.id, row.read, row.at, kind=kind)
    due, answered = (_moment(row.data.get(name)) for name in ("due_at", "answered_at"))
    return Item(
        id=row.id,
        read=row.read,
        at=row.at,
        number=title[0],
        subject=title[1],
        kind=row.kind,
        metric=row.data.get("metric", ""),
        due_at=due,
        who=row.data.get("who", ""),
        what=row.data.get("what", ""),
        late_seconds=int((answered - due).total_seconds()) if answered and due else None,
        said=sentence(row.kind, row.data, _here()),
        kinds=row.kinds,
    )


def _here() -> Any:
    return zone(str(get_current_timezone()))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# More at once than this are told as one.
AT_ONCE = 3


@dataclass(frozen=True)
class News:
    """For a browser: what to show, newest first, and which of those that it shows are still unread."""

    items: list[dict[str, object]]
    unread: list[int]
    newest: int


def news(person: Person, after: int | None, now: datetime) -> News:
    """What came after that notice (None: nothing is shown, only where to begin), as far as it may be said now: of
    what the person still works, and in quiet hours of a P0 alone."""
    rows = fresh(person)
    newest = max([after or 0, *(row.pk for row in rows)])
    late = [row for row in rows if after is not None and row.pk > after]
    if late and asked_by(person.pk).quiet_until(now):
        at_once = urgent(tickets_of(late))
        late = [row for row in late if row.ticket_id in at_once]
    titles = worked_titles(person, tickets_of(late), now) if late else {}
    shown = [one for row in late if (one := _shown(row, person, titles))]
    return News(_few(shown), [row.pk for row in rows], newest)


def _few(shown: list[dict[str, object]]) -> list[dict[str, object]]:
    """One of each request; of more than a corner of a screen holds, how many there are."""
    newest = list({one["url"]: one for one in reversed(shown)}.values())[::-1]
    if len(newest) <= AT_ONCE:
        return newest
    title = ngettext("%(num)s notice", "%(num)s notices", len(shown)) % {"num": len(shown)}
    return [{"id": newest[0]["id"], "number": None, "title": title, "text": "", "url": url("desk:notices")}]


def _shown(row: Notice, person: Person, titles: Mapping[int, tuple[int, str]]) -> dict[str, object] | None:
    said = sentence(row.kind, row.data, _here())
    if title := titles.get(row.ticket_id or 0):
        number, subject = title
        path = url("desk:ticket", number=number)
        return {"id": row.pk, "number": number, "title": said, "text": f"#{number} {subject}"[:200], "url": path}
    if where := place(row, person):
        return {"id": row.pk, "number": None, "title": said, "text": "", "url": where}
    return None
