"""Replay past tickets against a policy that is thought of. Reads only; the database is told to refuse anything else."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from answerable.lib.sql import read_only
from answerable.policy.actions import terms_of
from answerable.policy.schema import Policy
from answerable.reports.figures import Figures
from answerable.reports.queries import events_of
from answerable.reports.what_if import BROKEN, EXCUSED, KEPT, Outcome, Past, Thought, book_of, compare
from answerable.sla import calendars
from answerable.tickets.models import Ticket

BATCH = 400
# What is listed of the tickets that would differ; the rest is counted.
MOST_LISTED = 200


@dataclass
class Side:
    """What became of the promises of one severity and plan, on one side of the comparison."""

    kept: int = 0
    broken: int = 0
    excused: int = 0

    def add(self, verdict: str) -> None:
        """Count one; what is open or was never promised counts for neither side."""
        self.kept += verdict == KEPT
        self.broken += verdict == BROKEN
        self.excused += verdict == EXCUSED

    @property
    def figures(self) -> Figures:
        """As reports show them."""
        return Figures(self.kept, self.broken, self.excused)


@dataclass
class Line:
    """One severity and plan: now, and as it would be."""

    severity: str
    plan: str
    was: Side = field(default_factory=Side)
    would_be: Side = field(default_factory=Side)


@dataclass
class Comparison:
    """The whole answer. `looked_at` of `tickets`; `more`: differences that are counted and not listed; `changes`: how
    many went from the one verdict to the other.
    """

    since: datetime
    tickets: int
    looked_at: int = 0
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    differing: list[Outcome] = field(default_factory=list)
    more: int = 0
    changes: dict[tuple[str, str], int] = field(default_factory=dict)
    plan_names: dict[str, str] = field(default_factory=dict)

    @property
    def sorted_lines(self) -> list[Line]:
        """P0 first, then by plan."""
        return [self.lines[key] for key in sorted(self.lines)]

    @property
    def whole(self) -> Line:
        """All lines together."""
        line = Line("", "")
        for one in self.lines.values():
            for side, part in ((line.was, one.was), (line.would_be, one.would_be)):
                side.kept, side.broken = side.kept + part.kept, side.broken + part.broken
                side.excused += part.excused
        return line

    def add(self, outcomes: list[Outcome]) -> None:
        """The promises of one ticket."""
        self.looked_at += 1
        for one in outcomes:
            key = (one.severity, one.plan)
            line = self.lines.get(key)
            if line is None:
                line = self.lines[key] = Line(*key)
            line.was.add(one.was)
            line.would_be.add(one.would_be)
            if one.differs:
                self._differs(one)

    def _differs(self, outcome: Outcome) -> None:
        change = (outcome.was, outcome.would_be)
        self.changes[change] = self.changes.get(change, 0) + 1
        if len(self.differing) < MOST_LISTED:
            self.differing.append(outcome)
        else:
            self.more += 1


@dataclass(frozen=True)
class Limits:
    """How much to look at: so many tickets, for so many seconds (of whoever waits)."""

    tickets: int | None = None
    seconds: float | None = None


def thought_of(policy: Policy) -> Thought:
    """The policy as what-if takes it."""
    spec = terms_of(policy)
    return Thought(
        severities=spec.severities,
        plans=spec.plans,
        default_plan=spec.default_plan,
        rules=spec.rules,
        book=book_of({key: calendar.spec for key, calendar in policy.calendars.items()}),
    )


def everybodys() -> QuerySet[Ticket]:
    """Every ticket, for who runs the machine; a page starts from `tickets.access.visible_to`."""
    return Ticket.objects.all()


def simulate(
    policy: Policy,
    tickets: QuerySet[Ticket],
    since: datetime,
    now: datetime,
    *,
    limits: Limits = Limits(),
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Comparison:
    """Replay the tickets opened since, the latest first. `tell` hears how many are done, after each batch."""
    thought = thought_of(policy)
    opened = tickets.filter(created_at__gte=since, created_at__lte=now)
    ends_at = time.monotonic() + limits.seconds if limits.seconds is not None else None
    with read_only():
        found = Comparison(since, opened.count(), plan_names={key: plan["name"] for key, plan in thought.plans.items()})
        most = found.tickets if limits.tickets is None else min(limits.tickets, found.tickets)
        book = calendars.current()
        for batch in _batches(opened, most):
            for past in batch:
                found.add(compare(past, book, thought, now))
            tell(found.looked_at, most)
            if ends_at is not None and time.monotonic() > ends_at:
                break
    return found


def _batches(opened: QuerySet[Ticket], most: int) -> Iterator[list[Past]]:
    """Batches by id, each with its events in one statement; nothing is held between them."""
    columns = ("pk", "number", "severity", "organization__plan")
    before: int | None = None
    while most > 0:
        rows = (opened if before is None else opened.filter(pk__lt=before)).order_by("-pk")
        batch = list(rows.values_list(*columns)[: min(BATCH, most)])
        if not batch:
            return
        histories = events_of([pk for pk, *_ in batch])
        yield [Past(number, plan or "", severity, histories.get(pk, [])) for pk, number, severity, plan in batch]
        most, before = most - len(batch), batch[-1][0]
