"""Lists of what was set aside: deleted, or marked as spam."""

from datetime import datetime
from typing import NamedTuple

from answerable.lib import sql
from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import Person
from answerable.tickets.queries import PAGE
from answerable.tickets.seen import asks, visible


class Aside(NamedTuple):
    """One request, with who set it aside and when."""

    id: int
    number: int
    subject: str
    requester: str
    organization: str
    who: str
    at: datetime
    updated_at: datetime


_ROWS = """
SELECT t.id, t.number, t.subject,
  (SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.requester_id),
  coalesce((SELECT o.name FROM people_organization o WHERE o.id = t.organization_id), ''),
  coalesce(e.actor_label, ''), coalesce(e.occurred_at, t.updated_at), t.updated_at
FROM tickets_ticket t LEFT JOIN LATERAL (
  SELECT e.actor_label, e.occurred_at FROM tickets_event e
  WHERE e.ticket_id = t.id AND e.kind = %(how)s ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1
) e ON true
"""


def aside(person: Person, how: str, cursor: Cursor | None, now: datetime) -> Page[Aside]:
    """What was set aside so ("deleted" or "spam") and this person may see, latest first."""
    values = asks(person, now) | {"how": how, "most": PAGE + 1}
    after = "true"
    if cursor:
        after = "(t.updated_at, t.id) < (%(after)s, %(after_id)s)"
        values |= {"after": cursor.at, "after_id": cursor.id}
    which = f"WHERE t.set_aside = %(how)s AND {visible(person)} AND {after}"
    found = sql.rows(f"{_ROWS} {which} ORDER BY t.updated_at DESC, t.id DESC LIMIT %(most)s", values)
    return page_of([Aside._make(row) for row in found], PAGE, lambda row: Cursor(row.updated_at, row.id))
