"""Swaps that wait for an answer."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from answerable.escalation.schedules import Swap


def swaps_of_person(person: int, now: datetime) -> Sequence[Swap]:
    """What the person is asked, and what they asked, the first to lapse first."""
    rows = Swap.objects.filter(Q(other=person) | Q(asker=person), state="asked", lapses_at__gt=now)
    return list(rows.select_related("schedule", "asker", "other").order_by("lapses_at", "id"))


def swaps_of_schedule(schedule: int, person: int, now: datetime) -> Sequence[Swap]:
    """The same of one schedule."""
    return [row for row in swaps_of_person(person, now) if row.schedule_id == schedule]
