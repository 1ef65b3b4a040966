"""How requesters found our help: asked in a period, and what they said, by month, team, agent or organization.

Who was asked counts in the month of the asking, so that the share of those who answer is one of the same people.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from answerable.people.models import Person
from answerable.reports.figures import percent
from answerable.reports.queries import GROUPS, Question
from answerable.tickets.access import visible_to
from answerable.tickets.rating import BAD, GOOD, Rating

BY = ("month", "team", "agent", "organization")
# Of fewer answers a percentage says more than is known: then the numbers stand by themselves.
FEW = 10


@dataclass(frozen=True)
class Opinion:
    """How many were asked, and what they said."""

    asked: int = 0
    good: int = 0
    bad: int = 0

    @property
    def answered(self) -> int:
        return self.good + self.bad

    @property
    def share(self) -> Fraction | None:
        """The part of the answers that is good."""
        return Fraction(self.good, self.answered) if self.answered else None

    @property
    def response(self) -> Fraction | None:
        """The part of those asked who answered."""
        return Fraction(self.answered, self.asked) if self.asked else None

    @property
    def shown(self) -> str:
        """The good ones in words: a share, or of few answers how many."""
        if not self.answered:
            return _("no answers")
        if self.answered < FEW:
            return _("%(good)s of %(answered)s") % {"good": self.good, "answered": self.answered}
        return percent(self.share)

    @property
    def response_shown(self) -> str:
        """Who answered, in the same way."""
        if not self.asked:
            return ""
        if self.asked < FEW:
            return _("%(answered)s of %(asked)s") % {"answered": self.answered, "asked": self.asked}
        return percent(self.response)


@dataclass(frozen=True)
class Line:
    """One line of the table. `key`: a month's first moment, or an id; None for no team, nobody."""

    key: Any
    label: str
    opinion: Opinion


def opinions(person: Person, question: Question, by: str, now: datetime) -> list[Line]:
    """One line for each month, team, … in which somebody was asked. One statement."""
    key, labels = GROUPS[by]
    rows = _asked(person, question, now)
    if by == "month":
        rows = rows.annotate(month=TruncMonth("at", tzinfo=question.zone))
    found = rows.values_list(key, *labels).annotate(
        asked=Count("id"), good=Count("id", filter=Q(score=GOOD)), bad=Count("id", filter=Q(score=BAD))
    )
    order = [F(one).asc(nulls_last=True) for one in labels] + [key]
    return [
        Line(row[0], next((name for name in row[1:-3] if name), ""), Opinion(*row[-3:]))
        for row in found.order_by(*order)
    ]


def together(lines: list[Line]) -> Opinion:
    """All of them."""
    parts = [line.opinion for line in lines]
    return Opinion(sum(p.asked for p in parts), sum(p.good for p in parts), sum(p.bad for p in parts))


@dataclass(frozen=True)
class Word:
    """What somebody wrote, with their answer."""

    number: int
    subject: str
    who: str
    score: str
    comment: str
    at: datetime


MOST_WORDS = 20


def last_words(person: Person, question: Question, now: datetime) -> list[Word]:
    """The latest of those who were not content, or wrote something."""
    rows = _asked(person, question, now).filter(~Q(comment="") | Q(score=BAD), rated_at__isnull=False)
    latest = rows.select_related("ticket", "person").order_by("-rated_at", "-id")[:MOST_WORDS]
    return [
        Word(row.ticket.number, row.ticket.subject, row.person.label, row.score, row.comment, row.rated_at or row.at)
        for row in latest
    ]


def _asked(person: Person, question: Question, now: datetime) -> QuerySet[Rating]:
    q = question
    rows = _seen(person, now).filter(skipped="", at__gte=q.since, at__lt=q.until)
    if q.team is not None:
        rows = rows.filter(team=q.team or None)
    if q.agent is not None:
        rows = rows.filter(agent=q.agent or None)
    if q.organizations is not None:
        rows = rows.filter(organization__in=q.organizations)
    return rows


def _seen(person: Person, now: datetime) -> QuerySet[Rating]:
    """Of tickets that this person may see; where that is all of them, tickets need not be looked at."""
    tickets = visible_to(person, now)
    rows = Rating.objects.all()
    return rows.filter(ticket__in=tickets.values("pk")) if tickets.query.where.children else rows
