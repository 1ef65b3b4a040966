"""The links of a ticket as one person may know them: what they do not see as staff is not there, not even its number.

However many incidents a problem has, a page looks at so many and no further.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets.conditions import OPEN
from answerable.tickets.models import NO_PROMISE, Event, SetAside, Status, Ticket
from answerable.tickets.queries import COUNT_CAP, worked_titles
from answerable.tickets.seen import asks, visible, worked
from answerable.tickets.ticket_links import HOWS, TicketLink, between, has_incidents, problem_of

# So many of each kind stand beside a ticket, and on a page of all.
BESIDE = 20
PAGE = 50


class Linked(NamedTuple):
    """The ticket at the other end. `how`: what the one that is looked at is to it; `due_at` None: no open promise."""

    link: int
    how: str
    id: int
    number: int
    subject: str
    status: str
    set_aside: str
    severity: str
    organization: str
    requester: str
    due_at: datetime | None
    start_at: datetime | None


_SHOWN = """
SELECT l.id, l.how, t.id, t.number, t.subject, t.status, t.set_aside, t.severity,
  coalesce((SELECT o.name FROM people_organization o WHERE o.id = t.organization_id), ''),
  (SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.requester_id),
  nullif(t.next_due_at, %(no_promise)s), t.promise_start_at
"""
# One index for each way that a link can go.
_LINKS = """SELECT l.id, l.{to} AS other, '{how}'::text AS how FROM tickets_ticketlink l
  WHERE l.{at} = %(ticket)s AND l.kind = '{kind}' AND l.ended_at IS NULL"""
_COUNT = "(SELECT count(*) FROM (SELECT FROM ({}) l JOIN tickets_ticket t ON t.id = l.other WHERE {} LIMIT %(cap)s) n)"


def _ways(how: str) -> list[str]:
    """The statements for links in which the ticket is `how`; a related one may be at either end."""
    kind, is_source = HOWS[how]
    ends = [("source_id", "target_id"), ("target_id", "source_id")]
    if how != TicketLink.RELATED:
        ends = [ends[0] if is_source else ends[1]]
    return [_LINKS.format(at=at, to=to, how=how, kind=kind) for at, to in ends]


def _links(how: str) -> str:
    return " UNION ALL ".join(_ways(how))


def _seen(person: Person) -> str:
    return f"{visible(person)} AND {worked(person)} AND t.number > 0"


def beside(person: Person, ticket: Ticket, now: datetime) -> dict[str, list[Linked]]:
    """By `how`, the latest first; one more than BESIDE where there are more. One statement."""
    parts = " UNION ALL ".join(
        f"({_SHOWN} FROM ({_links(how)}) l JOIN tickets_ticket t ON t.id = l.other WHERE {_seen(person)}"
        f" ORDER BY l.id DESC LIMIT %(most)s)"
        for how in HOWS
    )
    found: dict[str, list[Linked]] = {}
    for row in sql.rows(parts, _values(person, ticket.pk, now) | {"most": BESIDE + 1}):
        one = Linked._make(row)
        found.setdefault(one.how, []).append(one)
    return found


def page(
    person: Person, ticket: Ticket, how: str, after: int | None, now: datetime, *, only_open: bool
) -> list[Linked]:
    """The latest links first, after that one; one more than PAGE where there are more."""
    which = [_seen(person), *([OPEN] if only_open else []), *(["l.id < %(after)s"] if after is not None else [])]
    statement = (
        f"{_SHOWN} FROM ({_links(how)}) l JOIN tickets_ticket t ON t.id = l.other"
        f" WHERE {' AND '.join(which)} ORDER BY l.id DESC LIMIT %(most)s"
    )
    values = _values(person, ticket.pk, now) | {"after": after, "most": PAGE + 1}
    return [Linked._make(row) for row in sql.rows(statement, values)]


class Counts(NamedTuple):
    """Of a problem's incidents, each up to COUNT_CAP."""

    every: int
    open: int


def counts(person: Person, ticket_id: int, now: datetime) -> Counts:
    """How many incidents of it this person sees, and how many of them are open."""
    links, seen = _links("has_incident"), _seen(person)
    statement = f"SELECT {_COUNT.format(links, seen)}, {_COUNT.format(links, f'{seen} AND {OPEN}')}"
    return Counts(*sql.rows(statement, _values(person, ticket_id, now) | {"cap": COUNT_CAP})[0])


_INCIDENTS = """SELECT t.id FROM ({}) l JOIN tickets_ticket t ON t.id = l.other
  WHERE {} ORDER BY t.next_due_at, t.id LIMIT %(most)s"""


def incident_ids(person: Person, ticket_id: int, most: int, now: datetime) -> list[int]:
    """The problem's incidents that this person works, those first whose next promise is due first."""
    statement = _INCIDENTS.format(_links("has_incident"), _seen(person))
    return [pk for (pk,) in sql.rows(statement, _values(person, ticket_id, now) | {"most": most})]


def linked_since(person: Person, ticket_id: int, link_id: int, now: datetime) -> int:
    """How many incidents of it, up to COUNT_CAP, were linked after that link."""
    which = f"{_seen(person)} AND l.id > %(after)s"
    values = _values(person, ticket_id, now) | {"after": link_id, "cap": COUNT_CAP}
    return int(sql.rows(f"SELECT {_COUNT.format(_links('has_incident'), which)}", values)[0][0])


def latest_link(ticket_id: int) -> int:
    """The last link by which something became an incident of it; 0 for none."""
    rows = TicketLink.objects.filter(target=ticket_id, kind=TicketLink.INCIDENT)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


_PROBLEMS = """
SELECT t.number FROM tickets_ticket t WHERE t.id IN (
  SELECT l.target_id FROM tickets_ticketlink l WHERE l.kind = 'incident' AND l.ended_at IS NULL
  ORDER BY l.id DESC LIMIT 500
) AND {} AND {} AND t.id <> %(ticket)s ORDER BY t.updated_at DESC, t.id DESC LIMIT %(most)s
"""


def problems(person: Person, ticket_id: int, most: int, now: datetime) -> list[int]:
    """Numbers of open problems that got incidents lately: what the next incident most likely belongs to."""
    statement = _PROBLEMS.format(_seen(person), OPEN)
    return [number for (number,) in sql.rows(statement, _values(person, ticket_id, now) | {"most": most})]


def _values(person: Person, ticket_id: int, now: datetime) -> dict[str, Any]:
    return asks(person, now) | {"ticket": ticket_id, "no_promise": NO_PROMISE}


def titles(person: Person, ids: Iterable[int], now: datetime) -> dict[int, tuple[int, str]]:
    """Number and subject of those of these that the person sees as staff."""
    wanted = set(ids)
    return worked_titles(person, wanted, now) if wanted else {}


@dataclass(frozen=True)
class WhyNot:
    """Why two tickets cannot be linked so: for a program, and for a person."""

    code: str
    words: str


def why_not(person: Person, this: Ticket, other: Ticket, how: str, now: datetime) -> WhyNot | None:
    """None where they can. Asked for the page, and again by the verb under both locks."""
    if this.pk == other.pk:
        return WhyNot("same", _("A request cannot be linked to itself."))
    if between(this.pk, other.pk) is not None:
        return WhyNot("already", _("They are linked already. To say it otherwise, unlink them first."))
    for ticket in (this, other):
        gone = _gone(person, ticket, HOWS[how][0], now)
        if gone:
            return gone
    if HOWS[how][0] == TicketLink.INCIDENT:
        return _no_incident(person, *((this, other) if HOWS[how][1] else (other, this)), now)
    return None


def _gone(person: Person, ticket: Ticket, kind: str, now: datetime) -> WhyNot | None:
    number = {"number": ticket.number}
    if ticket.set_aside == SetAside.MERGED:
        into = titles(person, [ticket.merged_into_id or 0], now).get(ticket.merged_into_id or 0)
        if into:
            words = _("#%(number)s was merged into #%(into)s: link that one.") % {**number, "into": into[0]}
        else:
            words = _("#%(number)s was merged into another request: link that one.") % number
        return WhyNot("merged", words)
    if ticket.set_aside == SetAside.SPAM:
        return WhyNot("set_aside", _("#%(number)s is marked as spam.") % number)
    if ticket.set_aside == SetAside.DELETED:
        return WhyNot("set_aside", _("#%(number)s was deleted.") % number)
    if ticket.status == Status.CLOSED and kind == TicketLink.INCIDENT:
        words = _("#%(number)s is closed for good: nothing can be told there any more. Link it as related.") % number
        return WhyNot("closed", words)
    return None


def _no_incident(person: Person, incident: Ticket, problem: Ticket, now: datetime) -> WhyNot | None:
    """A problem is no incident, and an incident has one problem."""
    theirs = problem_of(incident.pk)
    if theirs is not None:
        words = _("#%(number)s is an incident of %(of)s already: unlink it there first.")
        return WhyNot("has_problem", words % {"number": incident.number, "of": _named(person, theirs, now)})
    above = problem_of(problem.pk)
    if above is not None:
        words = _("#%(number)s is itself an incident of %(of)s: a problem cannot be one. Link that problem.")
        return WhyNot("is_incident", words % {"number": problem.number, "of": _named(person, above, now)})
    if has_incidents(incident.pk):
        words = _("#%(number)s has incidents of its own, so it is a problem and no incident.")
        return WhyNot("is_problem", words % {"number": incident.number})
    return None


def _named(person: Person, ticket_id: int, now: datetime) -> str:
    found = titles(person, [ticket_id], now).get(ticket_id)
    return f"#{found[0]}" if found else _("another request")


def last_unlinked(ticket_id: int, other_id: int) -> int | None:
    """The event by which these two were unlinked last."""
    rows = Event.objects.filter(ticket=ticket_id, kind="unlinked", data__other=other_id)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def ids_in(changes: Sequence[tuple[str, Any]]) -> set[int]:
    """The tickets that events of links name: (kind, data) of each."""
    return {data["other"] for kind, data in changes if kind in ("linked", "unlinked")}
