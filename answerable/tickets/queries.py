"""Lists and pages of tickets, always from what the person may see; rows are frozen values that templates read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import Organization, Person
from answerable.people.queries import teams_of
from answerable.tickets.access import people_on, readable_by_grant, taking_part, visible_to, worked_by
from answerable.tickets.history import Line, line
from answerable.tickets.models import IS_OPEN, NO_PROMISE, Attachment, Event, Participant, Reply, Ticket

PAGE = 50
# A count stops here: beyond it the exact figure helps nobody and costs a scan.
COUNT_CAP = 1000


@dataclass(frozen=True)
class Row:
    """One line of a queue or of a customer's list."""

    id: int
    number: int
    subject: str
    preview: str
    severity: str
    provisional: bool
    status: str
    organization: str
    requester: str
    assignee: str
    waits: str
    next_due_at: datetime | None
    promise_metric: str
    promise_start_at: datetime | None
    updated_at: datetime
    escalation_level: int
    version: int


_COLUMNS = [
    "id",
    "number",
    "subject",
    "preview",
    "severity",
    "severity_determined_at",
    "status",
    "organization__name",
    "requester__name",
    "requester__email",
    "assignee__name",
    "waits_for",
    "next_due_at",
    "promise_metric",
    "promise_start_at",
    "updated_at",
    "escalation_level",
    "version",
]


def _row(values: tuple[Any, ...]) -> Row:
    row = dict(zip(_COLUMNS, values, strict=True))
    due = row["next_due_at"]
    return Row(
        id=row["id"],
        number=row["number"],
        subject=row["subject"],
        preview=row["preview"],
        severity=row["severity"],
        provisional=row["severity_determined_at"] is None,
        status=row["status"],
        organization=row["organization__name"] or "",
        requester=row["requester__name"] or row["requester__email"],
        assignee=row["assignee__name"] or "",
        waits=row["waits_for"],
        next_due_at=None if due == NO_PROMISE else due,
        promise_metric=row["promise_metric"],
        promise_start_at=row["promise_start_at"],
        updated_at=row["updated_at"],
        escalation_level=row["escalation_level"],
        version=row["version"],
    )


# How long ahead a promise counts as at risk.
RISK = timedelta(hours=1)


def _conditions(person: Person, now: datetime) -> dict[str, Q]:
    open_now = IS_OPEN
    return {
        "risk": open_now & Q(next_due_at__lt=now + RISK),
        "broken": open_now & Q(next_due_at__lt=now),
        "mine": open_now & Q(assignee=person),
        "unassigned": open_now & Q(assignee__isnull=True, team__in=teams_of(person).ids),
        "waiting": Q(status="pending"),
        "all": open_now,
    }


VIEWS = ("risk", "mine", "unassigned", "waiting", "all", "solved")


def queue(person: Person, view: str, cursor: Cursor | None, now: datetime) -> Page[Row]:
    """The open tickets of a view by next promise, or the recently solved ones, latest first."""
    tickets = visible_to(person, now)
    if view == "solved":
        return _latest(tickets.filter(status="solved"), cursor)
    tickets = tickets.filter(_conditions(person, now)[view]).order_by("next_due_at", "id")
    if cursor:
        tickets = tickets.filter(_after(cursor))
    rows = [(_row(values), values[12]) for values in tickets.values_list(*_COLUMNS)[: PAGE + 1]]
    page = page_of(rows, PAGE, lambda pair: Cursor(pair[1], pair[0].id))
    return Page([row for row, _ in page.rows], page.next)


def _after(cursor: Cursor) -> Q:
    # A row comparison that PostgreSQL turns into one index condition.
    return Q(next_due_at__gte=cursor.at) & (Q(next_due_at__gt=cursor.at) | Q(id__gt=cursor.id))


def _latest(tickets: QuerySet[Ticket], cursor: Cursor | None) -> Page[Row]:
    tickets = tickets.order_by("-updated_at", "-id")
    if cursor:
        tickets = tickets.filter(Q(updated_at__lte=cursor.at) & (Q(updated_at__lt=cursor.at) | Q(id__lt=cursor.id)))
    rows = [_row(values) for values in tickets.values_list(*_COLUMNS)[: PAGE + 1]]
    return page_of(rows, PAGE, lambda row: Cursor(row.updated_at, row.id))


_COUNTED = ("risk", "broken", "mine", "unassigned", "waiting", "all")
# By hand, and the same as _conditions (a test holds them together): writing it took the ORM longer than running it.
_COUNTS = """
WITH seen AS NOT MATERIALIZED (
  SELECT next_due_at, assignee_id, team_id, status FROM tickets_ticket
  WHERE status IN ('new', 'open', 'pending', 'hold')
)
SELECT
  (SELECT count(*) FROM (SELECT 1 FROM seen WHERE next_due_at < %(risk)s LIMIT %(cap)s) AS c),
  (SELECT count(*) FROM (SELECT 1 FROM seen WHERE next_due_at < %(now)s LIMIT %(cap)s) AS c),
  (SELECT count(*) FROM (SELECT 1 FROM seen WHERE assignee_id = %(me)s LIMIT %(cap)s) AS c),
  (SELECT count(*) FROM (
    SELECT 1 FROM seen WHERE assignee_id IS NULL AND team_id = ANY(%(teams)s) LIMIT %(cap)s) AS c),
  (SELECT count(*) FROM (SELECT 1 FROM tickets_ticket WHERE status = 'pending' LIMIT %(cap)s) AS c),
  (SELECT count(*) FROM (SELECT 1 FROM seen LIMIT %(cap)s) AS c)
"""


def counts(person: Person, now: datetime) -> dict[str, int]:
    """How many tickets each open view holds, counted up to COUNT_CAP."""
    theirs = teams_of(person)
    if theirs.shut_in:
        visible = visible_to(person, now)
        return {name: visible.filter(what)[:COUNT_CAP].count() for name, what in _conditions(person, now).items()}
    values: dict[str, Any] = {"now": now, "risk": now + RISK, "me": person.pk, "teams": theirs.ids, "cap": COUNT_CAP}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        row = cursor.fetchone()
    assert row is not None
    return dict(zip(_COUNTED, row, strict=True))


def requests_of(person: Person, role: str, cursor: Cursor | None) -> Page[Row]:
    """The person's own requests (`requester`) or those they are CC'd on (`cc`), latest activity first."""
    return _latest(taking_part(person, role), cursor)


@dataclass(frozen=True)
class Entry:
    """A public entry of a conversation."""

    id: int
    author_id: int
    author: str
    from_staff: bool
    automatic: bool
    channel: str
    at: datetime
    html: str
    quoted: str
    flags: tuple[str, ...]
    files: tuple[Attachment, ...]


def replies(ticket: Ticket) -> list[Entry]:
    """The public conversation, oldest first, with its files (a second query only where there are any)."""
    has_files = Exists(Attachment.objects.filter(reply=OuterRef("pk")))
    rows = list(
        Reply.objects.filter(ticket=ticket).select_related("author").annotate(has_files=has_files).order_by("id")
    )
    files: dict[int, list[Attachment]] = {}
    if any(row.has_files for row in rows):
        for attachment in Attachment.objects.filter(ticket=ticket).select_related("file"):
            files.setdefault(attachment.reply_id, []).append(attachment)
    return [_entry(row, files.get(row.pk, ())) for row in rows]


def _entry(row: Reply, files: Iterable[Attachment]) -> Entry:
    return Entry(
        id=row.pk,
        author_id=row.author_id,
        author=row.author.label,
        from_staff=row.from_staff,
        automatic=row.automatic,
        channel=row.channel,
        at=row.at,
        html=row.html,
        quoted=row.text if row.text.strip() != row.new_text.strip() else "",
        flags=tuple(row.flags),
        files=tuple(files),
    )


def history(ticket: Ticket, *, staff: bool) -> list[Line]:
    """What happened, in sentences, oldest first; customers get the public ones."""
    rows = Event.objects.filter(ticket=ticket).order_by("occurred_at", "id")
    return [said for row in rows if (said := line(row, staff=staff))]


def participants(ticket: Ticket) -> list[Participant]:
    """Who is on the ticket now, requester first."""
    return sorted(people_on(ticket), key=lambda row: row.role != "requester")


def find_attachment(ticket: Ticket, pk: int) -> Attachment | None:
    """A file of this very ticket."""
    return Attachment.objects.filter(ticket=ticket, pk=pk).select_related("file").first()


def numbers_of(ids: Iterable[int]) -> dict[int, int]:
    """The public numbers of these tickets."""
    return dict(Ticket.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def worked_titles(person: Person, ids: Iterable[int], now: datetime) -> dict[int, tuple[int, str]]:
    """Number and subject of those of these tickets that the person sees as staff."""
    tickets = visible_to(person, now).filter(worked_by(person), pk__in=list(ids))
    return {pk: (number, subject) for pk, number, subject in tickets.values_list("pk", "number", "subject")}


def open_count(organization: Organization) -> int:
    """How many of the organization's requests are open, counted up to COUNT_CAP."""
    return Ticket.objects.filter(IS_OPEN, organization=organization)[:COUNT_CAP].count()


def long_solved(since: datetime, limit: int) -> list[int]:
    """Tickets that were solved before `since` and not reopened, oldest first."""
    rows = Ticket.objects.filter(status="solved", solved_at__lt=since).order_by("solved_at", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


def listenable(person: Person, streams: Iterable[str], side: str, now: datetime) -> set[str]:
    """Of these stream names, the ticket streams of `side` (staff or customer) whose ticket this person may see."""
    parts = [stream.split(":") for stream in streams]
    ids = [
        part[1] for part in parts if len(part) == 3 and part[0] == "ticket" and part[2] == side and part[1].isdecimal()
    ]
    known = visible_to(person, now).filter(pk__in=[pk for pk in ids if len(pk) < 19])
    if side == "staff":
        known = known.filter(worked_by(person))
    return {f"ticket:{pk}:{side}" for pk in known.values_list("pk", flat=True)}


def granted(person: Person, cursor: Cursor | None, now: datetime) -> Page[Row]:
    """The requests of organizations that the person may read by grant, latest activity first."""
    return _latest(readable_by_grant(person, now), cursor)


def number_and_due(pk: int) -> Ticket:
    """The ticket for the page that thanks its sender: number, due time and address, nothing else is to be shown."""
    return Ticket.objects.select_related("requester").get(pk=pk)


def histories(ids: Sequence[int]) -> dict[int, list[Event]]:
    """All events of each of these tickets, in the order in which the clock reads them."""
    found: dict[int, list[Event]] = {pk: [] for pk in ids}
    for event in Event.objects.filter(ticket__in=ids).order_by("ticket", "occurred_at", "id"):
        found[event.ticket_id].append(event)
    return found


def count_open() -> int:
    """How many tickets are open, all of them: for a walk's progress, never for a page."""
    return Ticket.objects.filter(IS_OPEN).count()


def id_of(number: int) -> int | None:
    """The ticket with this public number, for whoever works on the machine itself."""
    return Ticket.objects.filter(number=number).values_list("pk", flat=True).first()
