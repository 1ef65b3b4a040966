"""What was sent, and what became of it; what a member of staff was told, and whether they have read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Max, Prefetch, QuerySet, When

from answerable.lib import sql
from answerable.lib.rows import cursor
from answerable.notify.models import Delivery, Notice, Receipt
from answerable.people.models import Person

# Beyond this an exact number of unread notices helps nobody.
UNREAD_CAP = 100
_BROKEN_FIRST = Case(When(kind="breach", then=0), default=1)

_OF_TICKET = """
SELECT d.id, d.entry_id, d.address, coalesce(nullif(p.name, ''), p.email), d.kind, d.state, d.receipt, d.last_error,
  d.next_try_at, coalesce(d.sent_at, d.created_at)
FROM notify_delivery d JOIN people_person p ON p.id = d.person_id
WHERE d.ticket_id = %(ticket)s AND d.entry_id IS NOT NULL ORDER BY d.id
"""


class Sent(NamedTuple):
    """What became of one mail: `fate` is waiting, deferred, accepted, delayed, delivered, relayed, expanded, failed,
    bounced or suppressed; `why` the reason of those that are not there."""

    id: int
    address: str
    name: str
    kind: str
    fate: str
    why: str
    next_try_at: datetime | None
    at: datetime

    @property
    def is_broken(self) -> bool:
        """It will not arrive unless somebody does something."""
        return self.fate in BROKEN


BROKEN = ("failed", "bounced")
WAITING = ("queued", "deferred")


def fate(state: str, receipt: str) -> str:
    """Our own state of a mail, with what was heard of it since, as one word."""
    if state == "sent":
        return receipt or "accepted"
    return "waiting" if state == "queued" else state


def of_ticket(ticket_id: int) -> dict[int, list[Sent]]:
    """To whom a ticket's entries were mailed and what became of each, by entry."""
    found: dict[int, list[Sent]] = {}
    for pk, entry, address, name, kind, state, receipt, why, next_try, at in sql.rows(
        _OF_TICKET, {"ticket": ticket_id}
    ):
        found.setdefault(entry, []).append(Sent(pk, address, name, kind, fate(state, receipt), why, next_try, at))
    return found


_SENT_SINCE = "SELECT count(*) FROM notify_delivery WHERE person_id = $1 AND kind = $2 AND created_at >= $3"


def sent_to_since(person: Person, kind: str, since: datetime) -> int:
    """How many mails of this kind were written to the person since then."""
    with cursor() as asked:
        asked.execute(_SENT_SINCE, [person.pk, kind, since])
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def in_a_row(ticket_id: int, address: str, kinds: list[str], since: datetime) -> tuple[int, datetime | None]:
    """How many mails of these kinds were written on the ticket to this address from `since` on, and when the last."""
    rows = Delivery.objects.filter(ticket_id=ticket_id, address=address, kind__in=kinds, created_at__gte=since)
    found = rows.aggregate(count=Count("id"), latest=Max("created_at"))
    return found["count"], found["latest"]


def failures(address: str, since: datetime | None) -> list[tuple[datetime, str]]:
    """When the address itself was refused for good (5.1.x), after `since`, and with which status."""
    rows = Receipt.objects.filter(address=address, action="failed", status__startswith="5.1.")
    if since is not None:
        rows = rows.filter(at__gt=since)
    return list(rows.order_by("at").values_list("at", "status"))


def untold(limit: int) -> list[int]:
    """Mails that were given up, of which nobody was told yet; the oldest first."""
    rows = Delivery.objects.filter(state="failed", told_at__isnull=True)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def find_sent(message_ids: Sequence[str]) -> Delivery | None:
    """The mail that we sent under the first of these Message-IDs that is one of ours."""
    rows = Delivery.objects.filter(message_id__in=message_ids).select_related("person")
    return min(rows, key=lambda row: message_ids.index(row.message_id), default=None)


def last_sent(ticket_id: int, person_id: int) -> Delivery | None:
    """The mail about the ticket that left last for this person."""
    rows = Delivery.objects.filter(ticket_id=ticket_id, person_id=person_id, state__in=["sent", "bounced"])
    return rows.select_related("person").order_by("-id").first()


# The filters of the outbox, by the word in its address.
SHOWN = {"waiting": WAITING, "failed": BROKEN}


def outbox(before: int | None, show: str = "") -> QuerySet[Delivery]:
    """Every mail we wrote, latest first, without its words; `before`: older than that id; `show`: one of SHOWN."""
    rows = Delivery.objects.defer("text", "html", "headers").order_by("-id")
    if show in SHOWN:
        rows = rows.filter(state__in=SHOWN[show])
    return rows if before is None else rows.filter(pk__lt=before)


def delivery(pk: int) -> Delivery | None:
    """One mail, whole, with what was told of it."""
    return Delivery.objects.filter(pk=pk).select_related("person").prefetch_related(_receipts()).first()


def _receipts() -> "Prefetch[str]":
    return Prefetch("receipts", Receipt.objects.order_by("id"))


@dataclass(frozen=True)
class Unread:
    """How many notices a person has not read, and how many of them say that a promise is broken; counted to the cap."""

    count: int
    broken: int

    @property
    def shown(self) -> str:
        """The number for a badge."""
        return _capped(self.count)

    @property
    def broken_shown(self) -> str:
        """The same of the broken promises."""
        return _capped(self.broken)


def _capped(count: int) -> str:
    return f"{UNREAD_CAP}+" if count > UNREAD_CAP else str(count)


def unread(person: Person) -> Unread:
    """One statement, which never counts further than the badge can show; broken promises are counted first."""
    waiting = Notice.objects.filter(person=person, read_at__isnull=True)
    kinds = list(waiting.order_by(_BROKEN_FIRST).values_list("kind", flat=True)[: UNREAD_CAP + 1])
    return Unread(len(kinds), kinds.count("breach"))


@dataclass(frozen=True)
class Place:
    """Where a page of notices ends. Unread ones come first, then those already read, each newest first."""

    read: bool
    id: int

    def __str__(self) -> str:
        return f"{'read' if self.read else 'new'}-{self.id}"


def read_place(text: str) -> Place | None:
    """The place in a query string; None for an empty or mangled one (the first page then)."""
    part, _, pk = text.partition("-")
    if part not in {"read", "new"} or not pk.isdecimal() or len(pk) > 18:
        return None
    return Place(part == "read", int(pk))


def notices(person: Person, after: Place | None, size: int) -> tuple[list[Notice], Place | None]:
    """A page of what the person was told, and where the next one begins (None: nowhere)."""
    rows: list[Notice] = []
    for part in (False, True):
        if len(rows) <= size and not (after and after.read and not part):
            rows += _part(person, part, after)[: size + 1 - len(rows)]
    shown = rows[:size]
    return shown, _place(shown) if len(rows) > size else None


def _part(person: Person, read: bool, after: Place | None) -> QuerySet[Notice]:
    rows = Notice.objects.filter(person=person, read_at__isnull=not read).order_by("-id")
    return rows.filter(pk__lt=after.id) if after and after.read == read else rows


def _place(shown: Sequence[Notice]) -> Place:
    return Place(shown[-1].read_at is not None, shown[-1].pk)


def notice(person: Person, pk: int) -> Notice | None:
    """One of the person's own notices."""
    return Notice.objects.filter(person=person, pk=pk).first()
