"""The request that somebody should take next, locked: two who ask at once get two, never the same."""

from collections.abc import Sequence
from datetime import datetime

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets.models import OPEN_STATUSES

# So many at once may ask before one of them hears that there is nothing.
FIRST = 50
# As the index has it.
_OPEN = f"x.status IN {tuple(status.value for status in OPEN_STATUSES)}"
# The first of each team by its index, then the most urgent of those that nobody else is taking now. What waits for the
# customer, is on hold or snoozed, is nothing to do.
_NEXT = """
SELECT t.id FROM unnest(%(teams)s::bigint[]) AS team(id), LATERAL (
  SELECT x.id FROM tickets_ticket x
  WHERE x.team_id = team.id AND x.assignee_id IS NULL AND {open} AND x.status IN ('new', 'open')
    AND x.requester_id <> %(me)s AND x.number > 0 AND (x.snoozed_until IS NULL OR x.snoozed_until <= %(now)s)
  ORDER BY x.next_due_at, x.id LIMIT %(first)s
) AS first JOIN tickets_ticket t ON t.id = first.id
WHERE t.assignee_id IS NULL AND t.status IN ('new', 'open') AND t.team_id + 0 = team.id
ORDER BY t.next_due_at, t.id LIMIT 1
FOR UPDATE OF t SKIP LOCKED
"""


def lock_next(person: Person, team_ids: Sequence[int], now: datetime) -> int | None:
    """The most urgent request of these teams that nobody has, by its next promise; None: there is none."""
    values = {"teams": list(team_ids), "me": person.pk, "first": FIRST, "now": now}
    found = sql.rows(_NEXT.format(open=_OPEN), values)
    return int(found[0][0]) if found else None
