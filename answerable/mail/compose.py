"""Builds the mail that we send (email contract E-88 to E-91), from values alone.

The top header is written here, field by field: EmailMessage would re-encode long Message-IDs, which breaks threads, and
drop the quotes of names with commas. The parts below it are the standard library's, with `policy.SMTP`.
"""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from answerable.lib.names import file_name
from answerable.mail import headers
from answerable.mail.charsets import storable
from answerable.mail.subjects import without_reply

MOST_REFERENCES = 20
_LONGEST_SUBJECT = 1_000
_LONGEST_NAME = 200
_LONGEST_WORD = 900  # a line of 998 must hold it with the field's name
_LINE = 76
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_PLAIN_TYPE = re.compile(r"(?:application|audio|font|image|model|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f<>()\[\],;:\\\"@]+")
_TO_BE_QUOTED = re.compile(r"[^\s\x00-\x20\x7f@]+")
_DOMAIN = re.compile(r"[^\s\x00-\x20\x7f<>()\\,;:\"@]+|\[[0-9A-Za-z:.]+\]")
_ID = re.compile(r"[!-;=?-~]+")


def is_writable(address: str) -> bool:
    """Whether a header can hold this address as it is."""
    local, _, domain = address.rpartition("@")
    return _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None


@dataclass(frozen=True)
class File:
    """A file to send along. `cid`: how the HTML names it, which shows it."""

    name: str
    content_type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True)
class Outgoing:
    """A message to be. `references`: Message-IDs of the thread, oldest first, the last one being answered.

    `auto`: "" for what a person wrote, else auto-replied or auto-generated (E-91). Ids need no brackets.
    """

    message_id: str
    from_name: str
    from_address: str
    to: str
    to_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    references: tuple[str, ...]
    date: datetime
    instance: str
    auto: str
    attachments: tuple[File, ...] = ()
    # The subject that the conversation began with.
    topic: str = ""
    # The page on which its reader says that they want no such mail.
    unsubscribe: str = ""


def new_message_id(number: int, entry: int, domain: str) -> str:
    """A Message-ID that nobody can guess, without brackets. Ask once per message and keep it: a retry uses it again."""
    chance = base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()
    return f"{number}.{entry}.{chance}@{domain}"


def tagged_subject(subject: str, number: int, *, first: bool = False) -> str:
    """`Re: <subject> [#number]`, with one `Re:` and one tag however many the subject had (E-89).

    `first`: it answers nothing, so there is no `Re:`.
    """
    tag = f"[#{number}]"
    bare = without_reply(" ".join(headers.clean(subject).replace(tag, " ").split()))
    mark = "" if first else "Re: "
    return f"{mark}{_shortened(bare, _LONGEST_SUBJECT)} {tag}".replace("  ", " ")


def topic_of(subject: str) -> str:
    """The subject without marks of an answer."""
    return _shortened(without_reply(headers.clean(subject)), _LONGEST_SUBJECT)


def compose(outgoing: Outgoing) -> bytes:
    """The message as it leaves: CRLF, no line over 998 bytes, headers in ASCII unless an address itself is not.

    Raises ValueError for an address or Message-ID that no header can hold.
    """
    fields = [
        ("From", _mailbox(outgoing.from_name, outgoing.from_address)),
        ("To", _mailbox(outgoing.to_name, outgoing.to)),
        ("Reply-To", _mailbox("", outgoing.reply_to) if outgoing.reply_to else ""),
        # Outlook's topic of a conversation; before the subject, whose number it would take for another topic
        # (MS-OXCMAIL 2.2.3.2.7).
        ("Thread-Topic", _text("Thread-Topic", topic_of(outgoing.topic)) if outgoing.topic else ""),
        ("Subject", _text("Subject", _shortened(headers.clean(outgoing.subject), _LONGEST_SUBJECT))),
        ("Date", format_datetime(outgoing.date)),
        ("Message-ID", _required_id(outgoing.message_id)),
        *_thread(outgoing.references),
        ("X-Answerable-Instance", headers.clean(outgoing.instance)),
        *_automatic(outgoing.auto),
        ("List-Unsubscribe", f"<{headers.clean(outgoing.unsubscribe)}>" if outgoing.unsubscribe else ""),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields if value)
    return head.encode("utf-8") + _content(outgoing).as_bytes()


def _mailbox(name: str, address: str) -> str:
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local):
        # `"a,b"@x.test` is kept without its quotes.
        local = '"{}"'.format(local.replace("\\", r"\\").replace('"', r"\"")) if _TO_BE_QUOTED.fullmatch(local) else ""
    if not local or not _DOMAIN.fullmatch(domain) or len(address.encode("utf-8", "replace")) > 320:
        raise ValueError("not an address that can stand in a header")
    address = f"{local}@{domain}"
    # Without "@" and brackets in it, no mail program can take a name for an address.
    label = _shortened(headers.clean(name).replace('"', "").replace("\\", "").strip(), _LONGEST_NAME)
    if not label:
        return f"<{address}>" if not address.isascii() else address
    if not label.isascii() or "=?" in label:
        return _encoded("Reply-To", label) + f"\r\n <{address}>"
    return f"{label} <{address}>" if _ATOM.fullmatch(label) else f'"{label}" <{address}>'


def _text(name: str, value: str) -> str:
    """Unstructured text: ASCII as it is and folded at blanks, all else in encoded-words."""
    words = value.split(" ")
    if not value.isascii() or "=?" in value or any(len(word) > _LONGEST_WORD for word in words):
        return _encoded(name, value)
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + len(name) + 2 > _LINE:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encoded(name: str, value: str) -> str:
    # The charset is said: else Header leaves ASCII stretches as they are, and what looks like a word in them.
    return Header(value, "utf-8", _LINE, name).encode(linesep="\r\n")


def _thread(references: Sequence[str]) -> list[tuple[str, str]]:
    """In-Reply-To and References: the first id always, then the latest, twenty in all."""
    known = [bracketed for one in references if (bracketed := _id(one))]
    if not known:
        return []
    distinct = list(dict.fromkeys(known))
    kept = distinct if len(distinct) <= MOST_REFERENCES else [distinct[0], *distinct[1 - MOST_REFERENCES :]]
    return [("In-Reply-To", known[-1]), ("References", "\r\n ".join(kept))]


def _id(value: str) -> str:
    """With brackets; empty for one that cannot stand in a line of a header."""
    bare = value.strip().strip("<>")
    return f"<{bare}>" if _ID.fullmatch(bare) and len(bare) <= _LONGEST_WORD else ""


def _required_id(value: str) -> str:
    found = _id(value)
    if not found:
        raise ValueError("not a Message-ID")
    return found


def _automatic(kind: str) -> list[tuple[str, str]]:
    if not kind:
        return []
    if kind not in ("auto-replied", "auto-generated"):
        raise ValueError("auto is auto-replied or auto-generated")
    return [("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All")]


def _content(outgoing: Outgoing) -> EmailMessage:
    """The body with its own header: quoted-printable throughout, so that no server on the way changes it."""
    message = EmailMessage(policy=SMTP)
    message.set_content(_body(outgoing.text), cte="quoted-printable")
    words = None
    if outgoing.html:
        message.add_alternative(_body(outgoing.html), subtype="html", cte="quoted-printable")
        words = message.get_body(("html",))
    # Pictures that the HTML shows first: they go inside, and may not be added once the message is one with files.
    shown = {file.cid for file in outgoing.attachments if file.cid and f'"cid:{file.cid}"' in outgoing.html}
    for position, file in enumerate(outgoing.attachments, 1):
        if words is not None and file.cid in shown:
            words.add_related(file.content, **_part(file, position), cid=f"<{file.cid}>", disposition="inline")
    for position, file in enumerate(outgoing.attachments, 1):
        if file.cid not in shown:
            message.add_attachment(file.content, **_part(file, position))
    return message


def _part(file: File, position: int) -> dict[str, Any]:
    kind = file.content_type.lower()
    kind = kind if _PLAIN_TYPE.fullmatch(kind) else "application/octet-stream"
    main, _, sub = kind.partition("/")
    name = file_name(file.name, position, kind)
    return {"maintype": main, "subtype": sub, "cte": "base64", "filename": name}


def _body(text: str) -> str:
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
