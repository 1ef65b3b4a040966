"""Drills as pages, doctor and the command show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.escalation.alerts import DRILL, Alert
from answerable.escalation.drilling import ANSWER, Course, Weekly, is_in_time
from answerable.escalation.drills import Drill, DrillLeg, DrillRule
from answerable.lib.fresh import Fresh

__all__ = ["Drill", "DrillLeg", "DrillRule"]

# The policy's plan; at most a few seconds old.
rule: Fresh[DrillRule | None] = Fresh(lambda: DrillRule.objects.filter(enabled=True).first())

_ROWS = Drill.objects.select_related("team")


@dataclass(frozen=True)
class Ran:
    """A run and its legs in their order."""

    drill: Drill
    legs: tuple[DrillLeg, ...]


def weekly_of(row: DrillRule) -> Weekly:
    """When it is due."""
    return Weekly.read(row.day, row.at, row.zone)


def course_of(leg: DrillLeg) -> Course:
    """How far it has come."""
    plan = leg.alert.plan if leg.alert else None
    seconds = sum(step["wait"] for step in plan["steps"]) * plan["rounds"] if plan else 0
    return Course(
        leg.begun_at, leg.sent_at, leg.accepted_at, leg.raised_at, leg.paged_at, leg.acked_at, plan_seconds=seconds
    )


def went_well(leg: DrillLeg) -> bool:
    """Paged in time, and answered."""
    return not leg.stood_at and leg.acked_at is not None and is_in_time(course_of(leg))


def unanswered(leg: DrillLeg) -> bool:
    """It was paged, and nobody said that they have it."""
    return leg.stood_at == ANSWER


def running() -> Drill | None:
    """The one that runs."""
    return _ROWS.filter(state="running").first()


def one(pk: int) -> Ran | None:
    """A run."""
    found = _with_legs(list(_ROWS.filter(pk=pk)))
    return found[0] if found else None


def drills(before: int | None, size: int) -> tuple[list[Ran], int | None]:
    """A page of the list, newest first, and before which one the next begins."""
    rows = _ROWS.order_by("-id") if before is None else _ROWS.filter(pk__lt=before).order_by("-id")
    found = list(rows[: size + 1])
    shown = found[:size]
    return _with_legs(shown), shown[-1].pk if len(found) > size else None


def _with_legs(rows: Sequence[Drill]) -> list[Ran]:
    legs: dict[int, list[DrillLeg]] = {row.pk: [] for row in rows}
    for leg in DrillLeg.objects.filter(drill__in=rows).select_related("alert").order_by("id"):
        legs[leg.drill_id].append(leg)
    return [Ran(row, tuple(legs[row.pk])) for row in rows]


def door_of(token: str) -> int | None:
    """The leg whose door this opens: once, however late."""
    rows = DrillLeg.objects.filter(token=token, ticket_id__isnull=True)
    return rows.values_list("pk", flat=True).first()


def unsent() -> list[int]:
    """Legs of the drill that runs which nobody has sent yet."""
    rows = DrillLeg.objects.filter(drill__state="running", sent_at__isnull=True, ended_at__isnull=True)
    return list(rows.order_by("id").values_list("pk", flat=True))


def latest_run() -> Drill | None:
    """The last one that went to its end."""
    return _ROWS.filter(state__in=["passed", "failed"]).order_by("-id").first()


def has_planned(at: datetime) -> bool:
    """Whether the weekly run of that moment was begun or skipped."""
    return Drill.objects.filter(planned_at=at).exists()


def burns() -> bool:
    """Whether a real P0 waits for somebody at this moment: a request's, a level's of its ladder, or a machine's."""
    return Alert.objects.filter(state="open", severity="P0").exclude(source__startswith=DRILL).exists()
