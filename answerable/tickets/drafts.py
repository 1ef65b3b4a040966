"""Replies that wait for their moment, and those that were taken back or could not be sent. For staff alone.

Guarded like notes (import-linter): the one way in which a draft's words leave is casework.sending, which sends them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from answerable.lib import sql


class Draft(models.Model):
    """A public reply to be, with all that it does. `send_at` None: put aside, and sent only by whoever sends it anew;
    `failure` then says why it could not be sent, "" that its author took it back.
    """

    # related_name="+": a reverse name would reach drafts from a ticket without any import to forbid.
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    send_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    status = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    cc = ArrayField(models.BigIntegerField(), default=list, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        app_label = "tickets"
        indexes = [
            models.Index("ticket", "id", name="draft_ticket"),
            models.Index(fields=["send_at", "id"], condition=models.Q(send_at__isnull=False), name="draft_due"),
            models.Index(fields=["author", "id"], condition=models.Q(send_at__isnull=True), name="draft_aside"),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} on {self.ticket_id}"


class DraftFile(models.Model):
    """A file that goes with a draft: its bytes are kept already."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey("tickets.File", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "tickets"

    def __str__(self) -> str:
        return self.name


def lock(draft_id: int) -> Draft | None:
    """The draft, locked; None once it is sent or thrown away. Whoever calls holds its ticket's lock already."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related("author")
    return rows.filter(pk=draft_id).first()


def ticket_of(draft_id: int) -> int | None:
    """Whose lock comes first."""
    return Draft.objects.filter(pk=draft_id).values_list("ticket", flat=True).first()


def lock_waiting(ticket_id: int, up_to: int | None = None) -> list[Draft]:
    """What waits on a locked ticket, in the order in which it was sent; `up_to`: as far as this draft."""
    rows = Draft.objects.select_for_update(of=("self",)).select_related("author")
    found = rows.filter(ticket=ticket_id, send_at__isnull=False).order_by("pk")
    return list(found.filter(pk__lte=up_to) if up_to is not None else found)


def last_waiting(ticket_id: int, author_id: int) -> int | None:
    """The latest of this author's drafts that wait on the ticket."""
    rows = Draft.objects.filter(ticket=ticket_id, author=author_id, send_at__isnull=False)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def due(now: datetime, after: Sequence[int], limit: int) -> list[tuple[int, int]]:
    """(ticket, latest draft) of tickets with drafts whose moment has come, longest due first, without those named."""
    rows = Draft.objects.filter(send_at__lte=now).exclude(ticket__in=after).order_by("send_at", "pk")
    found: dict[int, int] = {}
    for ticket_id, pk in rows.values_list("ticket", "pk")[:limit]:
        found[ticket_id] = max(pk, found.get(ticket_id, 0))
    return list(found.items())


def files_of(draft_id: int) -> list[DraftFile]:
    """Its files, in their order."""
    return list(DraftFile.objects.filter(draft=draft_id).select_related("file").order_by("position"))


def keep_files(draft: Draft, files: Sequence[DraftFile]) -> None:
    """Store these as the draft's."""
    for position, row in enumerate(files):
        row.draft, row.position = draft, position
    DraftFile.objects.bulk_create(files)


_COUNT = """
UPDATE tickets_ticket SET (waiting_drafts, aside_drafts) = (
  SELECT count(d.send_at), count(*) - count(d.send_at) FROM tickets_draft d WHERE d.ticket_id = %s
) WHERE id = %s
"""


def recount(ticket_id: int) -> None:
    """Write on the locked ticket how many there are: whoever looks next knows from the row that it has read anyway."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [ticket_id, ticket_id])


class Shown(NamedTuple):
    """A draft as the desk shows it. `files`: id, name and bytes of each; `cc`: addresses of who is CC'd with it."""

    id: int
    author_id: int
    author: str
    is_active: bool
    at: datetime
    send_at: datetime | None
    text: str
    html: str
    status: str
    failure: str
    files: list[tuple[int, str, int]]
    ticket_id: int
    cc: str


_SHOWN = """
SELECT d.id, d.author_id, coalesce(nullif(p.name, ''), p.email), p.is_active, d.at, d.send_at, d.text, d.html, d.status,
  d.failure, (
    SELECT coalesce(json_agg(json_build_array(a.id, a.name, f.size) ORDER BY a.position), '[]')
    FROM tickets_draftfile a JOIN tickets_file f ON f.id = a.file_id WHERE a.draft_id = d.id
  ), d.ticket_id,
  (SELECT coalesce(string_agg(c.email, ', ' ORDER BY c.id), '') FROM people_person c WHERE c.id = ANY(d.cc))
FROM tickets_draft d JOIN people_person p ON p.id = d.author_id WHERE
"""


def drafts_of(ticket_id: int) -> list[Shown]:
    """Every draft of a ticket, oldest first."""
    found = sql.rows(f"{_SHOWN} d.ticket_id = %(ticket)s ORDER BY d.id", {"ticket": ticket_id})
    return [Shown._make(row) for row in found]


def unsent_of(author_id: int, limit: int) -> list[Shown]:
    """What this author has put aside, or could not send, on any ticket; latest first."""
    which = "d.author_id = %(author)s AND d.send_at IS NULL ORDER BY d.id DESC LIMIT %(most)s"
    return [Shown._make(row) for row in sql.rows(f"{_SHOWN} {which}", {"author": author_id, "most": limit})]
