"""What a team's shift leaves to the next one, who has read it, and who has the shift. For staff alone: no room that
speaks outward can reach this module (import-linter).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from answerable.lib import sql

# So many of the open requests are attached, the most urgent first.
ATTACHED = 50
# Who comes back after long must read so many of the last notes.
MUST_KNOW = 20


class HandOver(models.Model):
    """A note for the next shift. `attached`: what was open then, as it stood, by id: how a request is called, and
    whether somebody may see it, is asked when it is read. `open_count`: all that were, counted up to a cap."""

    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    html = models.TextField()
    open_count = models.PositiveIntegerField()
    attached = models.JSONField(default=list)

    class Meta:
        app_label = "tickets"
        indexes = [models.Index(fields=["team", "-id"], name="handover_of_team")]

    def __str__(self) -> str:
        return f"hand-over {self.pk} of {self.team_id}"


class HandOverRead(models.Model):
    """Somebody said that they have read it."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="reads")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint(fields=["hand_over", "person"], name="handover_read_once")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.hand_over_id}"


class Shift(models.Model):
    """Who looks after a team's requests, from when to when. `ended_by`: who took it over, or the person themselves."""

    team = models.ForeignKey("people.Team", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint(fields=["team"], condition=Q(ended_at__isnull=True), name="shift_once")]

    def __str__(self) -> str:
        return f"{self.person_id} has {self.team_id}"


def latest(team_id: int) -> HandOver | None:
    """The note that counts now."""
    return HandOver.objects.filter(team=team_id).select_related("author").order_by("-pk").first()


def one(pk: int) -> HandOver | None:
    """Any of them, with its team."""
    return HandOver.objects.filter(pk=pk).select_related("author", "team").first()


def earlier(team_id: int, before: int | None, limit: int) -> list[HandOver]:
    """A team's notes, latest first, without their words; `before`: older than that one."""
    rows = HandOver.objects.filter(team=team_id).select_related("author").defer("text", "html", "attached")
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[:limit])


def reads(hand_over_id: int) -> list[HandOverRead]:
    """Who has read it, first come first."""
    return list(HandOverRead.objects.filter(hand_over=hand_over_id).select_related("person").order_by("pk"))


def current(team_ids: Sequence[int]) -> list[Shift]:
    """Who has the shift of these teams now."""
    rows = Shift.objects.filter(team__in=team_ids, ended_at__isnull=True)
    return list(rows.select_related("person", "team").order_by("team__name"))


def shifts(team_id: int, limit: int) -> list[Shift]:
    """The last shifts of a team, latest first."""
    return list(Shift.objects.filter(team=team_id).select_related("person").order_by("-pk")[:limit])


# From when on somebody must know a team's notes: since they last began its shift; who never had it, since the one that
# runs or ran last began. The latest note counts in any case, one's own never.
_UNREAD = """
SELECT h.id FROM unnest(%(teams)s::bigint[]) AS of (team) CROSS JOIN LATERAL (
  SELECT n.id FROM tickets_handover n
  WHERE n.team_id = of.team AND n.author_id <> %(person)s AND (
    n.at >= coalesce(
      (SELECT max(s.since) FROM tickets_shift s WHERE s.team_id = of.team AND s.person_id = %(person)s),
      (SELECT s.since FROM tickets_shift s WHERE s.team_id = of.team ORDER BY s.id DESC LIMIT 1),
      '-infinity'
    ) OR n.id = (SELECT max(l.id) FROM tickets_handover l WHERE l.team_id = of.team)
  ) ORDER BY n.id DESC LIMIT %(most)s
) h WHERE NOT EXISTS (SELECT FROM tickets_handoverread r WHERE r.hand_over_id = h.id AND r.person_id = %(person)s)
"""


def unread(team_ids: Sequence[int], person_id: int) -> list[HandOver]:
    """What this person must read before they take the shift of these teams: of each team's last MUST_KNOW notes, the
    latest first."""
    found = sql.rows(_UNREAD, {"teams": list(team_ids), "person": person_id, "most": MUST_KNOW})
    rows = HandOver.objects.filter(pk__in=[pk for (pk,) in found]).select_related("author", "team")
    return list(rows.order_by("team__name", "team", "-pk"))


_OPEN = """
SELECT t.id, t.severity, t.status, nullif(t.next_due_at, %(no_promise)s),
  coalesce((SELECT coalesce(nullif(p.name, ''), p.email) FROM people_person p WHERE p.id = t.assignee_id), '')
FROM tickets_ticket t WHERE t.team_id = %(team)s AND t.status IN ('new', 'open', 'pending', 'hold')
ORDER BY t.next_due_at, t.id LIMIT %(most)s
"""
_COUNT = """
SELECT count(*) FROM (
  SELECT FROM tickets_ticket t WHERE t.team_id = %(team)s AND t.status IN ('new', 'open', 'pending', 'hold')
  LIMIT %(cap)s
) AS found
"""


def as_it_stands(team_id: int, no_promise: datetime, cap: int) -> tuple[list[dict[str, Any]], int]:
    """What is open in the team, by the next promise, as JSON has it; and how many there are, counted up to `cap`."""
    values = {"team": team_id, "no_promise": no_promise, "most": ATTACHED, "cap": cap}
    rows = [
        {"id": pk, "severity": severity, "status": status, "due_at": due.isoformat() if due else None, "who": who}
        for pk, severity, status, due, who in sql.rows(_OPEN, values)
    ]
    return rows, int(sql.rows(_COUNT, values)[0][0])


def about(ticket_id: int) -> dict[str, Any]:
    """Which notes may quote the ticket, as a filter: those that name it, or had it attached."""
    return {"pk__in": [pk for (pk,) in sql.rows(_ABOUT, {"ticket": ticket_id})]}


_ABOUT = """
SELECT h.id FROM tickets_handover h JOIN tickets_ticket t ON t.id = %(ticket)s
WHERE h.at >= t.created_at AND (
  h.attached @> jsonb_build_array(jsonb_build_object('id', t.id)) OR h.text ~ ('#' || t.number || '(?![0-9])')
)
"""
