"""Internal notes. A module of its own, so that nothing which speaks to customers can reach them (DESIGN.md §4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.activity_notices import note_notices
from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown
from answerable.live.actions import publish_many
from answerable.notify.actions import tell
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.notes import Note


def add_note(author: Person, ticket_id: int, text: str, now: datetime) -> Note:
    """Write what only staff may read. Fulfils no promise, tells no customer, and moves no "last activity" they see."""
    if not text.strip():
        raise Refused("empty", _("Write something first."))
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        standing = access.standing(author, ticket, now)
        if not access.may_see_notes(standing):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        note = Note.objects.create(ticket=ticket, author=author, at=now, text=text, html=from_markdown(text))
        record(actor_of(author), "add_note", ("ticket", ticket.pk), now, note=note.pk)
        publish_many(staff_news(ticket))
        tell(note_notices(ticket, author, note.pk, now))
    return note
