"""Send what waits: each draft becomes its reply in the transaction that deletes it, so it leaves once or not yet.

The one module besides the drafts' own verbs that reads them (.importlinter): all that it does with one is to send it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.live.actions import publish_many
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Person
from answerable.tickets import access, drafts
from answerable.tickets.actions import Message, Upload
from answerable.tickets.models import Ticket

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """A reply whose moment has come. `status` that it leaves ("" leaves it) with its `reason`; `cc`: ids of people."""

    author: Person
    ticket_id: int
    message: Message
    status: str
    reason: str
    cc: tuple[int, ...]


Send = Callable[[Outgoing, datetime], object]


def release(ticket: Ticket, send: Send, now: datetime, *, up_to: int | None = None) -> None:
    """Send what waits on the locked ticket, in its order. One that cannot be sent is put aside and stops no other."""
    for draft in drafts.lock_waiting(ticket.pk, up_to):
        why = _sent(draft, ticket, send, now)
        if why:
            _put_aside(draft, ticket, why, now)
    drafts.recount(ticket.pk)


def _sent(draft: drafts.Draft, ticket: Ticket, send: Send, now: datetime) -> str:
    """Why it could not be sent; "" if it is."""
    try:
        with transaction.atomic():
            if not access.may_see_notes(access.standing(draft.author, ticket, now)):
                return _barred(draft.author)
            send(_outgoing(draft), now)
            draft.delete()
    except Refused as refused:
        return refused.message
    except (OperationalError, InterfaceError):
        raise  # the database is away or another transaction was in the way: it still waits
    except Exception:
        logger.exception("draft %s could not be sent", draft.pk)
        return _("Through a fault of ours.")
    return ""


def _barred(author: Person) -> str:
    if not author.is_active:
        return _("Its author was suspended meanwhile.")
    return _("Its author may not work on this request any more.")


def _outgoing(draft: drafts.Draft) -> Outgoing:
    files = tuple(Upload(row.name, row.content_type, b"", kept=row.file) for row in drafts.files_of(draft.pk))
    # Whoever saw it on its way has seen the reply (tickets.since).
    origin = {"draft": draft.pk}
    message = Message(draft.text, draft.text, draft.html, "desk", origin=origin, files=files)
    return Outgoing(draft.author, draft.ticket_id, message, draft.status, draft.reason, tuple(draft.cc))


def _put_aside(draft: drafts.Draft, ticket: Ticket, why: str, now: datetime) -> None:
    draft.send_at, draft.failure = None, why[:500]
    draft.save(update_fields=["send_at", "failure"])
    data = {"number": ticket.number, "who": "", "what": draft.failure}
    key = f"unsent:{draft.pk}"
    tell([Notice(person=draft.author, kind="unsent", key=key, ticket_id=ticket.pk, data=data, at=now)])
    publish_many(staff_news(ticket))
