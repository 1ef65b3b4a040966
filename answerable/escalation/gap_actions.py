"""Gaps in the weeks ahead: administrators are told of each schedule's once, and again when they change."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from answerable.escalation.rota import gaps, whole
from answerable.escalation.schedule_queries import AHEAD_DAYS, Span, live, rotas
from answerable.escalation.schedules import Schedule
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Role
from answerable.people.queries import staff


def all_gaps(now: datetime, days: int = AHEAD_DAYS) -> list[tuple[Schedule, list[Span]]]:
    """The schedules that have gaps ahead, with them."""
    schedules = list(live())
    known = rotas(schedules, now)
    found = [(one, gaps(known[one.pk], now, now + timedelta(days=days))) for one in schedules]
    return [(one, spans) for one, spans in found if spans]


def tell_gaps(now: datetime) -> int:
    """Tell administrators what they were not told yet. Returns of how many schedules."""
    found = {schedule.pk: (schedule, spans) for schedule, spans in all_gaps(now)}
    told = 0
    with transaction.atomic():
        for row in live().select_for_update():
            spans = found[row.pk][1] if row.pk in found else []
            digest = _digest(spans, now)
            if row.gap_told != digest:
                Schedule.objects.filter(pk=row.pk).update(gap_told=digest)
                if spans and digest:
                    _tell(row, digest, now)
                    told += 1
    return told


def _digest(spans: list[Span], now: datetime) -> str:
    """What the gaps are, whatever the day: neither that one has begun nor where the look ahead ends is news."""
    edge = whole(now + timedelta(days=AHEAD_DAYS))
    parts = [f"{'' if a <= whole(now) else a.isoformat()}/{'' if b >= edge else b.isoformat()}" for a, b in spans]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() if parts else ""


def _tell(schedule: Schedule, digest: str, now: datetime) -> None:
    data = {"name": schedule.name, "schedule": schedule.key}
    key = f"gap:{schedule.pk}:{digest[:16]}:{now:%Y%m%d}"
    tell(Notice(person=one, kind="gap", key=key, data=data, at=now) for one in staff().filter(role=Role.ADMIN))
