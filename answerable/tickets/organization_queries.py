"""The requests of organizations, for the pages of those who look after them: always from what the person may see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from answerable.people.models import Grant, Organization, Person, StandingCC
from answerable.people.queries import grants_in_force
from answerable.tickets.access import taking_part, visible_to
from answerable.tickets.conditions import RISK
from answerable.tickets.models import IS_OPEN, NOT_DELETED, OPEN_TO_READERS, Participant, Ticket
from answerable.tickets.queries import COUNT_CAP

SHOWN = 10


@dataclass(frozen=True)
class Tally:
    """How many open requests an organization has, and how many of them broke a promise or are about to."""

    open: int = 0
    broken: int = 0
    at_risk: int = 0


def tallies(person: Person, organizations: Iterable[int], now: datetime) -> dict[int, Tally]:
    """By organization, of what the person may see: costs by what is open in them, by one index."""
    broken, risk = Q(next_due_at__lt=now), Q(next_due_at__gte=now, next_due_at__lt=now + RISK)
    rows = (
        visible_to(person, now)
        .filter(IS_OPEN, organization__in=list(organizations))
        .order_by()
        .values("organization")
        .annotate(open=Count("pk"), broken=Count("pk", filter=broken), at_risk=Count("pk", filter=risk))
        .values_list("organization", "open", "broken", "at_risk")
    )
    return {pk: Tally(*counted) for pk, *counted in rows}


def open_requests(person: Person, organization: Organization, now: datetime) -> list[Ticket]:
    """Its open requests that the person may see, the next promise first; one more than SHOWN where there are more."""
    rows = visible_to(person, now).filter(IS_OPEN, organization=organization).select_related("assignee")
    return list(rows.order_by("next_due_at", "id")[: SHOWN + 1])


@dataclass(frozen=True)
class Preview:
    """What a grant would open to somebody: counts up to COUNT_CAP, in words.

    `more`: requests that they do not see yet; `already`: of all that readers see, those that they take part in;
    `hidden`: sensitive or unverified ones, which no grant shows.
    """

    more: str
    already: str
    hidden: str


def preview(person: Person, organization: Organization, now: datetime) -> Preview:
    """By the very conditions that decide what a reader sees."""
    theirs = Ticket.objects.filter(NOT_DELETED, organization=organization)
    readable = theirs.filter(OPEN_TO_READERS)
    seen = visible_to(person, now).filter(organization=organization)
    return Preview(
        more=_capped(readable.exclude(pk__in=seen.values("pk"))),
        already=_capped(readable.filter(pk__in=seen.values("pk"))),
        hidden=_capped(theirs.filter(Q(sensitive=True) | Q(unverified=True))),
    )


def standing_preview(person: Person, organization: Organization) -> Preview:
    """The same for a standing CC: of the open requests, those that the person would be put on."""
    theirs = Ticket.objects.filter(IS_OPEN, organization=organization)
    listed = theirs.filter(OPEN_TO_READERS)
    on = _taken_part(person)
    return Preview(
        more=_capped(listed.exclude(pk__in=on.values("ticket"))),
        already=_capped(listed.filter(pk__in=on.values("ticket"))),
        hidden=_capped(theirs.filter(Q(sensitive=True) | Q(unverified=True))),
    )


@dataclass(frozen=True)
class Loss:
    """What the end of a grant or of a standing CC takes from somebody: counts up to COUNT_CAP, in words.

    `less`: requests that they see by it alone; `kept`: of those that it shows, what they see in another way, too.
    """

    less: str
    kept: str


def loss_of_grant(grant: Grant, now: datetime) -> Loss:
    """By the very conditions that decide what a reader sees."""
    shown = Ticket.objects.filter(OPEN_TO_READERS, organization=grant.organization_id)
    if not grant.holds_at(now):
        shown = shown.none()
    rest = grants_in_force(grant.person, now).exclude(pk=grant.pk)
    return _loss(shown, _taken_part(grant.person).values("ticket"), rest)


def loss_of_standing(row: StandingCC, now: datetime) -> Loss:
    """The same for the requests that it has put them on."""
    put = Participant.objects.filter(standing=row, ended_at__isnull=True, pending=False)
    by_name = _taken_part(row.person).exclude(pk__in=put.values("pk"))
    shown = Ticket.objects.filter(pk__in=put.values("ticket"))
    return _loss(shown, by_name.values("ticket"), grants_in_force(row.person, now))


def _loss(shown: QuerySet[Ticket], on: QuerySet[Participant, Any], rest: QuerySet[Grant]) -> Loss:
    """`on`: ids of tickets that they take part in all the same; `rest`: grants that they keep."""
    read = Q(organization__in=rest.values("organization")) & OPEN_TO_READERS
    kept = Q(pk__in=on) | read
    return Loss(less=_capped(shown.exclude(kept)), kept=_capped(shown.filter(kept)))


def _taken_part(person: Person) -> QuerySet[Participant]:
    return Participant.objects.filter(person=person, role__in=["requester", "cc"], pending=False, ended_at__isnull=True)


def requests_by(viewer: Person, person: Person, now: datetime) -> list[Ticket]:
    """The latest requests of the person that the viewer may see; one more than SHOWN where there are more."""
    rows = visible_to(viewer, now).filter(requester=person).select_related("organization")
    return list(rows.order_by("-updated_at", "-id")[: SHOWN + 1])


@dataclass(frozen=True)
class Part:
    """On how many requests somebody is, in words, counted up to COUNT_CAP."""

    asked: str
    copied: str


def taken_part(person: Person) -> Part:
    """Their own requests, and those that they are CC'd on."""
    return Part(_capped(taking_part(person, "requester")), _capped(taking_part(person, "cc")))


def _capped(rows: QuerySet[Ticket]) -> str:
    count = rows[:COUNT_CAP].count()
    return f"{COUNT_CAP}+" if count >= COUNT_CAP else str(count)
