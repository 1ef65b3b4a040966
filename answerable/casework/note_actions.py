"""Internal notes. A module of its own, so that nothing which speaks to customers can reach them (DESIGN.md §4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.activity_notices import note_notices
from answerable.casework.begun_actions import Sent, take
from answerable.casework.settle import staff_news
from answerable.lib import mentions as naming
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown
from answerable.lib.uploads import CAPS
from answerable.live.actions import publish_many
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.people.queries import actor_of, staff
from answerable.tickets import access, mentions
from answerable.tickets.actions import Upload
from answerable.tickets.files import keep
from answerable.tickets.models import Ticket
from answerable.tickets.notes import Note, NoteFile


@dataclass(frozen=True)
class Jotted:
    """A note as it was written. `picked`: whom its author chose from the list of names; `begun` as in a reply."""

    text: str
    files: tuple[Upload, ...] = ()
    picked: tuple[int, ...] = ()
    begun: Sent = field(default_factory=Sent)


@dataclass(frozen=True)
class Noted:
    """What became of it. `untold`: names of who is mentioned and may not see the request, so was not told."""

    note: Note
    untold: tuple[str, ...] = ()


def add_note(author: Person, ticket_id: int, text: str, now: datetime) -> Note:
    """Write what only staff may read. Fulfils no promise, tells no customer, and moves no "last activity" they see."""
    return jot(author, ticket_id, Jotted(text), now).note


def jot(author: Person, ticket_id: int, jotted: Jotted, now: datetime) -> Noted:
    """The same, with files; who is named by "@" is told, if they may see the request."""
    text = jotted.text
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        standing = access.standing(author, ticket, now)
        if not access.may_see_notes(standing):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        files = (*take(author, ticket.pk, "note", jotted.begun, now), *jotted.files)
        _require(text, files)
        named = _named(text, jotted.picked)
        html = note_html(text, [person.label for person in named])
        note = Note.objects.create(ticket=ticket, author=author, at=now, text=text, html=html)
        _attach(note, files)
        mentions.keep(ticket.pk, note.pk, [person.pk for person in named], now)
        untold = _tell(author, ticket, note, named)
        more = {"mentions": [person.pk for person in named]} if named else {}
        record(actor_of(author), "add_note", ("ticket", ticket.pk), now, note=note.pk, **more)
        publish_many(staff_news(ticket))
        others = note_notices(ticket, author, note.pk, now)
        tell([one for one in others if one.person_id not in {person.pk for person in named}])
    return Noted(note, untold)


def _require(text: str, files: Sequence[Upload]) -> None:
    if not text.strip() and not files:
        raise Refused("empty", _("Write something first, or attach a file."))
    together = sum(one.kept.size if one.kept else len(one.content) for one in files)
    if len(files) > CAPS.files or together > CAPS.together:
        raise Refused("too_many_files", _("At most %(files)s files of %(together)s MB together.") % CAPS.words)


def note_html(text: str, names: Collection[str]) -> str:
    """A note as it is shown: what the composer previews and what is kept."""
    return naming.marked(from_markdown(text), names)


def look(text: str) -> str:
    """The note as it would be shown."""
    return note_html(text, [person.label for person in _named(text, ())])


def _named(text: str, picked: Collection[int]) -> list[Person]:
    """Whom of the staff the text names; parsed here, whatever a browser thought of it."""
    if "@" not in text:
        return []
    people = {person.pk: person for person in staff()}
    found = naming.named(text, {pk: person.label for pk, person in people.items()}, picked)
    return [people[pk] for pk in found]


def _attach(note: Note, files: Sequence[Upload]) -> None:
    NoteFile.objects.bulk_create(
        [
            NoteFile(
                note=note,
                file=one.kept or keep(one.content),
                name=one.name[:200],
                content_type=one.content_type[:100],
                position=position,
            )
            for position, one in enumerate(files)
        ]
    )


def _tell(author: Person, ticket: Ticket, note: Note, named: Sequence[Person]) -> tuple[str, ...]:
    """Notices for who may see the request; the names of who may not."""
    told, untold = [], []
    # No word of the note: notices go further than notes may.
    data = {"number": ticket.number, "who": author.label, "note": note.pk}
    for person in named:
        if person.pk == author.pk:
            continue
        if not access.may_see_notes(access.standing(person, ticket, note.at)):
            untold.append(person.label)
            continue
        key = f"mention:{note.pk}"
        told.append(Notice(person=person, kind="mention", key=key, ticket_id=ticket.pk, data=data, at=note.at))
    tell(told)
    return tuple(untold)
