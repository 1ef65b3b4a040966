"""An agent's reply before it leaves: kept for some seconds, taken back, sent when its moment has come (decision 0036).

Drafts are for staff alone: a module of its own, so that nothing which speaks to customers can reach them.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework import actions as casework
from answerable.casework import sending
from answerable.casework.actions import Next
from answerable.casework.begun_actions import Sent, forget_aside, take
from answerable.casework.cc_actions import copied
from answerable.casework.field_actions import add_tags
from answerable.casework.meeting_replies import require_seen
from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.lib.uploads import CAPS
from answerable.live.actions import publish_many
from answerable.people.models import Person
from answerable.people.queries import actor_of, vendor
from answerable.sla.queries import promises
from answerable.tickets import access, drafts
from answerable.tickets.actions import Message, Upload
from answerable.tickets.drafts import Draft, DraftFile
from answerable.tickets.files import keep
from answerable.tickets.models import Ticket
from answerable.tickets.since import Seen

logger = logging.getLogger(__name__)

UNDO_SECONDS = 5
# A promise that falls due so soon after the moment is not left to a worker that may be late.
MARGIN = timedelta(seconds=10)
PICK = 50


@dataclass(frozen=True)
class Written:
    """A reply as it was written. `aside`: the draft that it was before, of whose files those in `files` go with it;
    `begun`: what of the text under way it is; `cc`: addresses of who is CC'd with it; `tags`: what the request is
    tagged with at once; `seen`: what its author had before their eyes.
    """

    message: Message
    after: Next = field(default_factory=Next)
    aside: int | None = None
    files: tuple[int, ...] = ()
    begun: Sent = field(default_factory=Sent)
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    seen: Seen | None = None


def undo_seconds() -> int:
    """How long a reply can be taken back; 0: it leaves at once."""
    return int(str(vendor().settings.get("undo_seconds", UNDO_SECONDS)))


def send_later(author: Person, ticket_id: int, written: Written, now: datetime) -> datetime | None:
    """Keep the reply until its moment, which is returned; None: it was sent at once, which no promise may wait for.

    What the same author still has waiting there leaves first.
    """
    written = _with_copies(written, now)
    with transaction.atomic():
        if written.tags:
            add_tags(author, ticket_id, written.tags, now)
        change, standing = casework.begin(author, ticket_id, now)
        require_seen(author, ticket_id, written.seen)
        message = _with_files(author, ticket_id, written, now)
        casework.require_words(message)
        access.require(access.may_reply(standing))
        send_at = now + timedelta(seconds=undo_seconds())
        if send_at == now or not _may_wait(standing) or _falls_due(ticket_id, now, send_at):
            casework.add_reply(author, ticket_id, message, now, written.after)
            return None
        earlier = drafts.last_waiting(ticket_id, author.pk)
        if earlier is not None:
            sending.release(change.ticket, casework.send_now, now, up_to=earlier)
        _keep(author, ticket_id, replace(written, message=message), now, send_at)
        publish_many(staff_news(change.ticket))
        return send_at


def _may_wait(standing: access.Standing) -> bool:
    """Staff's own answers do; who asked for help themselves writes as a customer."""
    return standing.works_it and not standing.requester


def _falls_due(ticket_id: int, now: datetime, send_at: datetime) -> bool:
    running = [one.due_at for one in promises(ticket_id) if one.state == "running" and one.due_at]
    return any(now <= due <= send_at + MARGIN for due in running)


def put_aside(author: Person, ticket_id: int, written: Written, now: datetime) -> None:
    """Keep the words and files for their author, sent to nobody: a browser hands no files back to a second look."""
    written = _with_copies(written, now)
    with transaction.atomic():
        _change, standing = casework.begin(author, ticket_id, now)
        access.require(access.may_reply(standing))
        message = _with_files(author, ticket_id, written, now)
        _keep(author, ticket_id, replace(written, message=message), now, None)


def _with_copies(written: Written, now: datetime) -> Written:
    """Who is CC'd, as people. Before the ticket is locked, as the mail room does."""
    if not written.cc:
        return written
    cc = tuple(copied(address, now) for address in written.cc)
    copies = replace(written.after.copies, cc=(*written.after.copies.cc, *cc))
    return replace(written, after=replace(written.after, copies=copies))


def _with_files(author: Person, ticket_id: int, written: Written, now: datetime) -> Message:
    """The message with the files that were attached while it was written, and those of the draft that it was; what
    they hung on is gone then."""
    attached = take(author, ticket_id, "reply", written.begun, now)
    files = (*_of_the_draft(author, ticket_id, written), *attached, *written.message.files)
    together = sum(one.kept.size if one.kept else len(one.content) for one in files)
    if len(files) > CAPS.files or together > CAPS.together:
        raise Refused("too_many_files", _("At most %(files)s files of %(together)s MB together.") % CAPS.words)
    return replace(written.message, files=files)


def _of_the_draft(author: Person, ticket_id: int, written: Written) -> tuple[Upload, ...]:
    if written.aside is None:
        return ()
    row = drafts.lock(written.aside)
    if row is None or (row.author_id, row.ticket_id, row.send_at) != (author.pk, ticket_id, None):
        return ()
    kept = [one for one in drafts.files_of(row.pk) if one.pk in written.files]
    uploads = tuple(Upload(one.name, one.content_type, b"", kept=one.file) for one in kept)
    row.delete()
    drafts.recount(ticket_id)
    return uploads


def _keep(author: Person, ticket_id: int, written: Written, now: datetime, send_at: datetime | None) -> None:
    message, after = written.message, written.after
    draft = Draft.objects.create(
        ticket_id=ticket_id,
        author=author,
        at=now,
        send_at=send_at,
        text=message.text,
        html=message.html,
        status=after.status,
        reason=after.reason,
        cc=[person.pk for person in after.copies.cc],
    )
    files = [
        DraftFile(file=one.kept or keep(one.content), name=one.name, content_type=one.content_type[:100])
        for one in message.files
    ]
    drafts.keep_files(draft, files)
    drafts.recount(ticket_id)


def undo(author: Person, ticket_id: int, draft_id: int, now: datetime) -> None:
    """Take a reply back before it leaves: it is its author's to change again, with its files. Raises Refused."""
    with transaction.atomic():
        ticket, draft = _locked(author, ticket_id, draft_id, now)
        if draft is None:
            raise Refused("conflict", _("It has been sent already."))
        access.require(draft.author_id == author.pk, _("Only who wrote it can take it back."))
        if draft.send_at is None:
            return
        draft.send_at = None
        draft.save(update_fields=["send_at"])
        drafts.recount(ticket_id)
        record(actor_of(author), "undo_reply", ("ticket", ticket_id), now, draft=draft_id)
        publish_many(staff_news(ticket))


def discard(person: Person, draft_id: int, now: datetime) -> None:
    """Throw away what was put aside: one's own, also on a request that one may not see any more, or that of somebody
    who is gone. Raises Refused.
    """
    with transaction.atomic():
        ticket_id = drafts.ticket_of(draft_id)
        ticket = access.lock(ticket_id) if ticket_id is not None else None
        draft = drafts.lock(draft_id)
        if ticket is None or draft is None:
            return
        orphan = not draft.author.is_active and access.may_work(access.standing(person, ticket, now))
        access.require(draft.author_id == person.pk or orphan, _("Only who wrote it can throw it away."))
        if draft.send_at is not None:
            raise Refused("conflict", _("It is about to be sent: take it back first."))
        draft.delete()
        drafts.recount(ticket.pk)
        forget_aside(person, ticket.pk, draft_id)
        record(actor_of(person), "discard_draft", ("ticket", ticket.pk), now, draft=draft_id)
        publish_many(staff_news(ticket))


def _locked(person: Person, ticket_id: int, draft_id: int, now: datetime) -> tuple[Ticket, Draft | None]:
    ticket = access.lock(ticket_id)
    access.require(access.may_see_notes(access.standing(person, ticket, now)))
    draft = drafts.lock(draft_id)
    return ticket, draft if draft is not None and draft.ticket_id == ticket_id else None


def release_due(now: datetime) -> None:
    """Send every reply whose moment has come; a ticket that somebody else holds has its turn a second later."""
    seen: list[int] = []
    while found := drafts.due(now, seen, PICK):
        for ticket_id, latest in found:
            seen.append(ticket_id)
            try:
                _release(ticket_id, latest, now)
            except OperationalError:
                # Somebody was in the way: the next second tries again. The others don't wait for it.
                logger.warning("what waits on ticket %s could not be sent yet", ticket_id, exc_info=True)


def _release(ticket_id: int, latest: int, now: datetime) -> None:
    with transaction.atomic():
        ticket = access.lock_unless_held(ticket_id)
        if ticket is not None:
            sending.release(ticket, casework.send_now, now, up_to=latest)
