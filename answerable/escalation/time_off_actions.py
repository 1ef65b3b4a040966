"""Time off of who is on call: people's own rows, and a word of warning where it leaves a schedule for P0 empty."""

from datetime import datetime

from django.db import transaction

from answerable.escalation.coverage_guard import still_reached
from answerable.escalation.schedule_actions import require_nobody_missing
from answerable.escalation.schedule_queries import gaps_ahead, live
from answerable.people.absence_actions import plan_time_off
from answerable.people.models import Absence, Person


def take_time_off(
    by: Person, person: Person, span: tuple[datetime, datetime], now: datetime, *, confirmed: bool = False
) -> Absence:
    """The person takes no turn in this span: the next layer answers, or nobody does."""
    with transaction.atomic(), still_reached(now, confirmed=confirmed):
        schedules = list(live().filter(p0=True).select_for_update())
        before = {schedule.pk: gaps_ahead(schedule.key, now) for schedule in schedules}
        row = plan_time_off(by, person, span[0], span[1], now)
        for schedule in schedules:
            require_nobody_missing(schedule, now, confirmed=confirmed, before=before[schedule.pk])
    return row
