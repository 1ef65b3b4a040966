"""What one message says, after everything hostile in it was dealt with: values only, no rows and no rules of ours."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from answerable.mail import addresses
from answerable.mail.bounces import BOUNCE, Report
from answerable.mail.files import Attachment


class Trace(NamedTuple):
    """A Received or Authentication-Results field, with its place among all fields of the message."""

    position: int
    name: str
    value: str


@dataclass(frozen=True)
class Incoming:
    """A message that was read. Text holds no NUL and can be encoded; addresses are in lower case, domains as A-labels.

    `quarantine` is empty|no_headers|no_sender|oversize, or "" for a message that can be handled. `message_id` has its
    brackets and is "" where the sender gave none. `recipients` adds the delivery fields to To and Cc. `names` are the
    names beside addresses of From, To and Cc. `new_text` and `new_html` are the new words of an answer (E-64), for a
    message that joined a ticket; `reply_text` and `reply_html` are those only where the message shows that it answers.
    """

    quarantine: str = ""
    message_id: str = ""
    thread_ids: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    original_from: str = ""
    list_addresses: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    new_text: str = field(default="", repr=False)
    new_html: str = field(default="", repr=False)
    is_reply: bool = False
    is_forward: bool = False
    attachments: tuple[Attachment, ...] = ()
    flags: tuple[str, ...] = ()
    auto_class: str = ""
    report: Report | None = None
    null_path: bool = False
    instance: str = ""
    trace: tuple[Trace, ...] = field(default=(), repr=False)
    fingerprint: str = ""

    @property
    def kind(self) -> str:
        """quarantine, bounce, auto or human: what can be told without knowing any ticket (E-43)."""
        if self.quarantine:
            return "quarantine"
        if self.bounce:
            return "bounce"
        return "auto" if self.auto_class else "human"

    @property
    def bounce(self) -> Report | None:
        """The report, where it is about a message that did not arrive."""
        return self.report if self.report and self.report.kind == BOUNCE else None

    @property
    def original_ids(self) -> tuple[str, ...]:
        """Ids that the message which this report is about may have, likeliest first."""
        return self.report.message_ids if self.report else ()

    @property
    def reply_text(self) -> str:
        return self.new_text if self.is_reply else self.text

    @property
    def reply_html(self) -> str:
        return self.new_html if self.is_reply else self.html

    @property
    def no_reply(self) -> bool:
        """Nobody reads what is sent to the sender (E-48)."""
        return addresses.is_no_reply(self.sender)

    @property
    def checker(self) -> str:
        """The server that claims to have checked this message last: offered on the set-up page (E-86)."""
        claims = (one.value.partition(";")[0].split() for one in self.trace if one.name == "authentication-results")
        words = next(claims, [])
        return words[0].lower() if words and "=" not in words[0] and len(words[0]) < 254 else ""
