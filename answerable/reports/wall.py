"""The picture on the wall of the team room: what is open, broken and due, who waits longest, and today in figures.

Three statements, each bounded whatever the table holds: open requests by the index on their next promise, the CAP most
urgent of them; what was opened today among the CAP newest ids, solved today by the index of solved requests, judged
today by the index on when. Where a count ends at CAP the page says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from answerable.lib import clock, sql
from answerable.lib.fresh import Fresh
from answerable.lib.zones import zone
from answerable.people.models import Person
from answerable.people.queries import teams_of, vendor
from answerable.reports.figures import Figures
from answerable.tickets.conditions import OPEN
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.seen import asks, visible

CAP = 5000
# Many screens ask for the same.
SECONDS = 5.0
SHOWN = {"broken": 6, "due": 8, "waiting": 5}


class Level(NamedTuple):
    """The open requests of one severity; `due`: within the hour."""

    severity: str
    open: int
    broken: int
    due: int


class Line(NamedTuple):
    """One request; `since`: from when on it waits for us, of those that wait longest."""

    part: str
    number: int
    subject: str
    organization: str
    severity: str
    assignee: str
    due_at: datetime | None
    start_at: datetime | None
    since: datetime | None


@dataclass(frozen=True)
class Today:
    """Since midnight at the vendor's; each count ends at CAP."""

    opened: int
    solved: int
    first: Figures


@dataclass(frozen=True)
class Picture:
    """Everything on the wall, as it was `at`."""

    at: datetime
    levels: list[Level]
    lines: Mapping[str, list[Line]]
    today: Today

    @property
    def open(self) -> int:
        """All that is open, counted to CAP."""
        return sum(level.open for level in self.levels)

    @property
    def broken(self) -> int:
        """Promises broken now."""
        return sum(level.broken for level in self.levels)

    @property
    def due(self) -> int:
        """Promises due within the hour."""
        return sum(level.due for level in self.levels)

    @property
    def is_capped(self) -> bool:
        """There is more that is open."""
        return self.open >= CAP


_LEVELS = """
SELECT u.severity, count(*), count(*) FILTER (WHERE u.next_due_at < %(now)s),
  count(*) FILTER (WHERE u.next_due_at >= %(now)s AND u.next_due_at < %(soon)s)
FROM (
  SELECT t.severity, t.next_due_at FROM tickets_ticket t
  WHERE {open} AND t.number > 0 AND {seen} ORDER BY t.next_due_at, t.id LIMIT %(cap)s
) u GROUP BY u.severity ORDER BY u.severity
"""
# Broken ones the longest late first; of the others the next.
_LINES = """
WITH waits AS MATERIALIZED (
  SELECT t.id, coalesce(t.promise_start_at, t.last_event_at) AS since FROM tickets_ticket t
  WHERE {open} AND t.number > 0 AND {seen} AND t.waits_for = 'us' ORDER BY t.next_due_at, t.id LIMIT %(cap)s
), picked AS (
  (SELECT 'broken' AS part, t.id, NULL::timestamptz AS since FROM tickets_ticket t
    WHERE {open} AND t.number > 0 AND {seen} AND t.next_due_at < %(now)s
    ORDER BY t.next_due_at, t.id LIMIT %(broken)s)
  UNION ALL
  (SELECT 'due', t.id, NULL FROM tickets_ticket t
    WHERE {open} AND t.number > 0 AND {seen} AND t.next_due_at >= %(now)s AND t.next_due_at < %(soon)s
    ORDER BY t.next_due_at, t.id LIMIT %(due)s)
  UNION ALL
  (SELECT 'waiting', w.id, w.since FROM waits w ORDER BY w.since, w.id LIMIT %(waiting)s)
)
SELECT p.part, t.number, t.subject,
  coalesce((SELECT o.name FROM people_organization o WHERE o.id = t.organization_id), ''), t.severity,
  coalesce((SELECT coalesce(nullif(a.name, ''), a.email) FROM people_person a WHERE a.id = t.assignee_id), ''),
  nullif(t.next_due_at, %(no_promise)s), t.promise_start_at, p.since
FROM picked p JOIN tickets_ticket t ON t.id = p.id
ORDER BY p.part, p.since, t.next_due_at, t.id
"""
_TODAY = """
SELECT
  (SELECT count(*) FROM (
    SELECT t.created_at, t.number FROM tickets_ticket t WHERE {seen} ORDER BY t.id DESC LIMIT %(cap)s
  ) n WHERE n.created_at >= %(midnight)s AND n.number > 0),
  (SELECT count(*) FROM (
    SELECT FROM tickets_ticket t
    WHERE t.status = 'solved' AND t.solved_at >= %(midnight)s AND t.number > 0 AND {seen} LIMIT %(cap)s
  ) s),
  j.kept, j.broken, j.excused, j.median
FROM (
  SELECT count(*) FILTER (WHERE l.breached_at IS NULL) AS kept,
    count(*) FILTER (WHERE l.breached_at IS NOT NULL AND l.excused = '') AS broken,
    count(*) FILTER (WHERE l.breached_at IS NOT NULL AND l.excused <> '') AS excused,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY l.elapsed) FILTER (WHERE l.fulfilled_at IS NOT NULL) AS median
  FROM (
    SELECT g.* FROM sla_leg g
    WHERE g.judged_at >= %(midnight)s AND g.metric = 'first_response' AND g.target IS NOT NULL {legs}
    ORDER BY g.judged_at DESC LIMIT %(cap)s
  ) l
) j
"""
_LEGS = "AND EXISTS (SELECT FROM tickets_ticket t WHERE t.id = g.ticket_id AND {seen})"


def picture(person: Person, now: datetime) -> Picture:
    """What this person may see of it. Of those who may see every request, all get the same one for a few seconds."""
    seen = visible(person)
    return _of_all() if seen == "true" and not teams_of(person).shut_in else _drawn(seen, asks(person, now), now)


_of_all: Fresh[Picture] = Fresh(lambda: _drawn("true", {}, clock.now()), SECONDS)


def _drawn(seen: str, values: dict[str, Any], now: datetime) -> Picture:
    asked = values | {
        "now": now,
        "soon": now + timedelta(hours=1),
        "midnight": _midnight(now),
        "no_promise": NO_PROMISE,
        "cap": CAP,
        **SHOWN,
    }
    legs = "" if seen == "true" else _LEGS.format(seen=seen)
    levels = [Level._make(row) for row in sql.rows(_LEVELS.format(open=OPEN, seen=seen), asked)]
    lines: dict[str, list[Line]] = {part: [] for part in SHOWN}
    for row in sql.rows(_LINES.format(open=OPEN, seen=seen), asked):
        lines[row[0]].append(Line._make(row))
    opened, solved, *first = sql.rows(_TODAY.format(seen=seen, legs=legs), asked)[0]
    return Picture(now, levels, lines, Today(opened, solved, Figures(*first)))


def _midnight(now: datetime) -> datetime:
    """The first moment of today at the vendor's."""
    return now.astimezone(zone(vendor().zone)).replace(hour=0, minute=0, second=0, microsecond=0)
