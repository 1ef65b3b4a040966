"""What somebody has begun to write on a ticket, saved as they type: theirs alone, and gone when it is sent.

Guarded like notes and drafts (import-linter): a draft was sent by its author and waits for its moment, this was not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models

from answerable.lib import sql

KINDS = ("reply", "note")


class Begun(models.Model):
    """One text of one person on one ticket. `mark` names its state: who saves says which one they went on from.

    `aside`: the draft put aside whose words it goes on with; `cc`: addresses as they were typed.
    """

    # related_name="+": a reverse name would reach it from a ticket without any import to forbid.
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    text = models.TextField(blank=True)
    cc = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    aside = models.BigIntegerField(null=True, blank=True)
    mark = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint("person", "ticket", "kind", name="begun_once")]

    def __str__(self) -> str:
        return f"{self.kind} begun by {self.person_id} on {self.ticket_id}"


class BegunFile(models.Model):
    """A file that was attached already: its bytes are kept."""

    begun = models.ForeignKey(Begun, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey("tickets.File", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    class Meta:
        app_label = "tickets"

    def __str__(self) -> str:
        return self.name


class State(NamedTuple):
    """A text as it stands. `files`: id, name and bytes of each."""

    kind: str
    text: str
    cc: str
    tags: list[str]
    aside: int | None
    mark: str
    at: datetime
    files: list[tuple[int, str, int]]


class Typed(NamedTuple):
    """What a browser has. `mark` names this state; `bases` are those that it may go on from: the last that the server
    told, and those of tries that it never heard of again. "" means: nothing stood there.
    """

    text: str
    bases: tuple[str, ...]
    mark: str
    cc: str = ""
    tags: tuple[str, ...] = ()
    aside: int | None = None


# A row that is gone is not begun again by a browser that went on from it: what it had was sent, or thrown away. Nor by
# the first save of a text that was sent before it arrived: its mark, after this sign, is then kept in an empty row.
# To a browser nothing stands there, also where a file was put there since.
_SENT = "~"
_SAVE = """
INSERT INTO tickets_begun AS b (ticket_id, person_id, kind, text, cc, tags, aside, mark, at)
SELECT %(ticket)s::bigint, %(person)s::bigint, %(kind)s::text, %(text)s::text, %(cc)s::text, %(tags)s::text[],
  %(aside)s::bigint, %(mark)s::text, %(now)s::timestamptz
WHERE '' = ANY(%(bases)s::text[]) OR EXISTS (
  SELECT FROM tickets_begun o WHERE o.person_id = %(person)s AND o.ticket_id = %(ticket)s AND o.kind = %(kind)s
)
ON CONFLICT (person_id, ticket_id, kind) DO UPDATE
SET text = excluded.text, cc = excluded.cc, tags = excluded.tags, aside = excluded.aside, mark = excluded.mark,
  at = excluded.at
WHERE b.mark = ANY(%(bases)s::text[])
  OR (starts_with(b.mark, %(sent)s) AND b.mark <> left(%(sent)s || %(mark)s, 32) AND '' = ANY(%(bases)s::text[]))
RETURNING b.id
"""


def save(person_id: int, ticket_id: int, kind: str, typed: Typed, now: datetime) -> bool:
    """Keep the text, in one statement; False where another tab or browser has gone on with it, which stays as it is."""
    values = typed._asdict() | {"person": person_id, "ticket": ticket_id, "kind": kind, "now": now, "sent": _SENT}
    return bool(sql.rows(_SAVE, values | {"tags": list(typed.tags), "bases": list(typed.bases)}))


_EMPTIED = """
DELETE FROM tickets_begun b WHERE b.person_id = %(person)s AND b.ticket_id = %(ticket)s AND b.kind = %(kind)s
  AND b.mark = ANY(%(bases)s::text[]) AND NOT EXISTS (SELECT FROM tickets_begunfile f WHERE f.begun_id = b.id)
RETURNING b.id
"""


def drop_emptied(person_id: int, ticket_id: int, kind: str, typed: Typed) -> bool:
    """Forget a text that its author emptied, unless files hang on it."""
    values = {"person": person_id, "ticket": ticket_id, "kind": kind, "bases": list(typed.bases)}
    return bool(sql.rows(_EMPTIED, values))


_STATES = """
SELECT b.kind, b.text, b.cc, b.tags, b.aside, CASE WHEN starts_with(b.mark, %(sent)s) THEN '' ELSE b.mark END, b.at, (
  SELECT coalesce(json_agg(json_build_array(a.id, a.name, f.size) ORDER BY a.id), '[]')
  FROM tickets_begunfile a JOIN tickets_file f ON f.id = a.file_id WHERE a.begun_id = b.id
)
FROM tickets_begun b WHERE b.person_id = %(person)s AND b.ticket_id = %(ticket)s AND NOT (
  starts_with(b.mark, %(sent)s) AND NOT EXISTS (SELECT FROM tickets_begunfile a WHERE a.begun_id = b.id)
)
"""


def states(person_id: int, ticket_id: int) -> dict[str, State]:
    """What this person has begun on this ticket, by kind."""
    found = sql.rows(_STATES, {"person": person_id, "ticket": ticket_id, "sent": _SENT})
    return {row[0]: State._make(row) for row in found}


def lock(person_id: int, ticket_id: int, kind: str) -> Begun | None:
    """The row, for who changes its files or sends it."""
    rows = Begun.objects.select_for_update(of=("self",)).filter(person=person_id, ticket=ticket_id, kind=kind)
    return rows.first()


def started(person_id: int, ticket_id: int, kind: str, now: datetime) -> Begun:
    """The same, begun now if it is not yet."""
    Begun.objects.get_or_create(person_id=person_id, ticket_id=ticket_id, kind=kind, defaults={"at": now})
    row = lock(person_id, ticket_id, kind)
    assert row is not None
    return row


_WAS_SENT = """
INSERT INTO tickets_begun AS b (ticket_id, person_id, kind, text, cc, tags, mark, at)
VALUES (%(ticket)s, %(person)s, %(kind)s, '', '', '{}', left(%(sent)s || %(mark)s, 32), %(now)s)
ON CONFLICT (person_id, ticket_id, kind) DO UPDATE SET mark = excluded.mark, at = excluded.at
WHERE starts_with(b.mark, %(sent)s)
RETURNING b.id
"""


def was_sent(person_id: int, ticket_id: int, kind: str, mark: str, now: datetime) -> bool:
    """It was sent before its first save, with this mark, arrived: that one will be refused. False where it just has."""
    values = {"person": person_id, "ticket": ticket_id, "kind": kind, "mark": mark, "now": now, "sent": _SENT}
    return bool(sql.rows(_WAS_SENT, values))


def files_of(begun_id: int) -> list[BegunFile]:
    """Its files, in the order in which they were attached."""
    return list(BegunFile.objects.filter(begun=begun_id).select_related("file").order_by("pk"))


def clear(row: Begun, sent: str, marks: Sequence[str], files: Sequence[int]) -> None:
    """It was sent, so far: a newer text of another tab stays, and so do files that this one did not name."""
    BegunFile.objects.filter(begun=row, pk__in=files).delete()
    newer = row.mark not in marks and row.text.strip() not in {"", sent}
    if newer:
        return
    if BegunFile.objects.filter(begun=row).exists():
        Begun.objects.filter(pk=row.pk).update(text="", cc="", tags=[], aside=None, mark="")
    else:
        row.delete()
