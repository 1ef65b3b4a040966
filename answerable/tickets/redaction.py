"""That something was removed from a ticket: who did it and why, never what. Written by casework alone."""

from datetime import datetime

from django.db import models


class Redaction(models.Model):
    """One act on one ticket. `places`: how often in which; `digests`: files whose bytes go once nothing uses them."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    what = models.CharField(max_length=8, choices=[("text", "text"), ("entry", "entry"), ("file", "file")])
    entry_id = models.BigIntegerField(null=True)
    places = models.JSONField(default=dict)
    digests = models.JSONField(default=list)
    files_gone_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "tickets"
        indexes = [models.Index("ticket", "id", name="redaction_ticket")]

    def __str__(self) -> str:
        return f"{self.what} removed from {self.ticket_id}"


def digests_of(pk: int) -> list[str]:
    """The files whose bytes are to go, if they are not gone already."""
    rows = Redaction.objects.filter(pk=pk, files_gone_at__isnull=True).values_list("digests", flat=True)
    return list(rows.first() or [])


def files_are_gone(pk: int, now: datetime) -> None:
    """Their digests could tell what a short file said, so they go too."""
    Redaction.objects.filter(pk=pk).update(digests=[], files_gone_at=now)
