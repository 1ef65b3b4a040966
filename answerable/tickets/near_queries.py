"""Requests near another one: of its requester and of its organization. Each looks at a window of the latest ones, so
that it costs the same however many there are.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets.conditions import OPEN
from answerable.tickets.models import NO_PROMISE, Ticket
from answerable.tickets.seen import asks, visible

# Of each of the two, so many of the latest are looked at.
LOOKED_AT = 500
SHOWN = 8


class Near(NamedTuple):
    """One of them, as the side column and the merge page show it."""

    id: int
    number: int
    subject: str
    status: str
    severity: str
    provisional: bool
    requester: str
    requester_id: int
    assignee: str
    preview: str
    next_due_at: datetime | None
    created_at: datetime
    updated_at: datetime


_SHOWN = """
SELECT t.id, t.number, t.subject, t.status, t.severity, t.severity_determined_at IS NULL,
  (SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.requester_id), t.requester_id,
  coalesce((SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.assignee_id), ''),
  t.preview, nullif(t.next_due_at, %(no_promise)s), t.created_at, t.updated_at
"""
_OWN = """(SELECT p.ticket_id AS id FROM tickets_participant p
  WHERE p.person_id = %(requester)s AND p.role = 'requester' ORDER BY p.ticket_id DESC LIMIT %(looked_at)s)"""
_LATEST = """(SELECT t.id FROM tickets_ticket t WHERE t.organization_id = %(organization)s
  ORDER BY t.updated_at DESC, t.id DESC LIMIT %(looked_at)s)"""
_OPEN_ONES = """(SELECT t.id FROM tickets_ticket t WHERE t.organization_id = %(organization)s AND {}
  ORDER BY t.next_due_at, t.id LIMIT %(looked_at)s)"""
_BOTH = "{} UNION {}"
_NAMED = "(SELECT t.id FROM tickets_ticket t WHERE t.number = %(named)s)"


def _found(person: Person, window: str, which: str, values: dict[str, Any], now: datetime) -> list[Near]:
    values = asks(person, now) | {"no_promise": NO_PROMISE, "looked_at": LOOKED_AT, "most": SHOWN + 1} | values
    rows = sql.rows(
        f"{_SHOWN} FROM ({window}) near JOIN tickets_ticket t ON t.id = near.id"
        f" WHERE {visible(person)} AND t.number > 0 AND {which} LIMIT %(most)s",
        values,
    )
    return [Near._make(row) for row in rows]


def open_near(person: Person, requester_id: int, organization_id: int | None, now: datetime) -> list[Near]:
    """The open requests of this requester and of the organization, the requester's own first; one more than SHOWN where
    there are more."""
    values = {"requester": requester_id, "organization": organization_id}
    order = "ORDER BY t.requester_id <> %(requester)s, t.next_due_at, t.id"
    window = _BOTH.format(_OWN, _OPEN_ONES.format(OPEN))
    return _found(person, window, f"{OPEN} {order}", values, now)


_SOLVED = """(SELECT t.id FROM tickets_ticket t WHERE t.status = 'solved'
  ORDER BY t.updated_at DESC, t.id DESC LIMIT %(looked_at)s)"""
_ALIKE = """t.id <> %(this)s AND t.status IN ('solved', 'closed') AND t.set_aside = '' AND (
  SELECT count(*) FROM unnest(%(words)s::text[]) AS word WHERE t.subject ILIKE '%%' || word || '%%'
) >= %(enough)s ORDER BY (
  SELECT count(*) FROM unnest(%(words)s::text[]) AS word WHERE t.subject ILIKE '%%' || word || '%%'
) DESC, t.updated_at DESC, t.id DESC"""
# Words of a subject that say what it is about: long ones, and the longest of them.
_TELLING = 4
_MOST_TELLING = 6
SIMILAR = 5


def similar(person: Person, ticket: Ticket, now: datetime) -> list[Near]:
    """Solved requests whose subjects have at least two telling words of this one's, of those solved last and of the
    requester's and the organization's latest ones."""
    words = sorted(set(re.findall(rf"\w{{{_TELLING},}}", ticket.subject.lower())), key=lambda word: (-len(word), word))
    if not words:
        return []
    values: dict[str, Any] = {
        "this": ticket.pk,
        "requester": ticket.requester_id,
        "organization": ticket.organization_id,
        "words": [word.replace("_", "\\_") for word in words[:_MOST_TELLING]],
        "enough": min(2, len(words)),
    }
    return _found(person, _BOTH.format(_OWN, f"{_LATEST} UNION {_SOLVED}"), _ALIKE, values, now)[:SIMILAR]


_MERGEABLE = """t.id <> %(this)s AND t.status <> 'closed' AND t.set_aside = ''
  AND (t.requester_id = %(requester)s OR t.organization_id = %(organization)s)"""
_WORD = "(t.number::text = %(number_{n})s OR t.subject ILIKE %(word_{n})s OR t.preview ILIKE %(word_{n})s)"
MOST_WORDS = 4


def mergeable(person: Person, ticket: Ticket, words: str, now: datetime) -> list[Near]:
    """What the ticket may be merged into: of its requester or organization, not closed, with all of these words in
    number, subject or latest words; latest first. A number finds any such request, however old."""
    found = words.lower().split()[:MOST_WORDS]
    values: dict[str, Any] = {
        "this": ticket.pk,
        "requester": ticket.requester_id,
        "organization": ticket.organization_id,
        "named": int(number) if (number := words.strip().removeprefix("#")).isdecimal() and len(number) < 18 else 0,
    }
    for n, word in enumerate(found):
        plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values |= {f"word_{n}": f"%{plain}%", f"number_{n}": word.removeprefix("#")}
    which = " AND ".join([_MERGEABLE, *(_WORD.format(n=n) for n in range(len(found)))])
    window = _BOTH.format(_OWN, f"{_LATEST} UNION {_NAMED}")
    return _found(person, window, f"{which} ORDER BY t.updated_at DESC, t.id DESC", values, now)
