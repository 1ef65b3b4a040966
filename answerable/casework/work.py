"""What deferred tasks do: send mail from the outbox, asking access once more."""

from datetime import datetime

from django.db import transaction

from answerable.casework.letters import finished
from answerable.notify import actions as notify
from answerable.notify.models import Delivery
from answerable.people.organization_queries import holds
from answerable.people.standing_queries import is_standing
from answerable.tickets import access


def deliver(delivery_id: int, now: datetime) -> int | None:
    """Send one mail if its person may still see the ticket. Returns the seconds to the next try, None when settled."""
    with transaction.atomic():
        delivery = notify.lock(delivery_id)
        if delivery.state not in {"queued", "deferred"}:
            return None
        if not _may_have(delivery, now):
            notify.suppress(delivery, "its reader may no longer see this")
            return None
        return notify.send(delivery, finished(delivery), now)


def _may_have(delivery: Delivery, now: datetime) -> bool:
    if not delivery.person.is_active:
        return False
    grant_id = delivery.headers.get("grant")
    if grant_id is not None and not holds(grant_id, now):
        return False
    standing_id = delivery.headers.get("standing")
    if standing_id is not None and not is_standing(standing_id, now):
        return False
    if delivery.ticket_id is None:
        return True
    return access.visible_to(delivery.person, now).filter(pk=delivery.ticket_id).exists()
