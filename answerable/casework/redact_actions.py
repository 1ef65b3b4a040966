"""Remove for good what ought not to have been written: a text wherever it stands, an entry, a file (decision 0045).

Rows change in one transaction; bytes of files go after its commit, by a task that a killed worker leaves for the next.
Nothing here keeps or records what was removed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.actions import begin
from answerable.casework.later import forget_files
from answerable.casework.redacted_entries import (
    Gone,
    blank_entry,
    blank_file,
    blank_note_file,
    blank_text,
    files_with,
    forget_seen,
    preview_of,
)
from answerable.casework.redacted_mail import lock_mail, mail_with
from answerable.casework.redaction_places import hits
from answerable.casework.related import related_to
from answerable.casework.settle import settle
from answerable.lib.blanking import FEWEST, MOST, Letters, letters, mark
from answerable.lib.errors import Refused
from answerable.lib.jobs import defer
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.models import Attachment, Ticket
from answerable.tickets.queries import worked_titles
from answerable.tickets.redaction import Redaction

# So many other uses of a file are looked at.
MOST_NAMED = 200
# Any moment: the words around it are what is asked for.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Order:
    """What is to go: a text wherever it stands, or (without one) an entry, an attachment or a note's file; and why.

    `others`: ids of related tickets from which the text is to go too.
    """

    reason: str
    text: str = field(default="", repr=False)
    entry: int | None = None
    attachment: int | None = None
    note_file: int | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Found:
    """Where a text stands in one ticket: how often in each place, and the files whose content holds it."""

    ticket_id: int
    number: int
    subject: str
    places: dict[str, int]
    files: tuple[str, ...]

    @property
    def times(self) -> int:
        return sum(self.places.values())


def find(person: Person, ticket_id: int, text: str, now: datetime) -> list[Found]:
    """Where the text stands: in this ticket first, then in related ones that the person works. Writes nothing."""
    wanted = wanted_of(text)
    ids = [ticket_id, *related_to(ticket_id)]
    rows = Ticket.objects.select_related("organization", "team").in_bulk(ids)
    worked = [rows[pk] for pk in ids if pk in rows and _may(person, rows[pk], now)]
    found = [_found(ticket, text, wanted) for ticket in worked]
    return [one for one in found if one.times or one.ticket_id == ticket_id]


def not_searched(person: Person, ticket_id: int, now: datetime) -> int:
    """How many related tickets the person does not work: what they hold, somebody else has to look for."""
    rows = Ticket.objects.select_related("organization", "team").in_bulk(related_to(ticket_id))
    return sum(not _may(person, ticket, now) for ticket in rows.values())


def used_elsewhere(person: Person, ticket_id: int, attachments: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """By attachment, numbers of other tickets that have the same file and keep it: those that the person works."""
    files = dict(Attachment.objects.filter(ticket=ticket_id, pk__in=attachments).values_list("pk", "file_id"))
    others = Attachment.objects.filter(file__in=files.values()).exclude(ticket=ticket_id)
    pairs = list(others.order_by("-pk").values_list("file_id", "ticket_id")[:MOST_NAMED])
    titles = worked_titles(person, {pk for _file, pk in pairs}, now)
    by_file = {file: sorted({titles[pk][0] for one, pk in pairs if one == file and pk in titles}) for file, _ in pairs}
    return {pk: by_file.get(file, []) for pk, file in files.items()}


def wanted_of(text: str) -> Letters:
    """The text as it is looked for. Raises Refused where it is too short to be one, or too long."""
    wanted = letters(text[: MOST + 1])
    if len(wanted.text) < FEWEST:
        raise Refused(
            "too_short", _("Give at least %(count)s characters: fewer stand in every other word.") % {"count": FEWEST}
        )
    if len(text) > MOST:
        raise Refused("too_long", _("Give a shorter piece of it, of at most %(count)s characters.") % {"count": MOST})
    if wanted.text in letters(mark(NEVER)).text:
        raise Refused("mark", _("These words stand in what takes the place of a removed text. Give more of it."))
    return wanted


def _found(ticket: Ticket, text: str, wanted: Letters) -> Found:
    places: Counter[str] = Counter()
    for hit in hits(ticket.pk, wanted, ""):
        places[hit.place.key] += hit.times
    files = files_with(ticket.pk, text, wanted)
    places["file"] = len(files)
    places["received_mail"] += len(mail_with(ticket.pk, text, wanted))
    named = tuple(sorted({name for name, _file in files}))
    return Found(ticket.pk, ticket.number, ticket.subject, {key: n for key, n in places.items() if n}, named)


def _may(person: Person, ticket: Ticket, now: datetime) -> bool:
    standing = access.standing(person, ticket, now)
    return access.may_see_notes(standing) and access.may_redact(standing)


def redact(person: Person, ticket_id: int, order: Order, now: datetime) -> list[int]:
    """Remove it, and say on each ticket that something was removed. Returns the ids of the records.

    Raises Refused where there is nothing to remove: a second time does no harm, and writes nothing.
    """
    reason = _checked_reason(order)
    ids = sorted({ticket_id, *(set(order.others) & set(related_to(ticket_id)))})
    with transaction.atomic():
        lock_mail(ids)
        locked = access.lock_many(ids)
        if any(not _may(person, ticket, now) for ticket in locked) or len(locked) != len(ids):
            raise Refused("not_allowed", _("You may not remove anything from this request."))
        done = [_from(person, pk, order, reason, now) for pk in ids]
        if not any(done):
            raise Refused("nothing", _("This stands nowhere here (any more). Nothing was changed."))
    return [pk for pk in done if pk]


def _checked_reason(order: Order) -> str:
    reason = order.reason.strip()[:500]
    if not reason:
        raise Refused("no_reason", _("Say why: the record keeps the reason, and never what was removed."))
    if order.text and wanted_of(order.text).text in letters(reason).text:
        raise Refused("told", _("The reason repeats what is to be removed, and it is kept. Say it in other words."))
    return reason


def _from(person: Person, ticket_id: int, order: Order, reason: str, now: datetime) -> int:
    """The id of the record, 0 where the ticket holds nothing of it."""
    gone, what = _blanked(ticket_id, order, now)
    if not gone.times:
        return 0
    row = Redaction.objects.create(
        ticket_id=ticket_id,
        by=person,
        at=now,
        reason=reason,
        what=what,
        entry_id=order.entry,
        places=dict(gone.places),
        digests=gone.digests,
        files_gone_at=None if gone.digests else now,
    )
    change, _standing = begin(person, ticket_id, now, closed_too=True)
    change.ticket.preview = preview_of(ticket_id)
    forget_seen(ticket_id)
    kind = "redacted" if gone.is_public else "redacted_inside"
    change.event(kind, redaction=row.pk, what=what, times=gone.times, why=reason)
    settle(change, "redact")
    actor = actor_of(person)
    record(actor, "redacted", ("ticket", ticket_id), now, redaction=row.pk, what=what, places=dict(gone.places))
    if gone.digests:
        defer(forget_files, {"redaction_id": row.pk})
    return row.pk


def _blanked(ticket_id: int, order: Order, now: datetime) -> tuple[Gone, str]:
    if order.text:
        return blank_text(ticket_id, order.text, wanted_of(order.text), now), "text"
    if order.attachment is not None:
        return blank_file(ticket_id, order.attachment, now), "file"
    if order.note_file is not None:
        return blank_note_file(ticket_id, order.note_file, now), "file"
    return blank_entry(ticket_id, order.entry or 0, now), "entry"


def records_of(ticket_ids: Sequence[int]) -> list[Redaction]:
    """What was removed from these tickets so far, latest first."""
    rows = Redaction.objects.filter(ticket__in=ticket_ids).select_related("by")
    return list(rows.order_by("-id")[:50])
