"""The rows of one locked ticket without a text, an entry or a file: what redact_actions does, place by place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from answerable.casework.redacted_mail import (
    empty,
    mail_with,
    mail_with_file,
    rewrite,
    rewrite_without_file,
    with_copies,
)
from answerable.casework.redaction_places import blank, hits
from answerable.lib.blanking import Letters, in_bytes, letters, mark
from answerable.lib.errors import Refused
from answerable.lib.html import from_text
from answerable.notify.actions import blank_mails, withdraw
from answerable.tickets.begun import BegunFile
from answerable.tickets.drafts import DraftFile
from answerable.tickets.files import let_go, path_of
from answerable.tickets.held import Held
from answerable.tickets.models import Attachment, File, Reply
from answerable.tickets.moving import MOVED
from answerable.tickets.notes import Note, NoteFile
from answerable.tickets.runs import BulkItem

# Letters: an entry that says less ("yes, thanks") is not looked for in what others quote.
QUOTED = 12


@dataclass
class Gone:
    """What left a ticket: how often from which place, and digests of files that nothing uses any more."""

    places: Counter[str] = field(default_factory=Counter)
    digests: list[str] = field(default_factory=list)
    is_public: bool = False

    @property
    def times(self) -> int:
        return sum(self.places.values())


def files_with(ticket_id: int, typed: str, wanted: Letters) -> list[tuple[str, File]]:
    """The ticket's files whose content holds the text, each with a name that it has there."""
    named = [one for uses in _uses(ticket_id) for one in uses.select_related("file")]
    rows = {one.file.pk: (one.name, one.file) for one in named}
    return [row for row in rows.values() if _holds(row[1], typed, wanted)]


def _uses(ticket_id: int) -> tuple[QuerySet[Any], ...]:
    """The rows by which a ticket has files: those that customers see first."""
    return (
        Attachment.objects.filter(ticket=ticket_id),
        NoteFile.objects.filter(note__ticket=ticket_id),
        DraftFile.objects.filter(draft__ticket=ticket_id),
        BegunFile.objects.filter(begun__ticket=ticket_id),
    )


def _holds(file: File, typed: str, wanted: Letters) -> bool:
    try:
        content = path_of(file.sha256).read_bytes()
    except FileNotFoundError:
        return False
    return in_bytes(content, typed, wanted)


def blank_text(ticket_id: int, typed: str, wanted: Letters, now: datetime) -> Gone:
    """Wherever the text stands: in rows, in files, in the kept bytes of mail."""
    gone = Gone()
    for _name, file in files_with(ticket_id, typed, wanted):
        _take(gone, ticket_id, file)
    for pk in mail_with(ticket_id, typed, wanted):
        rewrite(pk, typed, wanted, mark(now), now)
        gone.places["received_mail"] += 1
    for hit in list(hits(ticket_id, wanted, mark(now))):
        blank(hit)
        gone.places[hit.place.key] += hit.times
        gone.is_public = gone.is_public or hit.place.is_public
    return gone


def _take(gone: Gone, ticket_id: int, file: File) -> None:
    """The file leaves this ticket; its bytes go where no other uses it."""
    public, *others = [uses.filter(file=file).delete()[0] for uses in _uses(ticket_id)]
    gone.places["file"] += public + sum(others)
    gone.is_public = gone.is_public or public > 0
    digest = let_go(file)
    gone.digests += [digest] if digest else []


def blank_file(ticket_id: int, attachment_id: int, now: datetime) -> Gone:
    """One file, from each entry and draft of the ticket that has it, and from the mail that brought it."""
    return _blank_file(ticket_id, Attachment.objects.filter(ticket=ticket_id, pk=attachment_id), now)


def blank_note_file(ticket_id: int, pk: int, now: datetime) -> Gone:
    """The same for a file of a note: these have ids of their own."""
    return _blank_file(ticket_id, NoteFile.objects.filter(note__ticket=ticket_id, pk=pk), now)


def _blank_file(ticket_id: int, uses: QuerySet[Any], now: datetime) -> Gone:
    row = uses.select_related("file").first()
    if row is None:
        raise Refused("nothing", _("This file is not here (any more). Nothing was changed."))
    gone = Gone()
    for raw_id in mail_with_file(ticket_id, row.file.sha256):
        rewrite_without_file(raw_id, row.file.sha256, now)
        gone.places["received_mail"] += 1
    _take(gone, ticket_id, row.file)
    return gone


def blank_entry(ticket_id: int, entry_id: int, now: datetime) -> Gone:
    """All that an entry says, with its files, its mail and what others quote of it."""
    reply = Reply.objects.filter(ticket=ticket_id, pk=entry_id).first()
    note = Note.objects.filter(ticket=ticket_id, pk=entry_id).first()
    held = Held.objects.filter(ticket=ticket_id, pk=entry_id).first()
    entry = reply or note or held
    said = reply.new_text if reply else note.text if note else held.text if held else ""
    if entry is None or said.strip() == mark(now):
        raise Refused("nothing", _("This message is not here (any more). Nothing was changed."))
    if held is not None and held.settled_at is None:
        raise Refused("waits", _("Decide first whether this mail joins the request: let it in, or keep it out."))
    gone = _blank_quotes(ticket_id, said, now)
    if reply is not None:
        _blank_reply(gone, reply, now)
    elif note is not None:
        for file in _files_of(NoteFile.objects.filter(note=note)):
            _take(gone, ticket_id, file)
        Note.objects.filter(pk=note.pk).update(**_in_place(now))
        gone.places["note"] += 1
    elif held is not None:
        Held.objects.filter(pk=held.pk).update(**_in_place(now), on_sheet=False, origin={}, file_names=[])
        empty(with_copies([held.raw_id]) if held.raw_id > 0 else [], now)
        gone.places["held"] += 1
    return gone


def _in_place(now: datetime) -> dict[str, Any]:
    return {"text": mark(now), "html": from_text(mark(now))}


def _blank_quotes(ticket_id: int, said: str, now: datetime) -> Gone:
    wanted = letters(said)
    return blank_text(ticket_id, said, wanted, now) if len(wanted.text) >= QUOTED else Gone()


def _blank_reply(gone: Gone, reply: Reply, now: datetime) -> None:
    for file in _files_of(Attachment.objects.filter(reply=reply)):
        _take(gone, reply.ticket_id, file)
    Reply.objects.filter(pk=reply.pk).update(
        **_in_place(now), new_text=mark(now), whole_html="", on_sheet=False, origin={}
    )
    empty(with_copies([reply.raw_id]) if reply.raw_id else [], now)
    withdraw(reply.ticket_id, reply.pk, "the message was removed")
    blank_mails(reply.ticket_id, reply.pk, mark(now))
    gone.places["reply"] += 1
    gone.is_public = True


def _files_of(uses: QuerySet[Any]) -> Iterable[File]:
    return list(File.objects.filter(pk__in=uses.values("file")))


def forget_seen(ticket_id: int) -> None:
    """What bulk runs keep of its last words, to tell whether they changed: of short ones a digest could be guessed."""
    BulkItem.objects.filter(ticket=ticket_id, run__verb__in=["status", "spam", "delete"]).update(seen=[])


def preview_of(ticket_id: int) -> str:
    """The line of the last message, from its words as they are now: the old one may hold half of what was removed."""
    rows = Reply.objects.filter(ticket=ticket_id).exclude(flags__contains=[MOVED]).order_by("-id")
    last = rows.values_list("new_text", flat=True).first() or ""
    return " ".join(last.split())[:200]
