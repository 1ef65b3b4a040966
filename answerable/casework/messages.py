"""From a message that was parsed to one that can join a ticket: clean, bounded, ready to show."""

import re

from answerable.lib.html import from_text
from answerable.mail.models import RawMail
from answerable.mail.parse import Incoming
from answerable.tickets.actions import Message, Upload

# A quoted mail holds the link of the person who quotes it, broken by their mail program wherever it likes.
_SIGN = r"[\w-](?:=?\r?\n[> \t]*)?"
_LINK = re.compile(rf"/r/(?:{_SIGN}){{8,200}}:(?:{_SIGN}){{5,9}}:(?:{_SIGN}){{42}}[\w-]", re.ASCII)


def without_links(text: str) -> str:
    """The text without the signed links of our own mails: others read it, and a link is its person's key."""
    return _LINK.sub("/my/requests", text)


def message_of(
    incoming: Incoming,
    raw: RawMail,
    *,
    flags: tuple[str, ...] = (),
    joins: bool = True,
    approved: bool = False,
    answers_to: str = "",
) -> Message:
    """The entry that this mail becomes. `joins`: on a ticket that exists, so quotes are set apart (E-64).

    `approved`: somebody let it in, so its clock starts now, not at its arrival. `answers_to`: where its author wants
    answers.
    """
    words = without_links(incoming.new_text if joins else incoming.reply_text)
    return Message(
        text=without_links(incoming.text),
        new_text=words,
        html=from_text(words),
        channel="mail",
        files=tuple(
            Upload(
                name=file.name, content_type=file.content_type, content=file.content, inline=file.inline, cid=file.cid
            )
            for file in incoming.attachments
        ),
        received_at=None if approved else raw.received_at,
        raw_id=raw.pk,
        message_id=incoming.message_id,
        automatic=bool(incoming.auto_class),
        flags=flags,
        seen_by=frozenset([*incoming.to, *incoming.cc]),
        answers_to=answers_to,
    )
