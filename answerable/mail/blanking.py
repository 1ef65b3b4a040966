"""A received message without a text or a file that has to go, in whatever transfer encoding it stood there. Pure.

The message is written anew from what was read of it: its header, its words and its other files. Whatever was in it
besides (what stands before the first boundary, parts that nobody reads) is gone with it.
"""

from collections.abc import Callable, Iterator
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from answerable.lib.blanking import Letters, count, in_bytes
from answerable.mail import charsets, headers, mime
from answerable.mail.files import Attachment
from answerable.mail.incoming import Incoming
from answerable.mail.limits import LIMITS

# What the new body says of itself, and what vouched for the old one.
_BODY_FIELDS = ("content-", "mime-version", "dkim-signature", "arc-")
_DEEPEST = 5


def holds(raw: bytes, typed: str, wanted: Letters, depth: int = 0) -> bool:
    """Whether the text stands anywhere in the message, decoded as a mail program would."""
    data = mime.unwrapped(raw)
    if in_bytes(data, typed, wanted):
        return True
    tree = mime.take_apart(data, mime.head_of(data, LIMITS), LIMITS)
    return any(_in_part(part, typed, wanted, depth) for part in tree.walk())


def _in_part(part: mime.Part, typed: str, wanted: Letters, depth: int) -> bool:
    if any(count(said, wanted) for said in _said(part)):
        return True
    if part.children:
        return False
    content = part.content().data
    if part.type.startswith("message/") or part.opaque:
        return depth < _DEEPEST and holds(content, typed, wanted, depth + 1)
    if part.type.startswith("text/"):
        text = charsets.decode(content, part.params.get("charset", ""), html=part.type == "text/html").text
        return bool(count(text, wanted, html=True) or count(text, wanted))
    return in_bytes(content, typed, wanted)


def _said(part: mime.Part) -> Iterator[str]:
    yield part.filename
    for _name, value in part.fields.items:
        yield headers.text(value)


Changed = Callable[[str, bool], str]


def without(raw: bytes, said: Incoming, change: Changed, keeps: Callable[[Attachment], bool]) -> bytes:
    """The message with its texts changed (`change(text, is_html)`), and of its files those that it `keeps`."""
    data = mime.unwrapped(raw)
    lines = [_field(name, value, change) for name, value in mime.head_of(data, LIMITS).fields.items]
    return b"".join(lines) + _body(said, change, keeps).as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _field(name: str, value: bytes, change: Changed) -> bytes:
    if name.startswith(_BODY_FIELDS):
        return b""
    decoded = headers.text(value)
    after = change(decoded, False)
    if after != decoded:
        value = b" " + Header(after, "utf-8").encode(linesep="\r\n").encode("ascii")
    return name.title().encode("ascii") + b":" + value + b"\r\n"


def _body(said: Incoming, change: Changed, keeps: Callable[[Attachment], bool]) -> MIMEMultipart:
    words = MIMEMultipart("alternative")
    words.attach(MIMEText(change(said.text, False), "plain", "utf-8"))
    if said.html:
        words.attach(MIMEText(change(said.html, True), "html", "utf-8"))
    body = MIMEMultipart("mixed")
    body.attach(words)
    for file in said.attachments:
        if keeps(file):
            body.attach(_file(file, change))
    return body


def _file(file: Attachment, change: Changed) -> MIMEBase:
    main, _, sub = file.content_type.partition("/")
    if main in {"multipart", "message", ""} or not sub:
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub)
    part.set_payload(file.content)
    part.add_header("Content-Disposition", "inline" if file.inline else "attachment", filename=change(file.name, False))
    if file.cid:
        part.add_header("Content-ID", f"<{file.cid}>")
    encode_base64(part)
    return part
