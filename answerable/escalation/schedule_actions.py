"""Write schedules: from support.toml, and from the desk what the desk owns. Each change is a version and a record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.audit.actions import Actor, record
from answerable.escalation.coverage_guard import still_reached
from answerable.escalation.door import read_schedule
from answerable.escalation.oncall import Layer, beginning_with, turn_at
from answerable.escalation.schedule_access import may_arrange, may_edit
from answerable.escalation.schedule_queries import (
    AHEAD_DAYS,
    Shift,
    Span,
    changes_of,
    gaps_ahead,
    live_overrides,
    rota,
    shifts_of,
)
from answerable.escalation.schedules import Schedule, ScheduleVersion
from answerable.escalation.shift_news import telling
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

FILE, DESK = "file", "desk"
MOST = 200
MOST_LAYERS, MOST_PARTICIPANTS = 10, 50
# How far ahead a change of layers may be planned.
LONGEST_AHEAD = timedelta(days=366)

Spec = dict[str, Any]  # {"tz", "layers": […]} as ScheduleVersion keeps it


@dataclass(frozen=True)
class ScheduleSpec:
    """[on_call.<key>] of support.toml. `managed` "desk": its layers only begin it."""

    key: str
    name: str
    managed: str
    p0: bool
    spec: Spec = field(hash=False)


def owned_by_desk(keys: Iterable[str]) -> list[str]:
    """Those of the schedules that the desk owns: a file that claims them would discard what was edited there."""
    rows = Schedule.objects.filter(key__in=list(keys), managed=DESK, retired_at__isnull=True)
    return list(rows.values_list("key", flat=True))


def apply_schedules(specs: Sequence[ScheduleSpec], who: Actor, now: datetime) -> None:
    """Put the file's schedules in force. What the desk owns stays as it is; what the file had and has no more ends."""
    for spec in specs:
        _apply(spec, who, now)
    gone = Schedule.objects.filter(managed=FILE, retired_at__isnull=True).exclude(key__in=[one.key for one in specs])
    for schedule in gone:
        _retire(schedule, who, now)


def _apply(given: ScheduleSpec, who: Actor, now: datetime) -> None:
    row = Schedule.objects.filter(key=given.key).first()
    if row is not None and row.managed == DESK and row.retired_at is None:
        return
    if row is None:
        row = Schedule.objects.create(
            key=given.key, name=given.name, managed=given.managed, p0=given.p0, created_at=now
        )
    elif row.managed == FILE and given.managed == DESK and row.retired_at is None:
        # From now on the desk owns it, and begins with what is in force.
        row.managed = DESK
        row.save(update_fields=["managed"])
        record(who, "schedule_owner", ("schedule", row.pk), now, managed=DESK)
        return
    else:
        row.name, row.managed, row.p0, row.retired_at = given.name, given.managed, given.p0, None
        row.save(update_fields=["name", "managed", "p0", "retired_at"])
    with telling(row, _ahead(now), who, "layers", now):
        _write(row, given.spec, now, who, now)
        _drop_plans(row, given.spec, who, now)


def _ahead(since: datetime) -> Span:
    return since, since + timedelta(days=AHEAD_DAYS)


def _drop_plans(schedule: Schedule, spec: Spec, who: Actor, now: datetime) -> None:
    """What an earlier owner planned would come into force all the same: from then on, too, it is to be `spec`."""
    planned = ScheduleVersion.objects.filter(schedule=schedule, effective_from__gt=now)
    for since in sorted(set(planned.values_list("effective_from", flat=True))):
        _write(schedule, spec, since, who, now)


def _write(schedule: Schedule, spec: Spec, since: datetime, who: Actor, now: datetime) -> ScheduleVersion | None:
    """A version, if it says something new from `since` on. The caller is in a transaction."""
    hold(schedule)
    rows = ScheduleVersion.objects.filter(schedule=schedule)
    before = rows.filter(effective_from__lte=since).order_by("effective_from", "number").last()
    if before is not None and before.spec == spec:
        return None
    last = rows.order_by("number").last()
    row = ScheduleVersion.objects.create(
        schedule=schedule,
        number=last.number + 1 if last else 1,
        effective_from=since,
        spec=spec,
        written_at=now,
        written_by=who.label,
    )
    data = {"version": row.number, "since": since.isoformat(), "spec": spec}
    record(who, "schedule_layers", ("schedule", schedule.pk), now, **data)
    return row


def hold(schedule: Schedule) -> Schedule:
    """As it is now, locked: whoever else changes it, or what lies on top, waits for the end of this transaction."""
    return Schedule.objects.select_for_update().get(pk=schedule.pk)


def make_schedule(by: Person, name: str, tz: str, now: datetime, *, p0: bool = False) -> Schedule:
    """A schedule that the desk owns, with nobody on it yet."""
    _require(may_arrange(by))
    name = _one_line(name)
    if Schedule.objects.filter(retired_at__isnull=True).count() >= MOST:
        raise Refused("too_many", _("There are %(most)s schedules already. Retire one first.") % {"most": MOST})
    spec = checked(tz, [])
    base = slugify(name)[:50] or "schedule"
    taken = set(Schedule.objects.filter(key__startswith=base).values_list("key", flat=True))
    key = next(key for key in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)
    with transaction.atomic():
        row = Schedule.objects.create(key=key, name=name, managed=DESK, p0=p0, created_at=now)
        record(actor_of(by), "make_schedule", ("schedule", row.pk), now, name=name)
        _write(row, spec, now, actor_of(by), now)
    return row


def _one_line(name: str) -> str:
    """It stands in calendars and subjects, where a control character is the end of something."""
    name = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if not name:
        raise Refused("invalid", _("Give it a name."))
    return name


def change_schedule(by: Person, schedule: Schedule, name: str, now: datetime, *, p0: bool, confirmed: bool) -> None:
    """Its name, and whether it is paged for P0: then a gap ahead needs an explicit word."""
    _require_edit(by, schedule)
    name = _one_line(name)
    if (schedule.name, schedule.p0) == (name, p0):
        return
    with transaction.atomic():
        was = {"name": schedule.name, "p0": schedule.p0}
        schedule.name, schedule.p0 = name, p0
        schedule.save(update_fields=["name", "p0"])
        record(actor_of(by), "change_schedule", ("schedule", schedule.pk), now, was=was, name=name, p0=p0)
        require_nobody_missing(schedule, now, confirmed=confirmed)


def edit_layers(
    by: Person, schedule: Schedule, spec: Spec, since: datetime, now: datetime, *, confirmed: bool = False
) -> ScheduleVersion | None:
    """These layers from `since` on, which is never in the past. None: they say what is in force anyway.

    `confirmed`: whoever edits has seen that somebody is missing in the weeks ahead, and means it.
    """
    with (
        transaction.atomic(),
        still_reached(now, confirmed=confirmed),
        telling(schedule, _ahead(max(since, now)), actor_of(by), "layers", now),
    ):
        row = _edit(by, schedule, spec, since, now)
        if row is not None:
            require_nobody_missing(schedule, now, confirmed=confirmed)
    return row


def _edit(by: Person, schedule: Schedule, spec: Spec, since: datetime, now: datetime) -> ScheduleVersion | None:
    _require_edit(by, schedule)
    if since > now + LONGEST_AHEAD:
        raise Refused("invalid", _("A change can be planned for the year ahead, not for later."))
    return _write(schedule, checked(spec["tz"], spec["layers"]), max(since, now), actor_of(by), now)


@dataclass(frozen=True)
class Wanted:
    """What a schedule is to be: its name, whether it is paged for P0, and its layers from `since` on."""

    name: str
    p0: bool
    spec: Spec = field(hash=False)
    since: datetime


def rewrite(
    by: Person, schedule: Schedule, wanted: Wanted, now: datetime, *, seen: str, confirmed: bool = False
) -> None:
    """All of it or nothing; who would be missing is looked for in what comes of all of it.

    `seen`: what `changes_of` it was when whoever edits began. Raises Refused where somebody was faster.
    """
    with transaction.atomic(), still_reached(now, confirmed=confirmed):
        schedule = hold(schedule)
        if seen != str(changes_of(schedule)):
            raise Refused("stale", _("Somebody else has changed this schedule meanwhile. Look once more."))
        edit_layers(by, schedule, wanted.spec, wanted.since, now, confirmed=True)
        change_schedule(by, schedule, wanted.name, now, p0=wanted.p0, confirmed=True)
        require_nobody_missing(schedule, now, confirmed=confirmed)


def preview(by: Person, schedule: Schedule, wanted: Wanted, now: datetime, days: int) -> tuple[list[Shift], list[Span]]:
    """Who would be on call in the days from then on, and the gaps ahead. Nothing is kept: it is done and taken back."""
    with transaction.atomic():
        _edit(by, schedule, wanted.spec, wanted.since, now)
        since = max(wanted.since, now)
        shifts = shifts_of(rota(schedule, since), since, since + timedelta(days=days))
        found = gaps_ahead(schedule.key, now)
        transaction.set_rollback(True)
    return shifts, found


def retire(by: Person, schedule: Schedule, now: datetime, *, confirmed: bool = False) -> None:
    """It calls nobody from now on; what was stays. A later schedule of the same key takes it up again."""
    _require_edit(by, schedule)
    with transaction.atomic(), still_reached(now, confirmed=confirmed):
        _retire(schedule, actor_of(by), now)


def _retire(schedule: Schedule, who: Actor, now: datetime) -> None:
    with telling(schedule, _ahead(now), who, "layers", now):
        _end(schedule, who, now)


def _end(schedule: Schedule, who: Actor, now: datetime) -> None:
    hold(schedule)
    schedule.retired_at = now
    schedule.save(update_fields=["retired_at"])
    # What lies on top would still be somebody.
    live_overrides(schedule, now).update(removed_at=now)
    record(who, "retire_schedule", ("schedule", schedule.pk), now)
    last = ScheduleVersion.objects.filter(schedule=schedule).order_by("number").last()
    empty: Spec = {"tz": last.spec["tz"] if last else "UTC", "layers": []}
    _write(schedule, empty, now, who, now)
    _drop_plans(schedule, empty, who, now)


def checked(tz: str, layers: Sequence[Mapping[str, Any]]) -> Spec:
    """The layers in the shape that is kept. Raises Refused where something in them cannot be read."""
    if len(layers) > MOST_LAYERS or any(len(one["participants"]) > MOST_PARTICIPANTS for one in layers):
        most = {"layers": MOST_LAYERS, "people": MOST_PARTICIPANTS}
        raise Refused("too_many", _("At most %(layers)s layers, and %(people)s people in each.") % most)
    spec = {"tz": tz, "layers": [dict(one) for one in layers]}
    try:
        read_schedule(spec)
    except ValueError as wrong:
        raise Refused("invalid", str(wrong)) from None
    return spec


def begin_with(spec: Spec, layer: int, person: str, at: datetime) -> Spec:
    """The spec with the layer's start moved by whole turns, so that this participant's turn is on at `at`."""
    schedule = read_schedule(spec)
    moved = beginning_with(schedule.tz, schedule.layers[layer], at, person)
    layers = [dict(one) for one in spec["layers"]]
    layers[layer]["start"] = moved.start.isoformat()
    return {**spec, "layers": layers}


def turn_of(spec: Spec, layer: int, at: datetime) -> str | None:
    """Whose turn it is in this layer at `at`, whether or not it is on duty then; None: not begun, or nobody."""
    schedule = read_schedule(spec)
    one: Layer = schedule.layers[layer]
    turn = turn_at(schedule.tz, replace(one, restriction=None), at)
    return one.participants[turn % len(one.participants)] if turn >= 0 and one.participants else None


def require_nobody_missing(
    schedule: Schedule, now: datetime, *, confirmed: bool, before: Sequence[Span] | None = None
) -> None:
    """A gap ahead on a schedule that is paged for P0 stops a change, until who makes it says that it is meant.

    `before`: the gaps that there were anyway; only what comes besides stops it then.
    """
    if confirmed or not schedule.p0:
        return
    found = [span for span in gaps_ahead(schedule.key, now) if not _within(span, before or ())]
    if found:
        words = ngettext(
            "Nobody would be on call for P0 once in the next %(days)s days.",
            "Nobody would be on call for P0 %(num)s times in the next %(days)s days.",
            len(found),
        ) % {"num": len(found), "days": AHEAD_DAYS}
        raise Refused("gap", words, gaps=found)


def _within(span: Span, known: Iterable[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in known)


def _require_edit(by: Person, schedule: Schedule) -> None:
    _require(may_arrange(by))
    if schedule.managed == FILE:
        raise Refused("file_owned", _("The file support.toml owns this schedule: change it there and apply it."))
    if not may_edit(by, schedule):
        raise Refused("retired", _("This schedule is retired."))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused("not_allowed", _("Only leads and administrators arrange schedules."))
