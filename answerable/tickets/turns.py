"""Whose turn it was: a row for each request that a team's rule gave to somebody."""

from datetime import datetime

from django.db import models

from answerable.lib import sql
from answerable.tickets.spread import Member


class Turn(models.Model):
    """By this team's rule a request went to this person. `ticket_id` is bare: nothing is asked from there."""

    team = models.ForeignKey("people.Team", on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "tickets"
        indexes = [models.Index("team", "person", "id", name="turn_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.team_id}"


_IN_TURN = "SELECT * FROM ticket_members_in_turn(%(team)s, %(holder)s, %(at)s)"


def in_turn(team_id: int, holder_id: int | None, at: datetime) -> list[Member]:
    """The team's members who may work, and whoever holds the ticket: one statement, which makes everybody else who asks
    for this team wait until this transaction ends, and then sees what they did.

    The function is in migration 0015: only inside of one does a statement read what was committed while it waited.
    """
    found = sql.rows(_IN_TURN, {"team": team_id, "holder": holder_id, "at": at})
    return [Member._make(row) for row in found]
