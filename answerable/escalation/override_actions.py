"""Overrides: somebody else, or nobody, instead of what the layers say. They always belong to the desk."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.escalation.coverage_guard import still_reached
from answerable.escalation.rota import whole
from answerable.escalation.schedule_access import may_arrange, may_remove, may_take
from answerable.escalation.schedule_actions import hold, require_nobody_missing
from answerable.escalation.schedule_queries import gaps_ahead, live_overrides, rota, shifts_of
from answerable.escalation.schedules import Override, Schedule
from answerable.escalation.shift_news import telling
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

LONGEST = timedelta(days=366)
MOST = 200


def override(
    by: Person,
    schedule: Schedule,
    person: Person | None,
    span: tuple[datetime, datetime],
    now: datetime,
    *,
    why: str = "",
    confirmed: bool = False,
) -> Override:
    """In this span the person is on call, or nobody is. What lies in the past of it is left out."""
    require_may_put(by, person)
    start, end = within_reach(span, now)
    with transaction.atomic(), still_reached(now, confirmed=confirmed):
        schedule = hold(schedule)
        before = gaps_ahead(schedule.key, now)
        with telling(schedule, (start, end), actor_of(by), "override" if person else "nobody", now):
            row = put(by, schedule, person, (start, end), now, why=why)
        if person is not None and person.pk not in holders(schedule, (start, end)):
            raise Refused("away", _("%(who)s is away in all of that time.") % {"who": person.label})
        require_nobody_missing(schedule, now, confirmed=confirmed, before=before)
    return row


def holders(schedule: Schedule, span: tuple[datetime, datetime]) -> set[int | None]:
    """Who is on call in the span; None among them: at some time nobody."""
    return {shift.person for shift in shifts_of(rota(schedule, span[0]), *span)}


def require_may_put(by: Person, person: Person | None) -> None:
    """Oneself, or leads and administrators anybody; always somebody who can be on call."""
    if not (may_take(by) and (may_arrange(by) or (person is not None and by.pk == person.pk))):
        raise Refused("not_allowed", _("You can take it yourself; leads and administrators say so of others."))
    if person is not None and not may_take(person):
        raise Refused("not_staff", _("%(who)s cannot be on call.") % {"who": person.label})


def within_reach(span: tuple[datetime, datetime], now: datetime) -> tuple[datetime, datetime]:
    """The span in whole seconds, from now at the earliest. Raises Refused where nothing of it lies ahead."""
    start, end = max(whole(span[0]), whole(now)), whole(span[1])
    if span[1] <= span[0]:
        raise Refused("invalid", _("It must end after it begins."))
    if not start < end <= now + LONGEST:
        raise Refused("invalid", _("It must lie ahead, and end within a year."))
    return start, end


def put(
    by: Person,
    schedule: Schedule,
    person: Person | None,
    span: tuple[datetime, datetime],
    now: datetime,
    *,
    why: str = "",
) -> Override:
    """The row and its record. The caller is in a transaction and has asked who may."""
    if schedule.retired_at is not None:
        raise Refused("retired", _("This schedule is retired."))
    if live_overrides(schedule, now).count() >= MOST:
        raise Refused("too_many", _("There are %(most)s overrides already. Remove some first.") % {"most": MOST})
    row = Override.objects.create(
        schedule=schedule,
        start=span[0],
        end=span[1],
        person=person,
        why=why.strip()[:200],
        created_at=now,
        created_by=by,
    )
    data = {"person": row.person_id, "name": person.label if person else None, "why": row.why}
    times = {"start": span[0].isoformat(), "end": span[1].isoformat()}
    record(actor_of(by), "put_override", ("schedule", schedule.pk), now, override=row.pk, **data, **times)
    return row


def remove_override(by: Person, pk: int, now: datetime, *, confirmed: bool = False) -> Override:
    """The layers answer again from now on; what it did until now stays. Removed twice is removed."""
    with transaction.atomic(), still_reached(now, confirmed=confirmed):
        known = Override.objects.select_related("schedule", "person").filter(pk=pk)
        row = known.first()
        if row is None:
            raise Refused("not_found", _("There is no such override."))
        schedule = hold(row.schedule)
        row = known.get()
        if not may_remove(by, row):
            raise Refused("not_allowed", _("Only who it is about, who made it, leads and administrators remove it."))
        if row.removed_at is not None or row.end <= now:
            return row
        before = gaps_ahead(schedule.key, now)
        span = (max(row.start, whole(now)), row.end)
        with telling(schedule, span, actor_of(by), "removed", now, also=row.created_by_id):
            row.removed_at, row.removed_by = now, by
            row.save(update_fields=["removed_at", "removed_by"])
            record(actor_of(by), "remove_override", ("schedule", row.schedule_id), now, override=row.pk)
        require_nobody_missing(schedule, now, confirmed=confirmed, before=before)
    return row
