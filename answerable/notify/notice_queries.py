"""What a member of staff was told, and whether they have read it: by lines, one for each request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from answerable.lib import sql
from answerable.notify.models import Notice
from answerable.people.models import Person

# Beyond this an exact number of unread lines helps nobody; it takes no more notices than that to find it.
UNREAD_CAP, LOOKED_AT = 100, 500
# So many of one request's notices are counted.
LINE_CAP = 100
# So many are looked through for a browser that was away.
FRESH = 50


@dataclass(frozen=True)
class Unread:
    """How many lines a person has not read, and how many of them say that a promise is broken; counted to the cap.

    `numbers`: of the requests that they are about.
    """

    count: int
    broken: int
    numbers: tuple[int, ...] = ()

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


_UNREAD = """
SELECT kind, coalesce(ticket_id, -id), (data->>'number')::bigint, in_app FROM notify_notice
WHERE person_id = %(person)s AND read_at IS NULL ORDER BY kind <> 'breach', id DESC LIMIT %(most)s
"""


def unread(person: Person) -> Unread:
    """One statement, which counts broken promises first and no further than the badge can show."""
    rows = sql.rows(_UNREAD, {"person": person.pk, "most": LOOKED_AT})
    lines = {line for _kind, line, _number, in_app in rows if in_app}
    broken = {line for kind, line, _number, in_app in rows if in_app and kind == "breach"}
    numbers = dict.fromkeys(number for _kind, _line, number, _in_app in rows if number is not None)
    return Unread(len(lines), len(broken), tuple(numbers)[:UNREAD_CAP])


@dataclass(frozen=True)
class Place:
    """Where a page of notices ends. Unread lines come first, then those already read, each newest first."""

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


class Line(NamedTuple):
    """The newest notice of a request, or one that is about none. `kinds`: how many of each kind are unread there."""

    id: int
    kind: str
    ticket_id: int | None
    data: dict[str, Any]
    at: datetime
    read: bool
    kinds: dict[str, int]


# The filters of the list, by the word in its address.
SHOWN = {"": "true", "unread": "true", "mentions": "n.kind = 'mention'"}

_PART = """
SELECT n.id, n.kind, n.ticket_id, n.data, n.at, n.person_id FROM notify_notice n
WHERE n.person_id = %(person)s AND n.in_app AND n.read_at IS {null} AND {which} AND n.id < %(before)s
  AND NOT EXISTS (
    SELECT FROM notify_notice o WHERE o.person_id = n.person_id AND o.ticket_id = n.ticket_id AND o.in_app
      AND {which_other} AND {newer}
  )
ORDER BY n.id DESC LIMIT %(size)s
"""
_KINDS = """
SELECT n.id, n.kind, n.ticket_id, n.data::json, n.at, {read}, {counted} FROM ({part}) n ORDER BY n.id DESC
"""
_COUNTED = """coalesce((
  SELECT json_object_agg(c.kind, c.count) FROM (
    SELECT o.kind, count(*) FROM (
      SELECT u.kind FROM notify_notice u
      WHERE u.person_id = n.person_id AND u.ticket_id = n.ticket_id AND u.in_app AND u.read_at IS NULL
      ORDER BY u.id DESC LIMIT %(most)s
    ) o GROUP BY o.kind
  ) c
), '{}')"""


def _statement(show: str, *, read: bool) -> str:
    which = SHOWN[show]
    part = _PART.format(
        null="NOT NULL" if read else "NULL",
        which=which,
        which_other=which.replace("n.", "o."),
        # A request with something unread stands among the unread ones alone.
        newer="(o.id > n.id OR o.read_at IS NULL)" if read else "o.id > n.id AND o.read_at IS NULL",
    )
    return _KINDS.format(read=str(read).lower(), counted="'{}'::json" if read else _COUNTED, part=part)


_STATEMENTS = {(show, read): _statement(show, read=read) for show in SHOWN for read in (False, True)}
_FIRST = 2**62


def lines(person: Person, after: Place | None, size: int, show: str = "") -> tuple[list[Line], Place | None]:
    """A page of what the person was told, and where the next one begins (None: nowhere). At most two statements."""
    found: list[Line] = []
    for read in (False,) if show == "unread" else (False, True):
        if len(found) <= size and not (after and after.read and not read):
            before = after.id if after and after.read == read else _FIRST
            values = {"person": person.pk, "before": before, "size": size + 1 - len(found), "most": LINE_CAP}
            found += [Line._make(row) for row in sql.rows(_STATEMENTS[show, read], values)]
    shown = found[:size]
    return shown, Place(shown[-1].read, shown[-1].id) if len(found) > size else None


def notice(person: Person, pk: int) -> Notice | None:
    """One of the person's own notices."""
    return Notice.objects.filter(person=person, pk=pk).first()


def fresh(person: Person) -> list[Notice]:
    """What the person has not read and wants to be told by a browser, the newest first; no further than FRESH."""
    rows = Notice.objects.filter(person=person, read_at__isnull=True, browser=True)
    return list(rows.order_by("-id")[:FRESH])


def to_mail(now: datetime, limit: int) -> list[int]:
    """Of whom notices wait to be mailed."""
    waiting = Notice.objects.filter(mail_at__lte=now).order_by("mail_at").values_list("person_id", flat=True)
    return list(dict.fromkeys(waiting[:limit]))


def lock_to_mail(person_id: int, now: datetime, limit: int) -> QuerySet[Notice]:
    """The person's notices that wait to be mailed, the oldest first, locked; none that another worker has."""
    rows = Notice.objects.select_for_update(skip_locked=True).filter(person=person_id, mail_at__lte=now)
    return rows.order_by("id")[:limit]


def tickets_of(rows: Iterable[Notice | Line]) -> Sequence[int]:
    """The requests that these are about."""
    return [row.ticket_id for row in rows if row.ticket_id is not None]
