"""What one of us passes on from their own mailbox: whose mail it was, what it said, and what was added above it (E-97).

Reads the outermost header that a mail program wrote into a forward, or the one message that hangs on it as a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.mail import addresses
from answerable.mail.addresses import Mailbox
from answerable.mail.bounded import Unreadable
from answerable.mail.bounded import read as read_bounded
from answerable.mail.files import Attachment
from answerable.mail.incoming import Incoming
from answerable.mail.quote_words import FORWARDED, ORIGINAL
from answerable.mail.quotes import header_kind
from answerable.mail.subjects import shows_forward, without_forward

_NEAR = 9  # a header is over within so many lines
_LONGEST = 1_000


@dataclass(frozen=True)
class Forwarded:
    """The mail that was passed on. `above`: what who passed it on wrote; `attachments`: all files that came along."""

    sender: str
    sender_name: str
    subject: str
    above: str
    text: str
    attachments: tuple[Attachment, ...]


def read(incoming: Incoming) -> Forwarded | None:
    """None for what is no forward, or of which nobody can say whose it was."""
    if not shows_forward(incoming.subject):
        return None
    return _in_text(incoming) or _in_file(incoming)


def _in_text(incoming: Incoming) -> Forwarded | None:
    lines = incoming.text.split("\n")
    start = next((at for at in range(len(lines)) if _is_header(lines, at)), None)
    if start is None:
        return None
    quoted = lines[start].lstrip().startswith(">")
    block = [_unquoted(line) for line in lines[start:]] if quoted else lines[start:]
    end = _end_of_header(block)
    who = _mailbox(block[:end])
    if who is None:
        return None
    subject = next((_value(line) for line in block[:end] if header_kind(line) == "subject"), "")
    return Forwarded(
        sender=who.address,
        sender_name=who.name,
        subject=without_forward(incoming.subject) or subject,
        above=_above(lines[:start]),
        text="\n".join(block[end:]).strip("\n"),
        attachments=incoming.attachments,
    )


def _is_header(lines: Sequence[str], at: int) -> bool:
    """Fields one below the other, `From:` and at least two of date, to and subject, in any order."""
    if not header_kind(_unquoted(lines[at])):
        return False
    kinds = [header_kind(_unquoted(line)) for line in lines[at : at + _NEAR] if line.strip(" \t>")]
    before = kinds.index("from") if "from" in kinds else len(kinds)
    return all(kinds[:before]) and before < len(kinds) and len({"date", "to", "subject"} & set(kinds)) >= 2


def _unquoted(line: str) -> str:
    bare = line.lstrip()
    return bare[1:].removeprefix(" ") if bare.startswith(">") else line


def _end_of_header(block: Sequence[str]) -> int:
    """After the last line of the header. Where the first of its lines has a blank line below it, all may have."""
    spaced = len(block) > 1 and not block[1].strip()
    end = 1
    for at, line in enumerate(block[1:], 1):
        if header_kind(line) or (at == end and _goes_on(line)):
            end = at + 1
        elif line.strip() or not spaced:
            break
    return end


def _goes_on(line: str) -> bool:
    """The rest of a long list of people."""
    return bool(line.strip()) and (line[0] in " \t" or "@" in line)


def _mailbox(header: Sequence[str]) -> Mailbox | None:
    at = next((at for at, line in enumerate(header) if header_kind(line) == "from"), None)
    if at is None:
        return None
    value = _value(header[at])
    for line in header[at + 1 :]:
        if header_kind(line) or not line.strip():
            break
        value += f" {line.strip()}"
    value = value[:_LONGEST].replace("[mailto:", "<").replace("]", ">").replace("*", "")
    found = addresses.parse(value)
    if found:
        return found[0]
    address = addresses.salvage(value)
    return Mailbox("", address) if address else None


def _value(line: str) -> str:
    return line.replace("：", ":", 1).partition(":")[2].strip(" *\t")


def _above(lines: list[str]) -> str:
    """Without the rule that announces the forward."""
    while lines and (not lines[-1].strip() or _announces(lines[-1])):
        lines = lines[:-1]
    return "\n".join(lines).strip("\n")


def _announces(line: str) -> bool:
    bare = _unquoted(line)[:_LONGEST].strip()
    return bool(FORWARDED.match(bare) or ORIGINAL.fullmatch(bare)) or not bare.strip("-_=* ")


def _in_file(incoming: Incoming) -> Forwarded | None:
    messages = [one for one in incoming.attachments if one.content_type == "message/rfc822"]
    if len(messages) != 1:
        return None
    try:
        inner = read_bounded(messages[0].content)
    except Unreadable:
        return None
    if not inner.sender:
        return None
    others = tuple(one for one in incoming.attachments if one is not messages[0])
    return Forwarded(
        sender=inner.sender,
        sender_name=inner.sender_name,
        subject=without_forward(incoming.subject) or inner.subject,
        above=incoming.text,
        text=inner.text,
        attachments=(*inner.attachments, *others),
    )
