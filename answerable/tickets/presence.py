"""Who has a request open, and writes on it. Rows that no crash needs to keep (unlogged), with bare ids: a foreign key
would have each heartbeat wait for whoever has the ticket locked.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models

from answerable.lib import sql
from answerable.live.actions import Event, heard
from answerable.people.models import Person
from answerable.tickets.seen import asks, worked

# What a browser may say that its person does; "" takes its row away.
VIEWING, REPLY, NOTE = "viewing", "reply", "note"
DOING = (VIEWING, REPLY, NOTE)
# A browser says it every so many seconds, and is gone after so many without a word.
BEAT_SECONDS = 8
GONE = timedelta(seconds=14)
_SWEEP = 50


class Presence(models.Model):
    """One page that somebody has in front of them. `tab` tells the pages of a person apart."""

    ticket_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    tab = models.CharField(max_length=16)
    doing = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint(fields=["ticket_id", "person_id", "tab"], name="presence_once")]
        indexes = [models.Index(fields=["at"], name="presence_at")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}"


class Here(NamedTuple):
    """Somebody else on the request, and the most that they do on any of their pages."""

    person_id: int
    name: str
    doing: str


def stream(ticket_id: int) -> str:
    """Where staff hear of it. Not the ticket's own stream: its pages fetch everything anew when that one speaks."""
    return f"ticket:{ticket_id}:here"


# One statement: whether the person may see the ticket as staff, the row, news to others if it says something new, and
# whoever has not been heard of for too long is taken away with news of that, on whatever ticket.
_SEEN = "EXISTS (SELECT FROM tickets_ticket t WHERE t.id = %(ticket)s AND {})"
_BEAT = """
WITH before AS (
  SELECT p.doing FROM tickets_presence p
  WHERE p.ticket_id = %(ticket)s AND p.person_id = %(me)s AND p.tab = %(tab)s AND p.at > %(gone)s
), put AS (
  INSERT INTO tickets_presence (ticket_id, person_id, tab, doing, at)
  SELECT %(ticket)s, %(me)s, %(tab)s, %(doing)s, %(now)s WHERE {seen}
  ON CONFLICT (ticket_id, person_id, tab) DO UPDATE SET doing = excluded.doing, at = excluded.at
  RETURNING doing
), swept AS (
  DELETE FROM tickets_presence WHERE id IN (
    SELECT o.id FROM tickets_presence o
    WHERE o.at <= %(gone)s AND NOT (o.ticket_id = %(ticket)s AND o.person_id = %(me)s AND o.tab = %(tab)s)
    ORDER BY o.at LIMIT %(sweep)s FOR UPDATE SKIP LOCKED
  ) RETURNING ticket_id
), news AS (
  SELECT DISTINCT ticket_id FROM swept WHERE ticket_id <> %(ticket)s
  UNION SELECT %(ticket)s::bigint WHERE EXISTS (SELECT FROM swept WHERE ticket_id = %(ticket)s)
    OR EXISTS (SELECT FROM put WHERE NOT EXISTS (SELECT FROM before WHERE before.doing = put.doing))
), told AS (
  SELECT count(pg_notify(%(channel)s, replace(%(payload)s, '"ticket:0:here"', '"ticket:' || ticket_id || ':here"')))
  FROM news
)
SELECT (SELECT count(*) FROM put), (SELECT * FROM told)
"""
_LEAVE = """
WITH gone AS (
  DELETE FROM tickets_presence WHERE ticket_id = %(ticket)s AND person_id = %(me)s AND tab = %(tab)s RETURNING 1
)
SELECT count(pg_notify(%(channel)s, %(payload)s)) FROM gone
"""
# The most that somebody does on any of their pages.
_MOST = "(array_agg(h.doing ORDER BY array_position(ARRAY['reply', 'note', 'viewing'], h.doing::text)))[1]"
_HERE = """
SELECT p.id, coalesce(nullif(p.name, ''), p.email),
  {most}
FROM tickets_presence h JOIN people_person p ON p.id = h.person_id
WHERE h.ticket_id = %(ticket)s AND h.at > %(gone)s AND h.person_id <> %(me)s AND p.is_active AND {seen}
GROUP BY p.id ORDER BY bool_and(h.doing = 'viewing'), 2, 1
"""
_EVERYWHERE = """
SELECT t.number, p.id, coalesce(nullif(p.name, ''), p.email), {most}
FROM tickets_presence h JOIN people_person p ON p.id = h.person_id JOIN tickets_ticket t ON t.id = h.ticket_id
WHERE h.at > %(gone)s AND h.person_id <> %(me)s AND p.is_active AND {seen}
GROUP BY t.number, p.id ORDER BY 1, 3, 2 LIMIT 500
"""


def beat(person: Person, ticket_id: int, tab: str, doing: str, now: datetime) -> bool:
    """This page of the person is there, and they do this on it. False: they may not see the ticket as staff."""
    channel, (payload,) = heard([Event(stream(0), "here")])
    more = {"ticket": ticket_id, "tab": tab, "doing": doing, "gone": now - GONE, "sweep": _SWEEP}
    values = asks(person, now) | more | {"channel": channel, "payload": payload}
    found = sql.rows(_BEAT.format(seen=_SEEN.format(worked(person))), values)
    return bool(found[0][0])


def leave(person: Person, ticket_id: int, tab: str) -> None:
    """This page of the person is closed, or out of sight."""
    channel, (payload,) = heard([Event(stream(ticket_id), "here")])
    sql.rows(_LEAVE, {"ticket": ticket_id, "me": person.pk, "tab": tab, "channel": channel, "payload": payload})


def others_on(person: Person, ticket_id: int, now: datetime) -> list[Here]:
    """Who else is on the ticket; nobody where this person does not see it as staff. Who writes comes first."""
    values = asks(person, now) | {"ticket": ticket_id, "gone": now - GONE}
    return [Here._make(row) for row in sql.rows(_HERE.format(most=_MOST, seen=_SEEN.format(worked(person))), values)]


def others_anywhere(person: Person, now: datetime) -> list[tuple[int, Here]]:
    """(number, who) of all requests that this person sees as staff: a page at most, not more than are at work."""
    found = sql.rows(_EVERYWHERE.format(most=_MOST, seen=worked(person)), asks(person, now) | {"gone": now - GONE})
    return [(number, Here(*rest)) for number, *rest in found]
