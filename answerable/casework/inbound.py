"""The one function that takes a message in and tells what became of it (mail contract E-1, E-2)."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from typing import Any

from answerable.casework.letters import finished
from answerable.casework.reception import receive
from answerable.lib.html import from_text
from answerable.mail import bounded
from answerable.mail.actions import Arrival, store
from answerable.mail.bounces import Recipient, Report
from answerable.mail.incoming import Incoming
from answerable.mail.models import RawMail
from answerable.mail.queries import key_of
from answerable.notify.models import Delivery
from answerable.tickets.models import Participant, Reply

# Outcomes that E-2 calls otherwise. Mail of a machine that opened a request is automatic, too.
_KINDS = {"held": "reply", "event": "auto"}
_VISIBLE = {"new": "public", "reply": "public", "held": "held", "event": "event"}


@dataclass(frozen=True)
class InboundResult:
    """E-2. Lists hold plain values, so that all of it is JSON."""

    kind: str
    inbound_id: int
    auto_class: str | None = None
    ticket: int | None = None
    created_ticket: bool = False
    visibility: str = "none"
    sender: str = ""
    sender_name: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    reply_text: str = ""
    html: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    collaborators_added: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    duplicate_of: int | None = None
    ack: bool = False
    outgoing: list[dict[str, Any]] = field(default_factory=list)
    bounce: dict[str, Any] | None = None
    quarantine_reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The keys of E-2."""
        return asdict(self)


@dataclass(frozen=True)
class Envelope:
    """What the server that hands a message over knows of it. `sender`: "" is the null path, None that nobody knows."""

    sender: str | None = None
    to: tuple[str, ...] = ()


def process_inbound(raw: bytes, inbox: str, envelope: Envelope, received_at: datetime) -> InboundResult:
    """Keep the message, handle it, and say what became of it.

    Raises OperationalError, InterfaceError or OSError when it could not be kept. Once it is kept, a failure to handle
    it is an outcome of its own.
    """
    raw_id = keep(raw, inbox, envelope, received_at)
    receive(raw_id, received_at)
    return result_of(raw_id)


def keep(raw: bytes, inbox: str, envelope: Envelope, received_at: datetime) -> int:
    """Commit it as it came. Whoever dies after this leaves it to the periodic look for mail that nobody handled."""
    arrival = Arrival(
        inbox=inbox,
        source="pipe" if envelope.sender is None else "smtp",
        received_at=received_at,
        envelope_from=envelope.sender or "",
        envelope_to=envelope.to,
    )
    return store(raw, arrival, lambda _raw_id: None)


def result_of(raw_id: int) -> InboundResult:
    """What became of a message that was kept, from its rows."""
    row = RawMail.objects.get(pk=raw_id)
    incoming = _read(row)
    reply = Reply.objects.filter(raw_id=raw_id).first()
    sent = list(Delivery.objects.filter(entry_id=reply.pk).order_by("id")) if reply else []
    automatic = row.outcome == "new" and bool(incoming.auto_class)
    return InboundResult(
        kind="auto" if automatic else _KINDS.get(row.outcome, row.outcome),
        inbound_id=raw_id,
        auto_class=incoming.auto_class or None,
        ticket=row.ticket_id,
        created_ticket=row.outcome == "new",
        visibility=_VISIBLE.get(row.outcome, "event" if row.outcome == "bounce" and row.ticket_id else "none"),
        sender=incoming.sender,
        sender_name=incoming.sender_name,
        to=list(incoming.to),
        cc=list(incoming.cc),
        subject=incoming.subject,
        text=incoming.text,
        reply_text=incoming.new_text if row.outcome in {"reply", "held"} else incoming.reply_text,
        html=incoming.html or from_text(incoming.text),
        attachments=[_file(one) for one in incoming.attachments],
        collaborators_added=_joined(reply) if reply else [],
        flags=list(dict.fromkeys([*incoming.flags, *row.flags, *(reply.flags if reply else [])])),
        duplicate_of=row.duplicate_of_id,
        ack=any(one.kind == "ack" for one in sent),
        outgoing=[_mail(one) for one in sent],
        bounce=_bounce(incoming),
        quarantine_reason=row.reason if row.outcome == "quarantine" else None,
    )


def _read(row: RawMail) -> Incoming:
    """What it says; of one that could not be handled, what was written down of it: it may be what cannot be read."""
    if row.reason == "error":
        return Incoming(sender=row.sender, subject=row.subject)
    return bounded.read(bytes(row.body), envelope_from=row.envelope_from if row.source == "smtp" else None)


def _file(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "size": len(one.content),
        "content_type": one.content_type,
        "inline": one.inline,
        "cid": one.cid,
        "sha256": hashlib.sha256(one.content).hexdigest(),
    }


def _joined(reply: Reply) -> list[str]:
    rows = Participant.objects.filter(ticket=reply.ticket_id, role="cc", since=reply.at, pending=False)
    return list(rows.order_by("id").values_list("person__email", flat=True))


def _mail(one: Delivery) -> dict[str, Any]:
    """As it leaves, but for the transport."""
    message = message_from_bytes(finished(one))
    return {
        "to": one.address,
        "subject": one.subject,
        "headers": {name: str(value) for name, value in message.items()},
        "text": one.text,
    }


def _bounce(incoming: Incoming) -> dict[str, Any] | None:
    if incoming.bounce is None:
        return None
    return {
        "original": next(iter(incoming.original_ids), ""),
        "recipients": [
            {"address": one.address, "action": one.action, "status": one.status, "permanent": one.permanent}
            for one in incoming.bounce.recipients or _said_of(incoming.bounce)
        ],
    }


def _said_of(report: Report) -> list[Recipient]:
    """Where no field names the recipients: whom the words name, of those whom we really sent that mail (E-51)."""
    sent = Delivery.objects.filter(message_id__in=[key_of(one) for one in report.message_ids])
    known = set(sent.values_list("address", flat=True))
    return [replace(report.said, address=one) for one in report.mentioned if one in known]
