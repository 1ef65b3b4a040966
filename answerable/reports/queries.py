"""Promises kept and broken, from the stored legs: what was judged in a period, for whom it counted at that moment.

A leg counts once it is kept or broken; its severity, organization, team and person are those of that moment (sla
contract §1.4). A leg without a target was no promise and is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, F, PositiveIntegerField, Q, QuerySet
from django.db.models.functions import TruncMonth

from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import INTERNAL, Organization, Person
from answerable.reports.figures import Figures
from answerable.reports.late import Late, how_late
from answerable.sla import calendars
from answerable.sla.models import Leg
from answerable.sla.reading import ENGINE_KINDS
from answerable.tickets.access import visible_to
from answerable.tickets.models import Event

PAGE = 50
# A table longer than this is read by a program: the CSV has all of it.
MOST_ROWS = 200
# More organizations than this under one part of a name is no filter.
MOST_NAMED = 500

NOBODY = 0

# What each grouping goes by; the label comes with the key, in the same statement.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "month": ("month", ()),
    "severity": ("severity", ()),
    "metric": ("metric", ()),
    "team": ("team_id", ("team__name",)),
    "organization": ("organization_id", ("organization__name",)),
    "agent": ("agent_id", ("agent__name", "agent__email")),
}


@dataclass(frozen=True)
class Question:
    """Which promises: judged in [since, until), in months of `zone`; "" and None leave a thing open.

    `team` and `agent` may be NOBODY. `organizations` None: any, also none.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    metric: str = ""
    severity: str = ""
    team: int | None = None
    agent: int | None = None
    organizations: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Group:
    """One line of a table. `key`: a month's first moment, an id, a severity or metric; None for no team, nobody."""

    key: Any
    label: str
    figures: Figures


class Median(Aggregate):
    """The middle value, the lower one of two; it is always one that was there."""

    function = "percentile_disc"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = PositiveIntegerField()


def table(person: Person, question: Question, by: str, now: datetime) -> list[Group]:
    """One line for each month, severity, … with a promise judged in it. One statement."""
    key, labels = GROUPS[by]
    legs = _judged(person, question, now)
    if by == "month":
        legs = legs.annotate(month=TruncMonth("judged_at", tzinfo=question.zone))
    elif by == "severity":
        legs = legs.exclude(severity="")
    is_broken, is_excused = Q(breached_at__isnull=False), ~Q(excused="")
    rows = legs.values_list(key, *labels).annotate(
        kept=Count("id", filter=~is_broken),
        broken=Count("id", filter=is_broken & ~is_excused),
        excused=Count("id", filter=is_broken & is_excused),
        median=Median("elapsed", filter=Q(fulfilled_at__isnull=False)),
    )
    order = [F(one).asc(nulls_last=True) for one in labels] + [key]
    return [Group(row[0], _label(row[1:-4]), Figures(*row[-4:])) for row in rows.order_by(*order)]


def _label(names: Sequence[str | None]) -> str:
    return next((name for name in names if name), "")


def _judged(person: Person, question: Question, now: datetime) -> QuerySet[Leg]:
    q = question
    legs = _seen(person, now).filter(judged_at__gte=q.since, judged_at__lt=q.until, target__isnull=False)
    if q.metric:
        legs = legs.filter(metric=q.metric)
    if q.severity:
        legs = legs.filter(severity=q.severity)
    if q.team is not None:
        legs = legs.filter(team=q.team or None)
    if q.agent is not None:
        legs = legs.filter(agent=q.agent or None)
    if q.organizations is not None:
        legs = legs.filter(organization__in=q.organizations)
    return legs


def _seen(person: Person, now: datetime) -> QuerySet[Leg]:
    """The legs of tickets that this person may see; where that is all of them, tickets need not be looked at."""
    tickets = visible_to(person, now)
    legs = Leg.objects.all()
    return legs.filter(ticket__in=tickets.values("pk")) if tickets.query.where.children else legs


def unsettled(person: Person, question: Question, now: datetime) -> dict[str, int]:
    """Promises that ended neither kept nor broken, by state: "cancelled" (solved before they fell due), "carried"
    (merged into another request). They were never judged, so they count for what their request is today.
    """
    q = question
    legs = _seen(person, now).filter(
        state__in=["cancelled", "carried"],
        judged_at__isnull=True,
        target__isnull=False,
        evaluated_at__gte=q.since,
        evaluated_at__lt=q.until,
    )
    if q.metric:
        legs = legs.filter(metric=q.metric)
    if q.severity:
        legs = legs.filter(ticket__severity=q.severity)
    if q.team is not None:
        legs = legs.filter(ticket__team=q.team or None)
    if q.agent is not None:
        legs = legs.filter(ticket__assignee=q.agent or None)
    if q.organizations is not None:
        legs = legs.filter(ticket__organization__in=q.organizations)
    return dict(legs.values_list("state").annotate(Count("id")).order_by("state"))


def organizations_named(text: str) -> tuple[int, ...]:
    """The ids of organizations called this, or else with this in their name."""
    found = list(
        Organization.objects.filter(name__icontains=text).exclude(slug=INTERNAL).values_list("pk", "name")[:MOST_NAMED]
    )
    exact = [pk for pk, name in found if name.casefold() == text.casefold()]
    return tuple(exact or [pk for pk, _ in found])


@dataclass(frozen=True)
class Broken:
    """A broken promise for a list: when it was due, when it was answered (None: not yet), how late by both clocks."""

    number: int
    subject: str
    metric: str
    severity: str
    organization: str
    due_at: datetime
    answered_at: datetime | None
    state: str
    late: Late
    excused: str


def broken(person: Person, question: Question, after: Cursor | None, now: datetime) -> Page[Broken]:
    """The broken promises, latest first. Two statements: the legs, and the histories that say how late they are."""
    legs = _judged(person, question, now).filter(breached_at__isnull=False).select_related("ticket", "organization")
    if after:
        legs = legs.filter(Q(judged_at__lte=after.at) & (Q(judged_at__lt=after.at) | Q(pk__lt=after.id)))
    found = list(legs.order_by("-judged_at", "-id")[: PAGE + 1])
    page = page_of(found, PAGE, lambda leg: Cursor(leg.judged_at or now, leg.pk))
    histories = events_of([leg.ticket_id for leg in page.rows])
    return Page([_broken(leg, histories.get(leg.ticket_id, []), now) for leg in page.rows], page.next)


def _broken(leg: Leg, history: Sequence[Event], now: datetime) -> Broken:
    assert leg.breached_at is not None
    return Broken(
        number=leg.ticket.number,
        subject=leg.ticket.subject,
        metric=leg.metric,
        severity=leg.severity,
        organization=leg.organization.name if leg.organization else "",
        due_at=leg.breached_at,
        answered_at=leg.fulfilled_at,
        state=leg.state,
        late=how_late(history, calendars.current(), leg, now),
        excused=leg.excused,
    )


def events_of(ticket_ids: Sequence[int]) -> dict[int, list[Event]]:
    """What the engine reads of these tickets, in order, by ticket: one statement."""
    histories: dict[int, list[Event]] = {}
    rows = Event.objects.filter(ticket__in=set(ticket_ids), kind__in=READ).only(
        "ticket_id", "kind", "occurred_at", "received_at", "data"
    )
    for row in rows.order_by("ticket_id", "occurred_at", "id"):
        histories.setdefault(row.ticket_id, []).append(row)
    return histories


# Besides what moves clocks, what says at which severity a promise was made.
READ = ENGINE_KINDS | {"opened", "severity", "severity_stated"}
