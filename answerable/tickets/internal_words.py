"""All words of a ticket that has some for staff alone. Guarded like `tickets.notes` (import-linter).

A row is there only where there are notes, held mail or tags; it holds the public words too: one document answers.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class InternalWords(models.Model):
    """Weights as in PublicWords; besides, tags are B, notes and held mail D."""

    ticket = models.OneToOneField(
        "tickets.Ticket", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    words = SearchVectorField()

    class Meta:
        app_label = "tickets"
        verbose_name_plural = "internal words"
        indexes = [GinIndex(fields=["words"], name="internal_words", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"internal words of {self.pk}"
