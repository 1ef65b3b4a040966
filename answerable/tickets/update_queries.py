"""An update to a problem's incidents as pages show it: each of them that its reader may see, page by page."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets.access import visible_to, worked_by
from answerable.tickets.models import Ticket
from answerable.tickets.runs import BulkItem, BulkRun
from answerable.tickets.seen import asks, visible, worked
from answerable.tickets.shown import people_on_all

PAGE = 50


class Item(NamedTuple):
    """One ticket of it."""

    id: int
    ticket: int
    number: int
    subject: str
    organization: str
    was: str
    state: str
    why: str
    at: datetime | None


def items(run_id: int, person: Person, now: datetime, *, left: bool, after: int) -> list[Item]:
    """Those that were left as they were, or the others, after that one; one more than PAGE where there are more."""
    mine = visible_to(person, now).filter(worked_by(person)).values("pk")
    states = [BulkItem.LEFT] if left else [BulkItem.TODO, BulkItem.DONE]
    rows = BulkItem.objects.filter(run=run_id, state__in=states, ticket__in=mine, pk__gt=after).order_by("pk")
    found = rows.values_list(
        "pk",
        "ticket",
        "ticket__number",
        "ticket__subject",
        "ticket__organization__name",
        "was",
        "state",
        "why",
        "at",
    )
    return [Item._make((*row[:4], row[4] or "", *row[5:])) for row in found[: PAGE + 1]]


def tickets_of(person: Person, ids: Sequence[int], now: datetime) -> dict[int, Ticket]:
    """Those of these that the person works, with who is on them."""
    rows = visible_to(person, now).filter(worked_by(person), pk__in=list(ids))
    found = {row.pk: row for row in rows.select_related("organization", "team", "requester", "assignee")}
    people_on_all(list(found.values()))
    return found


def item_of(run_id: int, number: int, person: Person, now: datetime) -> Ticket | None:
    """The ticket with this number, if it is one of the run's and the person works it."""
    pk = BulkItem.objects.filter(run=run_id, ticket__number=number).values_list("ticket", flat=True).first()
    return tickets_of(person, [pk], now).get(pk) if pk else None


def earlier(problem_id: int, run_id: int) -> BulkRun | None:
    """The latest update to the incidents of this problem that was confirmed, but for this one."""
    rows = BulkRun.objects.filter(problem=problem_id).exclude(state=BulkRun.PREVIEW).exclude(pk=run_id)
    return rows.select_related("by").order_by("-pk").first()


_NAMES = """
SELECT DISTINCT t.number, coalesce(o.name, ''), who.email, who.name
FROM tickets_bulkitem i JOIN tickets_ticket t ON t.id = i.ticket_id
  JOIN tickets_participant p ON p.ticket_id = t.id AND p.ended_at IS NULL AND p.role <> 'follower'
  JOIN people_person who ON who.id = p.person_id AND who.role = 'customer'
  LEFT JOIN people_organization o ON o.id = t.organization_id
WHERE i.run_id = %(run)s AND {} AND {}
"""


def names_on(run_id: int, person: Person, now: datetime) -> list[tuple[int, str, str, str]]:
    """(number, organization, address, name) of every customer on its tickets that this person works."""
    found = sql.rows(_NAMES.format(visible(person), worked(person)), asks(person, now) | {"run": run_id})
    return [(number, organization, address, name) for number, organization, address, name in found]
