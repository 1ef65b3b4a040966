"""Mail that may not join its ticket yet: for staff alone, until they approve it. Same importers as notes."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import models

from answerable.lib import sql


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
    on_sheet = models.BooleanField(default=False, db_default=False)
    origin = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
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


class Waiting(NamedTuple):
    """A held message as the desk shows it, settled or not."""

    id: int
    sender: str
    sender_name: str
    reason: str
    at: datetime
    html: str
    on_sheet: bool
    origin: dict[str, Any]
    raw_id: int
    file_names: list[str]
    settled_as: str


_HELD = """
SELECT h.id, h.sender, h.sender_name, h.reason, h.at, CASE WHEN h.on_sheet THEN '' ELSE h.html END, h.on_sheet,
  h.origin::json, h.raw_id, h.file_names::json, h.settled_as
FROM tickets_held h WHERE h.ticket_id = %(ticket)s ORDER BY h.id
"""


def held_of(ticket_id: int) -> list[Waiting]:
    """A ticket's held mail, settled or not, oldest first."""
    return [Waiting._make(row) for row in sql.rows(_HELD, {"ticket": ticket_id})]


def held_html(ticket_id: int, pk: int) -> str | None:
    """What a held message of this very ticket says, for its sheet."""
    return Held.objects.filter(ticket=ticket_id, pk=pk).values_list("html", flat=True).first()


_KEPT_OUT = """
SELECT h.sender, h.text FROM tickets_held h
WHERE h.ticket_id = %(ticket)s AND h.settled_as <> 'approved' ORDER BY h.id
"""


def kept_out(ticket_id: int) -> list[tuple[str, str]]:
    """(sender, words) of a ticket's mail that has not joined the conversation."""
    return [(sender, text) for sender, text in sql.rows(_KEPT_OUT, {"ticket": ticket_id})]
