"""One received message as its page shows it: whatever is in it is shown as text, and reading it never fails a page."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from answerable.audit.models import Record
from answerable.audit.queries import trail
from answerable.desk import mail_words as words
from answerable.mail import bounded
from answerable.mail.incoming import Incoming
from answerable.mail.models import RawMail
from answerable.mail.queries import addresses
from answerable.mail.room_queries import is_blocked
from answerable.tickets.queries import numbers_of

logger = logging.getLogger(__name__)

# More than this of a raw message is for a file, not a page; the preview reads no more than this.
SHOWN = 64 * 1024
READ = 512 * 1024
MOST_TITLE = 200
MOST_TEXT = 20_000
MOST_DECISIONS = 20
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")


@dataclass(frozen=True)
class Preview:
    """What a message says, as far as it could be read. `cut`: there is more of it."""

    sender_name: str
    to: str
    date: str
    text: str
    files: list[tuple[str, int]]
    cut: bool


def context(row: RawMail) -> dict[str, object]:
    """What the page needs besides the frame and its forms."""
    body = bytes(row.body)
    incoming = _read(row, body[:READ])
    records = trail("mail", row.pk, None, MOST_DECISIONS)[:MOST_DECISIONS]
    numbers = _numbers(row, records)
    head = _END_OF_HEAD.split(body[:SHOWN], maxsplit=1)[0]
    return {
        "row": row,
        "outcome": words.outcome(row),
        "flags": words.flags(row),
        "verdict": words.verdict(row, incoming),
        "source": words.source(row),
        "decisions": words.decisions(records, numbers),
        "numbers": numbers,
        "preview": _preview(incoming, cut=len(body) > READ) if incoming else None,
        "head": as_text(head),
        "raw_text": as_text(body[:SHOWN]),
        "is_cut": len(body) > SHOWN,
        "is_blocked": is_blocked(row.sender),
        "needs_requester": not row.sender or addresses().is_own(row.sender),
    }


def headline(row: RawMail) -> str:
    """The subject as a title: of a long one the beginning (E-61)."""
    subject = row.subject or _("(no subject)")
    return subject if len(subject) <= MOST_TITLE else f"{subject[:MOST_TITLE].rstrip()}…"


def _numbers(row: RawMail, records: list[Record]) -> dict[int, int]:
    return public_numbers([row.ticket_id, *(one.data.get(key) for one in records for key in ("ticket", "before"))])


def public_numbers(ids: Iterable[int | None]) -> dict[int, int]:
    """The numbers by which these requests are called; our own probes have none."""
    found = numbers_of([pk for pk in ids if pk])
    return {pk: number for pk, number in found.items() if number > 0}


def as_text(raw: bytes) -> str:
    """Bytes as anybody can look at them."""
    return raw.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _read(row: RawMail, body: bytes) -> Incoming | None:
    if not body:
        return None
    try:
        return bounded.read(body, envelope_from=row.envelope_from if row.source == "smtp" else None)
    except (bounded.Unreadable, OSError):
        logger.exception("mail %s cannot be shown", row.pk)
        return None


def _preview(incoming: Incoming, *, cut: bool) -> Preview:
    return Preview(
        sender_name=incoming.sender_name,
        to=", ".join((*incoming.to, *incoming.cc)),
        date=incoming.date.isoformat() if incoming.date else "",
        text=incoming.text[:MOST_TEXT],
        files=[(one.name, len(one.content)) for one in incoming.attachments],
        cut=cut or len(incoming.text) > MOST_TEXT,
    )
