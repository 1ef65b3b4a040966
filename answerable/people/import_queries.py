"""What is known of all that the tables of an import name, in some statements for thousands of rows each."""

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from answerable.lib import domains
from answerable.lib.errors import Refused
from answerable.lib.tables import Table
from answerable.people.import_rows import domains_in
from answerable.people.import_terms import KnownOrganization, KnownPerson, World
from answerable.people.models import Domain, Import, Membership, Organization, Person, Role
from answerable.people.person_queries import proven_at
from answerable.people.queries import staff

CHUNK = 5000
M = TypeVar("M", bound=Model)
K = TypeVar("K", str, int)


def world(organizations: Table | None, people: Table | None, plans: Mapping[str, str], *, lock: bool = False) -> World:
    """`plans`: keys of the policy by key and name in lower case. `lock`: what is found stays so until the commit."""
    org_rows = organizations.rows if organizations else []
    person_rows = people.rows if people else []
    named = {row.get("name").lower() for row in org_rows} | {row.get("organization").lower() for row in person_rows}
    given = {domains.read(part) or "" for row in org_rows for part in domains_in(row.get("domains"))}
    owners = _owners(given)
    known = _organizations(named, {domain.organization_id for domain in owners}, lock=lock)
    return World(
        organizations={one.name.lower(): one for one in known.values()},
        by_slug={one.slug: one for one in known.values()},
        owners={one.name: (known[one.organization_id], one.is_trusted) for one in owners},
        staff={email: (pk, name or email) for email, pk, name in staff().values_list("email", "pk", "name")},
        plans=plans,
        zones=frozenset(zoneinfo.available_timezones()),
        people=_people(sorted({row.get("email").lower() for row in person_rows}), lock=lock),
        proven={name: len(found) for name, found in proven_at(given).items()},
    )


def _chunks(keys: Iterable[K]) -> Iterator[list[K]]:
    # In one order, so that two imports at once take turns with their locks.
    found = sorted(keys)
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def _locked(rows: "QuerySet[M]", *, lock: bool) -> "QuerySet[M]":
    # Not their keys, so that no request of theirs waits that is being opened.
    return rows.select_for_update(of=("self",), no_key=True) if lock else rows


def _owners(given: Iterable[str]) -> list[Domain]:
    return [row for part in _chunks(given) for row in Domain.objects.filter(name__in=part).order_by("pk")]


def _organizations(named: set[str], also: set[int], *, lock: bool) -> dict[int, KnownOrganization]:
    """Those with one of the names, in whatever case, or slugs, and these besides."""
    # PostgreSQL may fold other letters than Python does, so the names are compared here.
    every = Organization.objects.values_list("pk", "name", "slug").iterator()
    wanted = {pk for pk, name, slug in every if name.lower() in named or slug in named or pk in also}
    rows = (
        row
        for part in _chunks(wanted)
        for row in _locked(Organization.objects.filter(pk__in=part).order_by("pk"), lock=lock)
    )
    return {row.pk: KnownOrganization(row.pk, row.name, row.slug, row.plan, row.csm_id, row.zone) for row in rows}


def _people(addresses: Sequence[str], *, lock: bool) -> dict[str, KnownPerson]:
    """By address; who was merged is the other one."""
    found: dict[str, KnownPerson] = {}
    for part in _chunks(addresses):
        rows = Person.objects.filter(email__in=part).select_related("merged_into").order_by("pk")
        pairs = [(row.email, row.merged_into or row) for row in _locked(rows, lock=lock)]
        belongs: dict[int, set[int]] = {}
        members = Membership.objects.filter(person__in={person.pk for _email, person in pairs})
        for pk, organization in members.values_list("person", "organization"):
            belongs.setdefault(pk, set()).add(organization)
        found |= {email: _known(person, belongs.get(person.pk, set())) for email, person in pairs}
    return found


def _known(person: Person, belongs: set[int]) -> KnownPerson:
    is_staff = person.role != Role.CUSTOMER
    return KnownPerson(person.pk, person.name, person.zone, person.locale, is_staff, frozenset(belongs))


def kept(pk: int, *, lock: bool = False) -> Import:
    """Files that wait to be imported. `lock`: nobody else imports them meanwhile. Raises Refused."""
    row = _locked(Import.objects.select_related("by").filter(pk=pk), lock=lock).first()
    if row is None:
        raise Refused("not_found", "There is no such import.")
    return row


def left_over(before: datetime) -> QuerySet[Import]:
    """Files of that time or older that nobody came back to."""
    return Import.objects.filter(at__lt=before).exclude(organizations=None, people=None)
