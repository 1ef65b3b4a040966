"""Organizations for those who look after them: the list, one with all that belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from answerable.lib.errors import Refused
from answerable.people.models import INTERNAL, Domain, Grant, Membership, Organization, Person

PAGE = 50
# More than these are found on a page of their own.
MOST_MEMBERS = 50
MOST_PAST = 20


@dataclass(frozen=True)
class Found:
    """A page of organizations by name; `next` is the id of the last one where more follow."""

    rows: list[Organization]
    next: int | None


def search(text: str, after: int | None, csm: Person | None = None) -> Found:
    """Organizations whose name or one of whose domains holds the text, by name; `csm`: only those of this manager."""
    rows = Organization.objects.select_related("csm").prefetch_related(_domains()).order_by(Lower("name"), "id")
    rows = rows.exclude(slug=INTERNAL)
    if csm is not None:
        rows = rows.filter(csm=csm)
    for word in text.split():
        named = Domain.objects.filter(name__contains=word.lower()).values("organization")
        rows = rows.filter(Q(name__icontains=word) | Q(pk__in=named))
    if after is not None:
        rows = _behind(rows, after)
    found = list(rows[: PAGE + 1])
    return Found(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def _domains() -> "Prefetch[str]":
    return Prefetch("domains", Domain.objects.order_by("name"))


def _behind(rows: QuerySet[Organization], after: int) -> QuerySet[Organization]:
    last = Organization.objects.filter(pk=after).values_list(Lower("name"), flat=True).first()
    if last is None:
        return rows
    # A row comparison that PostgreSQL turns into one index condition.
    rows = rows.annotate(by_name=Lower("name"))
    return rows.filter(Q(by_name__gte=last) & (Q(by_name__gt=last) | Q(id__gt=after)))


def organization(slug: str) -> Organization:
    """The organization with this address. Raises Refused."""
    row = (
        Organization.objects.select_related("csm")
        .prefetch_related(_domains())
        .filter(slug=slug)
        .exclude(slug=INTERNAL)
        .first()
    )
    if row is None:
        raise Refused("not_found", "There is no such organization.")
    return row


def members(organization: Organization) -> list[Membership]:
    """Who belongs to it, by name; one more than a page shows where there are more."""
    rows = Membership.objects.filter(organization=organization).select_related("person")
    return list(rows.order_by(Lower("person__name"), "person__email")[: MOST_MEMBERS + 1])


def member(organization: Organization, pk: int) -> Person:
    """A person who belongs to it. Raises Refused."""
    row = Membership.objects.filter(organization=organization, person=pk).select_related("person").first()
    if row is None:
        raise Refused("not_found", "This person is no longer a member.")
    return row.person


def _in_force(now: datetime) -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))


def domain(organization: Organization, pk: int) -> Domain:
    """One of its domains, trusted or not. Raises Refused."""
    row = Domain.objects.filter(organization=organization, pk=pk).select_related("organization", "claimed_by").first()
    if row is None:
        raise Refused("not_found", "This domain is not the organization's.")
    return row


def grants_of(organization: Organization, now: datetime) -> tuple[list[Grant], list[Grant]]:
    """Who may read its requests at `now`, and who might before, latest first (MOST_PAST of them)."""
    rows = Grant.objects.filter(organization=organization).select_related("person", "granted_by", "revoked_by")
    in_force = _in_force(now)
    now_on = list(rows.filter(in_force).order_by(F("expires_at").asc(nulls_last=True), "id"))
    return now_on, list(rows.exclude(in_force).order_by("-id")[:MOST_PAST])


def grant(organization: Organization, pk: int) -> Grant:
    """One of its grants. Raises Refused."""
    row = Grant.objects.filter(organization=organization, pk=pk).select_related("person", "organization").first()
    if row is None:
        raise Refused("not_found", "There is no such grant.")
    return row


def longest_grant(person_id: int, organization_id: int | None, now: datetime) -> Grant | None:
    """Of the grants by which the person may read the organization's requests, the one that lasts longest."""
    rows = Grant.objects.filter(_in_force(now), person=person_id, organization=organization_id)
    rows = rows.select_related("organization", "granted_by")
    return rows.order_by(F("expires_at").desc(nulls_first=True), "id").first()


def lock_organization(pk: int) -> Organization:
    """The organization, locked: two people who grant at once take turns."""
    # Not its key, so that no request that is being opened waits for them.
    return Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)


def lock_grant(pk: int) -> Grant:
    """A grant, locked."""
    return Grant.objects.select_for_update(of=("self",)).select_related("person", "organization").get(pk=pk)


def holds(pk: int, now: datetime) -> bool:
    """Whether this grant is in force at `now`."""
    return Grant.objects.filter(_in_force(now), pk=pk).exists()


def readers(organization: Organization, now: datetime) -> list[Grant]:
    """One grant in force for each person who may read its requests at `now`, by person."""
    rows = Grant.objects.filter(_in_force(now), organization=organization, person__is_active=True)
    return list(rows.select_related("person").order_by("person_id", "-id").distinct("person_id"))


def ended_grants(now: datetime, limit: int) -> list[int]:
    """Grants that ended by themselves and whose people do not know it yet, the oldest first."""
    rows = Grant.objects.filter(revoked_at__isnull=True, end_told_at__isnull=True, expires_at__lte=now)
    return list(rows.order_by("expires_at").values_list("pk", flat=True)[:limit])


def ending(organizations: Iterable[int], now: datetime, until: datetime) -> list[Grant]:
    """Grants of these organizations that end by themselves until then, the next one first."""
    rows = Grant.objects.filter(
        organization__in=list(organizations), revoked_at__isnull=True, expires_at__gt=now, expires_at__lte=until
    )
    return list(rows.select_related("person", "organization").order_by("expires_at", "id"))


def labels_of(ids: Iterable[int]) -> dict[int, str]:
    """Names of these people by id."""
    return {row.pk: row.label for row in Person.objects.filter(pk__in=set(ids)).only("name", "email")}
