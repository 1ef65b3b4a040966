"""Internal notes. Only casework's note verbs, the desk and named api modules may import this (import-linter)."""

from django.db import models


class Note(models.Model):
    """What staff say to each other on a ticket. Shares its id sequence with Reply and Held."""

    # related_name="+": a reverse name would reach notes from a ticket without any import to forbid.
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()
    html = models.TextField()

    class Meta:
        app_label = "tickets"
        indexes = [models.Index("ticket", "id", name="note_ticket")]

    def __str__(self) -> str:
        return f"note {self.pk} on {self.ticket_id}"


def notes_of(ticket_id: int) -> models.QuerySet[Note]:
    """A ticket's notes, oldest first."""
    return Note.objects.filter(ticket=ticket_id).select_related("author").order_by("id")
