"""Internal notes. Only casework's note verbs, the desk and named api modules may import this (import-linter)."""

from datetime import datetime
from typing import NamedTuple

from django.db import models

from answerable.lib import sql


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


class NoteFile(models.Model):
    """A file on a note: for staff alone, as the note is."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey("tickets.File", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "tickets"

    def __str__(self) -> str:
        return self.name


class Said(NamedTuple):
    """A note as the desk shows it. `files`: id, name, bytes, and what a virus scanner called it, of each."""

    id: int
    author: str
    at: datetime
    html: str
    files: list[tuple[int, str, int, str]]


_NOTES = """
SELECT n.id, coalesce(nullif(p.name, ''), p.email), n.at, n.html, (
  SELECT coalesce(json_agg(json_build_array(a.id, a.name, f.size, f.infected) ORDER BY a.position), '[]')
  FROM tickets_notefile a JOIN tickets_file f ON f.id = a.file_id WHERE a.note_id = n.id
)
FROM tickets_note n JOIN people_person p ON p.id = n.author_id WHERE n.ticket_id = %(ticket)s ORDER BY n.id
"""


def notes_of(ticket_id: int) -> list[Said]:
    """A ticket's notes, oldest first."""
    return [Said._make(row) for row in sql.rows(_NOTES, {"ticket": ticket_id})]


_TEXTS = """
SELECT coalesce(nullif(p.name, ''), p.email), n.text
FROM tickets_note n JOIN people_person p ON p.id = n.author_id WHERE n.ticket_id = %(ticket)s ORDER BY n.id
"""


def texts_of(ticket_id: int) -> list[tuple[str, str]]:
    """(author, words) of a ticket's notes, as they were typed."""
    return [(author, text) for author, text in sql.rows(_TEXTS, {"ticket": ticket_id})]


def find_file(ticket_id: int, pk: int) -> NoteFile | None:
    """A file on a note of this very ticket."""
    return NoteFile.objects.filter(pk=pk, note__ticket=ticket_id).select_related("file").first()
