"""What the widget asks besides what every customer's page asks: what is unread."""

from datetime import datetime

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets.seen import asks, in_role

MOST_UNREAD = 10

# Of the person's own requests, those in which staff have said something since it was last open here. What is older than
# the first visit was told in other ways.
_UNREAD = """
SELECT t.id FROM tickets_ticket t
JOIN widget_look first ON first.person_id = %(me)s AND first.ticket_id IS NULL
LEFT JOIN widget_look last ON last.person_id = %(me)s AND last.ticket_id = t.id
WHERE ({own} OR {copied}) AND t.updated_at > first.at AND EXISTS (
  SELECT FROM tickets_reply r
  WHERE r.ticket_id = t.id AND r.from_staff AND r.id > coalesce(last.last_reply, first.last_reply)
    AND NOT r.flags @> '["moved"]'
)
ORDER BY t.updated_at DESC LIMIT %(most)s
"""


def unread(person: Person, now: datetime) -> list[int]:
    """The ids of requests with news for this person, MOST_UNREAD at most."""
    roles = {name: in_role(person).replace("%(role)s", f"'{role}'") for name, role in _ROLES.items()}
    return [pk for (pk,) in sql.rows(_UNREAD.format(**roles), asks(person, now) | {"most": MOST_UNREAD})]


_ROLES = {"own": "requester", "copied": "cc"}
