"""Lists and pages of tickets, always from what the person may see; rows are frozen values that templates read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from answerable.lib import sql
from answerable.people.models import Organization, Person
from answerable.tickets.access import visible_to, worked_by
from answerable.tickets.conditions import OPEN
from answerable.tickets.history import Line, sentence
from answerable.tickets.models import IS_OPEN, Event, Participant, Ticket
from answerable.tickets.shown import people_on

PAGE = 50
# A count stops here: beyond it the exact figure helps nobody and costs a scan.
COUNT_CAP = 1000


class Row(NamedTuple):
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
    created_at: datetime


# As Row has them. A name is a small query of its own: for a join the server plans longer than it reads.
ROWS = """
SELECT t.id, t.number, t.subject, t.preview, t.severity, t.severity_determined_at IS NULL, t.status,
  coalesce((SELECT o.name FROM people_organization o WHERE o.id = t.organization_id), ''),
  (SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.requester_id),
  coalesce((SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.assignee_id), ''),
  t.waits_for, nullif(t.next_due_at, %(no_promise)s), t.promise_metric, t.promise_start_at, t.updated_at, t.created_at
"""

_COUNT = "(SELECT count(*) FROM (SELECT FROM tickets_ticket t WHERE {} AND {} LIMIT %(cap)s) AS found)"


def public_texts(ticket_id: int) -> list[str]:
    """Every word of the public conversation."""
    found = sql.rows("SELECT r.text FROM tickets_reply r WHERE r.ticket_id = %(ticket)s", {"ticket": ticket_id})
    return [text for (text,) in found]


_EVENTS = """
SELECT e.id, e.occurred_at, e.kind, e.actor_label, e.data::json
FROM tickets_event e WHERE e.ticket_id = %(ticket)s ORDER BY e.occurred_at, e.id
"""


def history(ticket: Ticket, *, staff: bool, insider: bool = True) -> list[Line]:
    """What happened, in sentences, oldest first; customers get the public ones. `insider`: who takes part."""
    found = (
        (pk, at, sentence(kind, data, who, staff=staff, insider=insider), kind)
        for pk, at, kind, who, data in sql.rows(_EVENTS, {"ticket": ticket.pk})
    )
    return [Line(pk, at, text, kind) for pk, at, text, kind in found if text]


def participants(ticket: Ticket) -> list[Participant]:
    """Who is on the ticket now, requester first."""
    return sorted(people_on(ticket), key=lambda row: row.role != "requester")


def latest_number(person: Person, now: datetime) -> int | None:
    """The newest request that this person may see."""
    return visible_to(person, now).order_by("-pk").values_list("number", flat=True).first()


def numbers_of(ids: Iterable[int]) -> dict[int, int]:
    """The public numbers of these tickets."""
    return dict(Ticket.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def worked_titles(person: Person, ids: Iterable[int], now: datetime) -> dict[int, tuple[int, str]]:
    """Number and subject of those of these tickets that the person sees as staff."""
    tickets = visible_to(person, now).filter(worked_by(person), pk__in=list(ids))
    return {pk: (number, subject) for pk, number, subject in tickets.values_list("pk", "number", "subject")}


_OPEN_OF = _COUNT.format("t.organization_id = %(organization)s", OPEN)


def open_count(organization: Organization) -> int:
    """How many of the organization's requests are open, counted up to COUNT_CAP."""
    return int(sql.rows(f"SELECT {_OPEN_OF}", {"organization": organization.pk, "cap": COUNT_CAP})[0][0])


def oversleeping(now: datetime, limit: int) -> list[int]:
    """Snoozed tickets whose time has come, the longest first."""
    rows = Ticket.objects.filter(snoozed_until__lte=now).order_by("snoozed_until", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


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


def followers(ticket_id: int) -> list[int]:
    """Ids of the staff who follow this ticket. It grants them nothing: whoever tells them something asks `works`."""
    found = sql.rows(_FOLLOWERS, {"ticket": ticket_id})
    return [pk for (pk,) in found]


_FOLLOWERS = """
SELECT p.person_id FROM tickets_participant p
WHERE p.ticket_id = %(ticket)s AND p.role = 'follower' AND p.ended_at IS NULL
"""


def urgent(ids: Iterable[int]) -> set[int]:
    """Those of these tickets that are P0: nobody's quiet hours hold for them."""
    return set(Ticket.objects.filter(pk__in=list(ids), severity="P0").values_list("pk", flat=True))
