"""The words by which a ticket is found: a document of the public ones for each, kept by triggers (decision 0041).

Whoever writes or blanks an entry needs to do nothing: the trigger is part of the statement. What staff alone may read
has documents of its own, in `tickets.internal_words`, which nothing that speaks outward can import.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models, transaction

from answerable.lib import sql

# 2^14 tickets share an era: its mark stands in their documents, so that the index itself can look at the latest only.
ERA_BITS = 14
# How many tickets get their document in one transaction.
BATCH = 200
# And of those that somebody works on now, whom the lock would make wait.
AT_ONCE = 20


class PublicWords(models.Model):
    """What everybody who sees the ticket may find it by. Weights: A the subject, B names of files, C replies."""

    ticket = models.OneToOneField(
        "tickets.Ticket", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    words = SearchVectorField()

    class Meta:
        app_label = "tickets"
        verbose_name_plural = "public words"
        # Whoever searches reads the index's waiting list from end to end: it is kept short.
        indexes = [GinIndex(fields=["words"], name="public_words", gin_pending_list_limit=256)]

    def __str__(self) -> str:
        return f"public words of {self.pk}"


class Unread(models.Model):
    """Tickets with an id below this have no documents yet; no row: all have theirs. `first` is where that began."""

    below = models.BigIntegerField()
    first = models.BigIntegerField()

    class Meta:
        app_label = "tickets"
        verbose_name_plural = "unread"

    def __str__(self) -> str:
        return f"tickets below {self.below} have no words"


class Wanted(models.Model):
    """Something came to this ticket by mail that its documents do not have yet."""

    ticket_id = models.BigIntegerField(primary_key=True)

    class Meta:
        app_label = "tickets"
        verbose_name_plural = "wanted"

    def __str__(self) -> str:
        return f"words of {self.pk} are wanted"


def reindex(ticket_id: int) -> None:
    """Make both documents of a ticket anew, from what its rows say now. The caller holds the ticket's lock."""
    sql.rows("SELECT answerable_index(%(ticket)s)", {"ticket": ticket_id})


_FILL = """
SELECT count(answerable_index(id)), min(id) FROM (
  SELECT t.id FROM tickets_ticket t WHERE t.id < %(below)s ORDER BY t.id DESC LIMIT %(most)s FOR NO KEY UPDATE
) AS next
"""


# Both are locked like by any verb, the ticket first; what somebody is at comes with the next run.
_WANTED = """
WITH next AS (
  SELECT w.ticket_id FROM tickets_wanted w JOIN tickets_ticket t ON t.id = w.ticket_id
  ORDER BY w.ticket_id DESC LIMIT %(most)s FOR NO KEY UPDATE OF t SKIP LOCKED FOR UPDATE OF w SKIP LOCKED
), gone AS (DELETE FROM tickets_wanted w USING next WHERE w.ticket_id = next.ticket_id RETURNING w.ticket_id)
SELECT count(answerable_index(ticket_id)) FROM gone
"""


def read_mail() -> bool:
    """Add what came by mail to the documents. Returns whether there may be more to do."""
    [(done,)] = sql.rows(_WANTED, {"most": AT_ONCE})
    return int(done) == AT_ONCE


def read_some() -> bool:
    """Give the next tickets their documents, the latest first. Returns whether there may be more to do.

    Each is locked like by any verb, so that nothing is said in it between the reading and the writing.
    """
    with transaction.atomic():
        left = Unread.objects.select_for_update(skip_locked=True).first()
        if left is None:
            return False
        [(done, lowest)] = sql.rows(_FILL, {"below": left.below, "most": BATCH})
        if done < BATCH:
            left.delete()
            return False
        Unread.objects.filter(pk=left.pk).update(below=lowest)
    return True


def share_read() -> int | None:
    """How many of a hundred older tickets can be found by their words so far; None: all."""
    left = Unread.objects.first()
    return None if left is None else int(100 * (left.first - left.below) / max(1, left.first))
