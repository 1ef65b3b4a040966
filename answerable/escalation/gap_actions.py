"""Gaps in the weeks ahead: administrators are told of each schedule's once, and of others again."""

from datetime import datetime, timedelta

from django.db import transaction

from answerable.escalation.rota import gaps, whole
from answerable.escalation.schedule_queries import AHEAD_DAYS, Span, live, rotas
from answerable.escalation.schedules import Schedule
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Role
from answerable.people.queries import staff

Written = list[str | None]


def all_gaps(now: datetime, days: int = AHEAD_DAYS) -> list[tuple[Schedule, list[Span]]]:
    """The schedules that have gaps ahead, with them."""
    schedules = list(live())
    known = rotas(schedules, now)
    found = [(one, gaps(known[one.pk], now, now + timedelta(days=days))) for one in schedules]
    return [(one, spans) for one, spans in found if spans]


def tell_gaps(now: datetime) -> int:
    """Tell administrators of gaps that they were not told of yet. Returns of how many schedules."""
    found = {schedule.pk: spans for schedule, spans in all_gaps(now)}
    edge, told = whole(now + timedelta(days=AHEAD_DAYS)), 0
    with transaction.atomic():
        for row in live().select_for_update():
            spans = [written(span, edge) for span in found.get(row.pk, [])]
            if any(not is_known(span, row.gaps_told) for span in spans):
                _tell(row, now)
                told += 1
            if spans != row.gaps_told:
                Schedule.objects.filter(pk=row.pk).update(gaps_told=spans)
    return told


def written(span: Span, edge: datetime) -> Written:
    """As it is kept: where the look ahead ends is no end."""
    return [span[0].isoformat(), None if span[1] >= edge else span[1].isoformat()]


def is_known(span: Written, told: list[Written]) -> bool:
    """It is part of one that was told: that one has begun, or is shorter than it was, is no news."""
    return any(
        str(one[0]) <= str(span[0]) and (one[1] is None or (span[1] is not None and span[1] <= one[1])) for one in told
    )


def _tell(schedule: Schedule, now: datetime) -> None:
    data = {"name": schedule.name, "schedule": schedule.key}
    key = f"gap:{schedule.pk}:{now:%Y%m%d%H%M}"
    tell(Notice(person=one, kind="gap", key=key, data=data, at=now) for one in staff().filter(role=Role.ADMIN))
