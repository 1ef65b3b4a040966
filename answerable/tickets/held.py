"""Mail that may not join its ticket yet: for staff alone, until they approve it. Same importers as notes."""

from django.db import models


class Held(models.Model):
    """A received message beside a ticket. Its files stay in the raw mail until it is approved."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    sender = models.CharField(max_length=254)
    sender_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=64)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    file_names = models.JSONField(default=list)
    raw_id = models.BigIntegerField(unique=True)
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=16, blank=True)
    settled_by = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "tickets"
        verbose_name_plural = "held"
        indexes = [models.Index("ticket", "id", name="held_ticket")]

    def __str__(self) -> str:
        return f"held {self.pk} on {self.ticket_id}"


def held_of(ticket_id: int) -> models.QuerySet[Held]:
    """A ticket's held mail, settled or not, oldest first."""
    return Held.objects.filter(ticket=ticket_id).order_by("id")
