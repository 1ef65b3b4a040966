"""Reads one message, whatever is in it: `read` never raises, takes time linear in the size, and loses no words.

The rules are those of the email contract, sections 1, 2, 4, 5 and 6; nothing here knows a ticket, a person or a row.
"""

import hashlib

from answerable.mail import automatic, bounces, headers, mime, people, words
from answerable.mail.bounces import BOUNCE
from answerable.mail.fields import Block, Fields
from answerable.mail.incoming import Incoming, Trace
from answerable.mail.limits import LIMITS, Limits
from answerable.mail.mime import Tree
from answerable.mail.subjects import shows_reply

__all__ = ["LIMITS", "Incoming", "Limits", "read"]

_MOST_TRACE = 100
_TRACED = frozenset({"received", "authentication-results"})


def read(raw: bytes, limits: Limits = LIMITS, *, envelope_from: str | None = None) -> Incoming:
    """Everything that a message says. `envelope_from`: as SMTP gave it; "" is the null path, None that nobody knows."""
    if not raw.strip():
        return Incoming(quarantine="empty", fingerprint=hashlib.sha256(raw).hexdigest())
    data = mime.unwrapped(raw)
    block = mime.head_of(data, limits)
    fields = block.fields
    oversize = len(raw) > limits.raw  # then nothing but the header is read (E-9)
    tree = mime.take_apart(data[: block.body] if oversize else data, block, limits)
    charset = _charset(tree, block)
    subject = headers.text(fields.get("subject"), charset)
    who = people.read(fields, charset, envelope_from, limits)
    return_path = people.return_path(fields, envelope_from)
    kind = bounces.kind_of(tree, who.sender, subject, return_path)
    said = words.read(tree.root, subject, limits, report=bool(kind))
    thread_ids = headers.thread_ids(fields.all("in-reply-to"), fields.all("references"))
    automatic_kind = automatic.auto_class(fields, subject, null_path=return_path == "")
    flags = (*(["truncated"] if tree.truncated else []), *who.flags, *said.flags)
    return Incoming(
        quarantine=_quarantine(fields, oversize=oversize, handled=bool(who.sender) or kind == BOUNCE),
        message_id=headers.message_id(fields.get("message-id")),
        thread_ids=thread_ids,
        sender=who.sender,
        sender_name=who.sender_name,
        reply_to=who.reply_to,
        to=who.to,
        cc=who.cc,
        recipients=who.recipients,
        names=who.names,
        original_from=who.original_from,
        list_addresses=who.list_addresses,
        subject=subject,
        date=headers.date(fields.get("date")),
        text=said.text,
        html=said.html,
        new_text=said.new_text,
        new_html=said.new_html,
        is_reply=not said.is_forward and (shows_reply(subject) or "in-reply-to" in fields or "references" in fields),
        is_forward=said.is_forward,
        attachments=said.attachments,
        flags=tuple(dict.fromkeys(flags)),
        # A bounce is one whatever marks it carries (E-50).
        auto_class="" if kind == BOUNCE else kind or automatic_kind,
        report=bounces.read(tree, kind, said.text, thread_ids, limits) if kind else None,
        null_path=return_path == "",
        instance=headers.text(fields.get("x-answerable-instance")),
        trace=_trace(fields),
        fingerprint=_fingerprint(data, block, who.sender),
    )


def _quarantine(fields: Fields, *, oversize: bool, handled: bool) -> str:
    """Why this message cannot be handled (E-10), as far as it shows in itself."""
    if not fields.items:
        return "no_headers"
    if oversize:
        return "oversize"
    return "" if handled else "no_sender"


def _charset(tree: Tree, block: Block) -> str:
    """The label of the message's first text, for raw 8-bit bytes in its header (E-18)."""
    if all(value.isascii() for _, value in block.fields.items):
        return ""
    return next((part.params.get("charset", "") for part in tree.walk() if part.type.startswith("text/")), "")


def _trace(fields: Fields) -> tuple[Trace, ...]:
    found = ((position, name, value) for position, (name, value) in enumerate(fields.items) if name in _TRACED)
    return tuple(
        Trace(position, name, headers.plain(value))
        for (position, name, value), _ in zip(found, range(_MOST_TRACE), strict=False)
    )


def _fingerprint(data: bytes, block: Block, sender: str) -> str:
    """What makes two arrivals the same message (E-80): its content, and nothing that a server on the way wrote."""
    fields = block.fields
    digest = hashlib.sha256()
    for piece in (
        fields.get("message-id"),
        sender.encode("utf-8", "replace"),
        fields.get("date"),
        fields.get("subject"),
    ):
        digest.update(b"%d:" % len(piece or b"") + (piece or b""))
    digest.update(memoryview(data)[block.body :])
    return digest.hexdigest()
