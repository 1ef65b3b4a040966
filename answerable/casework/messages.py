"""From a message that was parsed to one that can join a ticket: clean, bounded, ready to show."""

import re
from typing import Any

from answerable.lib.html import from_mail
from answerable.lib.mail_html import has_words
from answerable.lib.paper import needs_sheet
from answerable.lib.pictures import SAFE_TO_SHOW
from answerable.mail.files import Attachment
from answerable.mail.invitations import invitation_in
from answerable.mail.models import Inbox, RawMail
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses
from answerable.mail.verdict import source
from answerable.tickets.actions import Message, Upload

# A quoted mail holds the link of the person who quotes it, broken by their mail program wherever it likes; or written
# once more inside another address, by a server that looks at what people click.
_SIGN = r"[\w-](?:=?\r?\n[> \t]*|(?:</?[a-z][^<>]{0,300}>|\r?\n|&gt;)+(?=[\w-]))?"
_LINK = re.compile(
    rf"(?:/|%2F)r(?:/|%2F)\.?(?:{_SIGN}){{8,200}}(?::|%3A)(?:{_SIGN}){{5,9}}(?::|%3A)(?:{_SIGN}){{42}}[\w-]",
    re.ASCII | re.IGNORECASE,
)


def without_links(text: str) -> str:
    """Text or HTML without the signed links of our own mails: others read it, and a link is its person's key."""
    return _LINK.sub("/my/requests", text)


def inbox_of(incoming: Incoming, raw: RawMail) -> Inbox | None:
    """The one of ours that the message names first, in To and then Cc; else the one that it came to (E-38)."""
    named = (addresses().inbox(address) for address in (*incoming.to, *incoming.cc))
    return next((box for box in named if box is not None), None) or addresses().inbox(raw.inbox)


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
    html, whole_html = _shown(incoming, words, joins=joins)
    return Message(
        text=without_links(incoming.text),
        new_text=words,
        html=html,
        channel="mail",
        whole_html=whole_html,
        on_sheet=needs_sheet(html),
        origin=_origin(incoming, raw),
        files=tuple(map(_upload, incoming.attachments)),
        received_at=None if approved else raw.received_at,
        raw_id=raw.pk,
        message_id=incoming.message_id,
        automatic=bool(incoming.auto_class),
        flags=flags or tuple(raw.flags),
        seen_by=frozenset([*incoming.to, *incoming.cc]),
        answers_to=answers_to,
    )


def _shown(incoming: Incoming, words: str, *, joins: bool) -> tuple[str, str]:
    """The new words in HTML, and the whole where that is more."""
    whole = incoming.html
    if not (has_words(whole) or "<img" in whole):
        return from_mail(words), ""
    new = incoming.new_html if joins else incoming.reply_html
    if new == whole and words.strip() != incoming.text.strip() and "<img" not in whole:
        # The quote shows in the text alone.
        new = from_mail(words)
    new, whole = without_links(new), without_links(whole)
    return new, whole if whole != new else ""


def _upload(file: Attachment) -> Upload:
    # A picture is what it is seen to be, and nothing else is one.
    claimed = "application/octet-stream" if file.content_type in SAFE_TO_SHOW else file.content_type
    return Upload(
        name=file.name,
        content_type=file.image or claimed,
        content=file.content,
        inline=file.inline,
        cid=file.cid,
        role=file.role,
    )


def _origin(incoming: Incoming, raw: RawMail) -> dict[str, Any]:
    """Who sent it, and what says that they are who they say (E-87); and what its calendar file invites to."""
    inbox = inbox_of(incoming, raw)
    by = source(incoming, inbox.believed) if inbox and raw.verdict else ""
    known: dict[str, Any] = {"address": incoming.sender, "name": incoming.sender_name, "verdict": raw.verdict, "by": by}
    known["invitation"] = invitation_in(incoming.attachments)
    return {key: value for key, value in known.items() if value}
