"""What was sent, and what became of it; what a member of staff was told, and whether they have read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, QuerySet, When

from answerable.lib import sql
from answerable.lib.rows import cursor
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person

# Beyond this an exact number of unread notices helps nobody.
UNREAD_CAP = 100
_BROKEN_FIRST = Case(When(kind="breach", then=0), default=1)

_OF_TICKET = """
SELECT entry_id, address, state FROM notify_delivery
WHERE ticket_id = %(ticket)s AND entry_id IS NOT NULL ORDER BY id
"""


def of_ticket(ticket_id: int) -> dict[int, list[tuple[str, str]]]:
    """To which addresses a ticket's entries were mailed and what became of each, by entry."""
    found: dict[int, list[tuple[str, str]]] = {}
    for entry, address, state in sql.rows(_OF_TICKET, {"ticket": ticket_id}):
        found.setdefault(entry, []).append((address, state))
    return found


_SENT_SINCE = "SELECT count(*) FROM notify_delivery WHERE person_id = %s AND kind = %s AND created_at >= %s"


def sent_to_since(person: Person, kind: str, since: datetime) -> int:
    """How many mails of this kind were written to the person since then."""
    with cursor() as asked:
        asked.execute(_SENT_SINCE, [person.pk, kind, since])
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def outbox(before: int | None) -> QuerySet[Delivery]:
    """Every mail we wrote, latest first, without its words; `before`: older than that id."""
    rows = Delivery.objects.defer("text", "html", "headers").order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)


def delivery(pk: int) -> Delivery | None:
    """One mail, whole."""
    return Delivery.objects.filter(pk=pk).select_related("person").first()


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
