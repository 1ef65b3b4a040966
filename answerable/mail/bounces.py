"""Bounces, read receipts and abuse reports (email contract E-50 to E-54): what they are about and whom they name."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from answerable.mail import addresses, headers
from answerable.mail.fields import EOL, Fields, read_block
from answerable.mail.limits import Limits
from answerable.mail.mime import Part, Tree

BOUNCE, MDN, FEEDBACK = "bounce", "mdn", "feedback"

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_MDN_TYPES = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_GROUPED_TYPES = _STATUS_TYPES | _MDN_TYPES | {"message/feedback-report"}
_RETURNED_TYPES = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
})  # fmt: skip
_DAEMONS = frozenset({"mailer-daemon", "mail-daemon", "postmaster"})
_FAILURE = re.compile(
    r"undeliver|returned mail|failure notice|delivery (?:status )?notification|mail delivery (?:failed|failure|system)"
    r"|delivery (?:has )?fail|delivery failure|delivery (?:problem|report|delay|error)|mail system error"
    r"|message not delivered|could(?: not|n't) (?:be delivered|send message)|can(?:not|'t) be delivered"
    r"|not deliverable|returned to sender|message (?:delayed|could not)"
    r"|non[- ]?remis|non recapitat|no se (?:puede|pudo|ha podido) entregar"
    r"|unzustellbar|nicht zugestellt|konnte nicht zugestellt|onbestelbaar|niedostarczon|не доставлен"
    r"|配信不能|投递失败|退信"
)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# In prose a status stands beside a code or a word, or it may be anything: a version, a date.
_SAID_STATUS = re.compile(r"(?:\b[45]\d\d[- ]#?|#|\bstatus(?: code)?:? ?)([45]\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE)
_ANSWERED_STATUS = re.compile(r"\s{0,5}#?([245]\.\d{1,3}\.\d{1,3})\b")
_DELAY = re.compile(
    r"\bdelay(?:ed|s)?\b|\bdeferred\b|will (?:keep|continue) (?:to )?try|will be retried|being retried|still trying"
    r"|not (?:yet )?been delivered yet|you do not need to resend|verzögert|noch nicht zugestellt"
)
_COPY = re.compile(
    r"^[-\s>]{0,20}+(?:below this line is a copy|this is a copy of|(?:the )?original message|message headers? follow)",
    re.IGNORECASE | re.MULTILINE,
)
_PROSE = 20_000
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_LIKELY_XTEXT = frozenset({"2B", "3D"})
_ID_IN_TEXT = re.compile(r"<[^\s<>@]{1,250}@[^\s<>@]{1,250}>")
_ID_FIELD = re.compile(
    r"^[>\s]{0,20}message-id:\s{0,20}(<[^\s<>@]{1,250}@[^\s<>@]{1,250}>)", re.IGNORECASE | re.MULTILINE
)
_MOST = 50


@dataclass(frozen=True)
class Recipient:
    """Whom a report is about, and what became of the message there. `status` is x.y.z or empty."""

    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def permanent(self) -> bool:
        """No later try will reach them (E-53)."""
        return self.action == "failed" or self.status.startswith("5")


@dataclass(frozen=True)
class Report:
    """What a machine says about a message: `kind` is bounce, mdn or feedback.

    `message_ids`: ids that the message may have, likeliest first: whether one is ours, the caller knows (E-52).
    `mentioned`: addresses in its text, for bounces that name their recipients in prose only (E-51); `said` is what it
    says of them there: a Recipient without an address.
    """

    kind: str
    recipients: tuple[Recipient, ...] = ()
    message_ids: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = field(default=(), repr=False)
    said: Recipient = Recipient("", "failed", "", "")


def answered_status(answer: str) -> str:
    """The x.y.z with which a mail server's answer begins; "" where it gives none."""
    found = _ANSWERED_STATUS.match(answer)
    return found[1] if found else ""


def kind_of(tree: Tree, sender: str, subject: str, return_path: str | None) -> str:
    """bounce, mdn, feedback, or empty (E-43, E-50). `return_path`: None where nothing says it, empty for `<>`."""
    root = tree.root
    types = {root.type, *(child.type for child in root.children)}
    report = root.params.get("report-type", "").lower() if root.type == "multipart/report" else ""
    if report == "delivery-status" or types & _STATUS_TYPES or "x-failed-recipients" in root.fields:
        return BOUNCE
    if report == "disposition-notification" or types & _MDN_TYPES:
        return MDN
    if report == "feedback-report" or "message/feedback-report" in types:
        return FEEDBACK
    # Last: a receipt that says what it is stays one, even from a postmaster.
    return BOUNCE if _from_a_daemon(sender, subject, return_path) else ""


def _from_a_daemon(sender: str, subject: str, return_path: str | None) -> bool:
    local = sender.rpartition("@")[0]
    if local not in _DAEMONS and (sender or return_path != ""):
        return False
    returns_to_none = return_path == "" or (return_path or "").lower().startswith("mailer-daemon")
    return returns_to_none or _FAILURE.search(subject.lower()) is not None


def read(tree: Tree, kind: str, text: str, answered: Sequence[str], limits: Limits) -> Report:
    """The facts. `text`: the words of the report; `answered`: ids from In-Reply-To and References."""
    parts = [part for part in tree.walk() if part is not tree.root or not part.children]
    groups = [group for part in parts if part.type in _GROUPED_TYPES for group in _groups(part, limits)]
    said = _said(headers.text(tree.root.fields.get("subject")), text)
    recipients = _READ[kind](groups)
    if kind == BOUNCE and not recipients:
        recipients = _failed(tree.root.fields, said)
    found = [
        *(one for group in groups for one in headers.ids(headers.plain(group.get("original-message-id")))),
        *(one for part in parts if part.type in _RETURNED_TYPES for one in _returned_id(part, limits)),
        *(headers.normal_id(one) for one in _ID_FIELD.findall(text)[:_MOST]),
        *(headers.normal_id(match[0]) for match, _ in zip(_ID_IN_TEXT.finditer(text), range(_MOST), strict=False)),
        *answered,
    ]
    own = headers.message_id(tree.root.fields.get("message-id"))
    known = [one for one in dict.fromkeys(found) if one != headers.normal_id(own)]
    mentioned = _mentioned(_above_the_copy(text)) if kind == BOUNCE and not recipients else ()
    return Report(kind, tuple(recipients), tuple(known[:_MOST]), mentioned, said)


def _said(subject: str, text: str) -> Recipient:
    """What prose says of those whom it names: that they were not reached, or not yet."""
    words = _above_the_copy(text)[:_PROSE]
    found = _SAID_STATUS.search(words)
    status = found[1] if found else ""
    waits = not status.startswith("5") and _DELAY.search(f"{subject}\n{words}".lower()) is not None
    line = next((one.strip() for one in words.splitlines() if found and found[0] in one), "")
    return Recipient("", "delayed" if waits else "failed", status, line[:1000])


def _above_the_copy(text: str) -> str:
    """The beginning, without the message that prose returns below: what stands there says nothing of its fate."""
    beginning = text[: 10 * _PROSE]
    found = _COPY.search(beginning)
    return beginning[: found.start()] if found else beginning


def _mentioned(text: str) -> tuple[str, ...]:
    found = (
        addresses.normal(match[0].strip("."))
        for match, _ in zip(addresses.SALVAGE.finditer(text), range(_MOST), strict=False)
    )
    return tuple(dict.fromkeys(one for one in found if one))


def _groups(part: Part, limits: Limits) -> list[Fields]:
    """The groups of fields that a delivery-status part is made of, blank lines between them."""
    data = part.content().data[: limits.header_block]
    found: list[Fields] = []
    pos = 0
    while pos < len(data) and len(found) < limits.addresses:
        block = read_block(data, pos, len(data), limits, salvage=True)
        if block.body <= pos:
            # A stray line; groups may follow it.
            line_end = EOL.search(data, pos)
            pos = line_end.end() if line_end else len(data)
            continue
        pos = block.body
        if block.fields.items:
            found.append(block.fields)
    return found


def _recipients(groups: Iterable[Fields]) -> list[Recipient]:
    found = []
    for group in groups:
        address = _address(group.get("original-recipient")) or _address(group.get("final-recipient"))
        if not address:
            continue
        status = _STATUS.search(headers.plain(group.get("status")))
        code = status[1] if status else ""
        action = group.word("action").partition(" ")[0].partition("(")[0][:20]
        found.append(
            Recipient(
                address=address,
                action=action or {"5": "failed", "4": "delayed", "2": "delivered"}.get(code[:1], ""),
                status=code,
                diagnostic=headers.text(group.get("diagnostic-code"))[:1000],
            )
        )
    return found


def _address(value: bytes | None) -> str:
    """`rfc822; <who+2Bwhat@where>` as an address. Only + and = need escaping there, so only they are unescaped:
    in `user+2024@x` nothing is an escape.
    """
    source = headers.plain(value)
    kind, separator, address = source.partition(";")
    found = address if separator and "@" not in kind else source
    bare = found.strip().strip("<>")
    # What has its "@" may mean its other pluses as they stand.
    meant = {match[1] for match in _XTEXT.finditer(bare)} if "@" not in bare else _LIKELY_XTEXT
    return addresses.normal(_XTEXT.sub(lambda m: chr(int(m[1], 16)) if m[1] in meant else m[0], bare))


def _failed(fields: Fields, said: Recipient) -> list[Recipient]:
    listed = ",".join(headers.plain(value) for value in fields.all("x-failed-recipients"))
    found = (addresses.normal(one) for one in listed.split(",")[:_MOST])
    return [replace(said, address=one) for one in dict.fromkeys(found) if one]


def _complainers(groups: Iterable[Fields]) -> list[Recipient]:
    """Who complained, where the report tells: many providers leave it out (RFC 5965)."""
    found = (_address(value) for group in groups for value in group.all("original-rcpt-to"))
    return [Recipient(one, "complained", "", "") for one in dict.fromkeys(found) if one]


def _readers(groups: Iterable[Fields]) -> list[Recipient]:
    """Whose mail program says what was done with the message: displayed, deleted and so on (RFC 8098)."""
    found = []
    for group in groups:
        address = _address(group.get("original-recipient")) or _address(group.get("final-recipient"))
        done = group.word("disposition").partition(";")[2].strip().partition("/")[0]
        if address:
            found.append(Recipient(address, done[:20], "", ""))
    return found


_READ = {BOUNCE: _recipients, MDN: _readers, FEEDBACK: _complainers}


def _returned_id(part: Part, limits: Limits) -> list[str]:
    data = part.content().data
    block = read_block(data, 0, min(len(data), 2 * limits.header_block), limits, salvage=True)
    return headers.ids(headers.plain(block.fields.get("message-id")))
