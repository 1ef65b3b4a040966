"""Who was named in a note: ids alone, so that a list of requests may ask for them. The words are in `notes`."""

from datetime import datetime

from django.db import models

from answerable.lib import sql


class Mention(models.Model):
    """Somebody of the staff was named in a note (a bare id) on a ticket."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    note_id = models.BigIntegerField()
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint("note_id", "person", name="mention_once")]
        indexes = [
            models.Index(fields=["person", "ticket"], name="mention_person_ticket"),
            models.Index(fields=["person", "-id"], name="mention_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in note {self.note_id}"


# A condition for SQL by hand, as those of `seen`: `t` is the ticket, `me` the person.
MENTIONS = "EXISTS (SELECT FROM tickets_mention m WHERE m.ticket_id = t.id AND m.person_id = %(me)s)"

_LATEST = """
SELECT DISTINCT ticket_id FROM (
  SELECT m.ticket_id FROM tickets_mention m WHERE m.person_id = %(person)s ORDER BY m.id DESC LIMIT %(most)s
) latest
"""


def mentioning(person_id: int, most: int = 1000) -> list[int]:
    """Ids of tickets whose notes named this person, of their latest mentions. Who may see them is asked elsewhere."""
    return [row[0] for row in sql.rows(_LATEST, {"person": person_id, "most": most})]


def keep(ticket_id: int, note_id: int, people: list[int], now: datetime) -> None:
    """Write down whom a note names."""
    rows = [Mention(ticket_id=ticket_id, note_id=note_id, person_id=pk, at=now) for pk in people]
    Mention.objects.bulk_create(rows)
