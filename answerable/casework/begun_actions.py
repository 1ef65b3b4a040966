"""What an agent has begun to write: saved as they type, with its files, until it is sent. Theirs alone.

A text that is saved concerns nobody else: no audit line, no news to other pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.lib.uploads import CAPS, Received
from answerable.people.models import Person
from answerable.tickets import begun
from answerable.tickets.actions import Upload
from answerable.tickets.begun import BegunFile, State, Typed
from answerable.tickets.files import keep
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Sent:
    """What of it is sent: the states that the sender had (`marks`), and the ids of the files that go along."""

    text: str = ""
    marks: tuple[str, ...] = ()
    files: tuple[int, ...] = ()


def save(person: Person, ticket: Ticket, kind: str, typed: Typed, now: datetime) -> str:
    """Keep what was typed; returns the mark to go on from ("" where nothing is left to keep).

    Raises Refused("conflict") where another tab went on with it, with what stands there in its data; nothing is lost:
    the other text stays here, and this one in its browser.
    """
    if not typed.text.strip() and not typed.cc and not typed.tags:
        if begun.drop_emptied(person.pk, ticket.pk, kind, typed):
            return ""
        if not any(typed.bases):
            return ""
    if begun.save(person.pk, ticket.pk, kind, typed, now):
        return typed.mark
    there = begun.states(person.pk, ticket.pk).get(kind)
    raise Refused("conflict", _elsewhere(there), mark=there.mark if there else "", text=there.text if there else "")


def _elsewhere(there: State | None) -> str:
    if there is None:
        return _("This was sent or thrown away in another tab. What stands here is kept in this tab alone.")
    return _("You have gone on with this in another tab or browser. Both texts are kept.")


def attach(person: Person, ticket: Ticket, kind: str, files: Sequence[Received], now: datetime) -> None:
    """Keep files for what is being written. Raises Refused past the limits, and then keeps none of these."""
    with transaction.atomic():
        row = begun.started(person.pk, ticket.pk, kind, now)
        there = begun.files_of(row.pk)
        _check([one.file.size for one in there], [len(one.content) for one in files])
        BegunFile.objects.bulk_create(
            [
                BegunFile(begun=row, file=keep(one.content), name=one.name[:200], content_type=one.content_type[:100])
                for one in files
            ]
        )


def _check(there: Sequence[int], more: Sequence[int]) -> None:
    if not all(more):
        raise Refused("file_empty", _("There is nothing in this file: its size is 0."))
    if len(there) + len(more) > CAPS.files or sum(there) + sum(more) > CAPS.together:
        raise Refused("too_many_files", _("At most %(files)s files of %(together)s MB together.") % CAPS.words)


def detach(person: Person, ticket: Ticket, kind: str, pk: int) -> None:
    """Take a file off again."""
    with transaction.atomic():
        row = begun.lock(person.pk, ticket.pk, kind)
        if row is None:
            return
        BegunFile.objects.filter(begun=row, pk=pk).delete()
        if not row.text.strip() and not row.cc and not row.tags and not begun.files_of(row.pk):
            row.delete()


def forget_aside(person: Person, ticket_id: int, draft_id: int) -> None:
    """What went on from a draft goes with it: its author threw that away. In the caller's transaction."""
    row = begun.lock(person.pk, ticket_id, "reply")
    if row is not None and row.aside == draft_id:
        row.delete()


def take(person: Person, ticket_id: int, kind: str, sent: Sent, now: datetime) -> tuple[Upload, ...]:
    """It is being sent, in the caller's transaction: its files, which then hang on what was made of it."""
    row = begun.lock(person.pk, ticket_id, kind)
    files = [one for one in begun.files_of(row.pk) if one.pk in sent.files] if row else []
    uploads = tuple(Upload(one.name, one.content_type, b"", kept=one.file) for one in files)
    if row is not None:
        begun.clear(row, sent.text.strip(), sent.marks, [one.pk for one in files])
    tried = sent.marks[-1] if "" in sent.marks else ""
    if tried and not begun.was_sent(person.pk, ticket_id, kind, tried, now):
        # Its first save came in between.
        row = begun.lock(person.pk, ticket_id, kind)
        if row is not None:
            begun.clear(row, sent.text.strip(), sent.marks, [])
    return uploads
