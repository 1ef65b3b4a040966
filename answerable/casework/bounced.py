"""A bounce marks the very mail that it returns; it never joins a ticket and never gets an answer (E-50 to E-53)."""

from datetime import datetime

from django.db import transaction

from answerable.audit.actions import system
from answerable.casework.settle import settle
from answerable.mail.parse import Incoming
from answerable.notify.actions import mark_bounced
from answerable.notify.models import Delivery
from answerable.tickets import access
from answerable.tickets.actions import Change


def note_bounce(incoming: Incoming, message_ids: tuple[str, ...], now: datetime) -> Delivery | None:
    """Mark the mails that really went to the recipients named. A forged bounce for anybody else changes nothing."""
    bounce = incoming.bounce
    assert bounce is not None
    failed = {one.address: f"{one.status} {one.diagnostic}".strip() for one in bounce.recipients if one.permanent}
    marked = mark_bounced(message_ids, failed)
    for delivery in marked:
        if delivery.ticket_id is not None:
            _tell(delivery.ticket_id, delivery, now)
    return marked[0] if marked else None


def _tell(ticket_id: int, delivery: Delivery, now: datetime) -> None:
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        change = Change(ticket=ticket, actor=system("mail room"), at=max(now, ticket.last_event_at))
        change.event(
            "delivery_failed", address=delivery.address, entry=delivery.entry_id, why=delivery.last_error[:200]
        )
        settle(change, "delivery_failed")
