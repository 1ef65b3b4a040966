"""When people asked something, whatever the way."""

from collections.abc import Collection
from datetime import datetime

from answerable.tickets.models import Ticket


def asked_by(people: Collection[int], since: datetime, until: datetime) -> dict[int, list[datetime]]:
    """When each of these people opened requests in this time, the earliest first; no entry for who opened none."""
    rows = Ticket.objects.filter(requester__in=people, created_at__gte=since, created_at__lt=until)
    found: dict[int, list[datetime]] = {}
    for person, at in rows.order_by("created_at").values_list("requester", "created_at"):
        found.setdefault(person, []).append(at)
    return found
