"""What requesters say of our help, once for each time that a request is solved."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models

from answerable.lib import sql

GOOD, BAD = "good", "bad"
SCORES = (GOOD, BAD)


class Rating(models.Model):
    """One solving of a ticket: whether its requester was asked, and what they said.

    `skipped`: why nobody was asked, "" where somebody was. Team, agent and organization are those of that moment.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey("people.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey("people.Team", null=True, on_delete=models.SET_NULL, related_name="+")
    organization = models.ForeignKey("people.Organization", null=True, on_delete=models.SET_NULL, related_name="+")
    solved_at = models.DateTimeField()
    at = models.DateTimeField()
    skipped = models.CharField(max_length=16, blank=True)
    score = models.CharField(max_length=4, blank=True, choices=[(GOOD, "good"), (BAD, "bad")])
    comment = models.TextField(blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint("ticket", "solved_at", name="rating_once")]
        indexes = [
            models.Index(fields=["person", "-at"], condition=models.Q(skipped=""), name="rating_person"),
            models.Index(fields=["at"], condition=models.Q(skipped=""), name="rating_at"),
        ]

    def __str__(self) -> str:
        return f"{self.score or self.skipped or 'asked'} of {self.ticket_id}"


# A solving that nobody looked at for so long (the server was down, the policy asked nothing) is past asking.
TOO_LATE = timedelta(days=3)

_DUE = """
SELECT t.id FROM tickets_ticket t
WHERE t.status = 'solved' AND t.solved_at <= %(until)s AND t.solved_at > %(since)s AND t.number > 0
  AND NOT EXISTS (SELECT FROM tickets_rating r WHERE r.ticket_id = t.id AND r.solved_at = t.solved_at)
ORDER BY t.solved_at, t.id LIMIT %(most)s
"""


def to_ask(until: datetime, most: int) -> list[int]:
    """Tickets that were solved by then, and of which this solving was not looked at yet."""
    return [pk for (pk,) in sql.rows(_DUE, {"until": until, "since": until - TOO_LATE, "most": most})]


class Said(NamedTuple):
    """What was said, for the page of its ticket; `who` asked, `score` "" while there is no answer."""

    who: str
    score: str
    comment: str
    at: datetime
    rated_at: datetime | None


_SAID = """
SELECT coalesce(nullif(p.name, ''), p.email), r.score, r.comment, r.at, r.rated_at
FROM tickets_rating r JOIN people_person p ON p.id = r.person_id
WHERE r.ticket_id = %(ticket)s AND r.skipped = '' ORDER BY r.id DESC LIMIT 1
"""


def last_said(ticket_id: int) -> Said | None:
    """The latest asking about the ticket."""
    return next((Said._make(row) for row in sql.rows(_SAID, {"ticket": ticket_id})), None)
