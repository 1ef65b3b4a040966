"""Changes of many tickets as pages show them: who, what, how many, and each ticket that the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import Person
from answerable.people.queries import teams_of
from answerable.tickets.access import visible_to, worked_by
from answerable.tickets.runs import BulkItem, BulkRun

PAGE = 50


@dataclass(frozen=True)
class Run:
    """A run in figures. `undone_by`: the run that took it back, if there is one."""

    id: int
    by_id: int
    by: str
    verb: str
    args: dict[str, Any]
    undoes: int | None
    undoes_verb: str
    undoes_args: dict[str, Any]
    state: str
    left_out: int
    created_at: datetime
    started_at: datetime | None
    done_at: datetime | None
    todo: int = 0
    done: int = 0
    left: int = 0
    begins_at: datetime | None = None
    problem: int | None = None

    @property
    def total(self) -> int:
        """How many tickets it has."""
        return self.todo + self.done + self.left


def _runs(person: Person, now: datetime) -> QuerySet[BulkRun]:
    """A run says why something was done: whoever is kept to their teams reads those of requests that they work."""
    rows = BulkRun.objects.select_related("by", "undoes")
    if not teams_of(person).shut_in:
        return rows
    mine = visible_to(person, now).filter(worked_by(person)).values("pk")
    return rows.filter(Q(by=person) | Exists(BulkItem.objects.filter(run=OuterRef("pk"), ticket__in=mine)))


def run_of(run_id: int, person: Person, now: datetime) -> Run | None:
    """One run; a preview is seen by who made it alone."""
    rows = _runs(person, now).filter(~Q(state=BulkRun.PREVIEW) | Q(by=person))
    row = rows.filter(pk=run_id).first()
    return _run(row, _counts([row.pk])) if row else None


def undone_by(run_id: int) -> int | None:
    """The latest run that took this one back."""
    rows = BulkRun.objects.filter(undoes=run_id).exclude(state=BulkRun.PREVIEW)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def runs(person: Person, cursor: Cursor | None, now: datetime) -> Page[Run]:
    """Every run that was confirmed, the latest first."""
    rows = _runs(person, now).exclude(state=BulkRun.PREVIEW)
    if cursor:
        rows = rows.filter(Q(started_at__lt=cursor.at) | Q(started_at=cursor.at, pk__lt=cursor.id))
    found = list(rows.order_by("-started_at", "-pk")[: PAGE + 1])
    counts = _counts([row.pk for row in found])
    shown = [_run(row, counts) for row in found]
    return page_of(shown, PAGE, lambda run: Cursor(run.started_at or run.created_at, run.id))


def _counts(ids: Sequence[int]) -> dict[tuple[int, str], int]:
    rows = BulkItem.objects.filter(run__in=ids).values_list("run", "state").annotate(found=Count("pk"))
    return {(run, state): found for run, state, found in rows}


def _run(row: BulkRun, counts: dict[tuple[int, str], int]) -> Run:
    return Run(
        id=row.pk,
        by_id=row.by_id,
        by=row.by.label,
        verb=row.verb,
        args=row.args,
        undoes=row.undoes_id,
        undoes_verb=row.undoes.verb if row.undoes else "",
        undoes_args=row.undoes.args if row.undoes else {},
        state=row.state,
        left_out=row.left_out,
        created_at=row.created_at,
        started_at=row.started_at,
        done_at=row.done_at,
        begins_at=row.begins_at,
        problem=row.problem_id,
        **{state: counts.get((row.pk, state), 0) for state in (BulkItem.TODO, BulkItem.DONE, BulkItem.LEFT)},
    )


class Item(NamedTuple):
    """One ticket of a run. `why`: it is, or was, left as it was."""

    number: int
    subject: str
    organization: str
    was: str
    state: str
    why: str
    waiting: int


def items(run_id: int, person: Person, now: datetime) -> list[Item]:
    """The run's tickets that this person works, what was left first; a run has a thousand at most."""
    mine = visible_to(person, now).filter(worked_by(person)).values("pk")
    rows = BulkItem.objects.filter(run=run_id, ticket__in=mine).order_by("pk").values_list(*_ITEM)
    found = [Item._make((*row[:2], row[2] or "", *row[3:])) for row in rows]
    return sorted(found, key=lambda item: item.state != BulkItem.LEFT)


_ITEM = (
    "ticket__number",
    "ticket__subject",
    "ticket__organization__name",
    "was",
    "state",
    "why",
    "ticket__waiting_drafts",
)


def ids_of(person: Person, numbers: Sequence[int], now: datetime) -> list[int]:
    """The tickets with these numbers that the person works, in this order."""
    rows = visible_to(person, now).filter(worked_by(person), number__in=numbers).values_list("number", "pk")
    found = dict(rows)
    return [found[number] for number in numbers if number in found]
