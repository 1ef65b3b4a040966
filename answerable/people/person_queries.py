"""People for those who look after them: found by words, and one with all that belongs to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Func, Prefetch, QuerySet, TextField, Value

from answerable.lib.errors import Refused
from answerable.lib.folding import words_of
from answerable.people.models import Grant, Membership, Person, Role
from answerable.people.queries import grants_in_force
from answerable.people.words import FoldedWords

PAGE = 50


@dataclass(frozen=True)
class Found:
    """A page of people by address, with their memberships; `next` is the id of the last one where more follow."""

    rows: list[Person]
    next: int | None


def search(text: str, after: int | None) -> Found:
    """People by beginnings of the words of their name and address, or by a part of their organization's name."""
    rows = Person.objects.filter(merged_into__isnull=True).prefetch_related(_memberships()).order_by("email")
    words = words_of(text)
    if words:
        rows = rows.filter(pk__in=_named(words).union(_of_organizations(text)))
    if after is not None:
        last = Person.objects.filter(pk=after).values_list("email", flat=True).first()
        rows = rows.filter(email__gt=last or "")
    found = list(rows[: PAGE + 1])
    return Found(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def _memberships() -> "Prefetch[str]":
    return Prefetch("memberships", Membership.objects.select_related("organization").order_by("organization__name"))


def _named(words: list[str]) -> QuerySet[Person, int]:
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    rows = Person.objects.alias(words=FoldedWords("name", "email")).filter(words=query)
    return rows.order_by().values_list("pk", flat=True)


def _of_organizations(text: str) -> QuerySet[Membership, int]:
    rows = Membership.objects.filter(organization__name__icontains=text.strip())
    return rows.order_by().values_list("person", flat=True)


def person(pk: int) -> Person:
    """The person with this id. Raises Refused."""
    row = Person.objects.filter(pk=pk).select_related("merged_into").prefetch_related(_memberships()).first()
    if row is None:
        raise Refused("not_found", "There is no such person.")
    return row


def aliases(person: Person) -> list[str]:
    """Addresses of those who were merged into the person."""
    return list(Person.objects.filter(merged_into=person).order_by("email").values_list("email", flat=True))


def grants_to(person: Person, now: datetime) -> list[Grant]:
    """What the person may read by grant at `now`."""
    rows = grants_in_force(person, now).select_related("organization")
    return list(rows.order_by("organization__name", "id"))


def lock_people(*ids: int) -> dict[int, Person]:
    """These people, locked in the order of their ids."""
    rows = Person.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def other_admins(person: Person) -> bool:
    """Whether somebody else is an administrator who can log in."""
    return Person.objects.filter(role="admin", is_active=True).exclude(pk=person.pk).exists()


def proven_at(names: Iterable[str]) -> dict[str, list[int]]:
    """Customers with a proven address at these domains: their ids by domain, where there are any."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    at = Func(F("email"), Value("@"), Value(2), function="split_part", output_field=TextField())
    rows = Person.objects.filter(email_verified_at__isnull=False, is_active=True, role=Role.CUSTOMER)
    found: dict[str, list[int]] = {}
    for pk, name in rows.annotate(at=at).filter(at__in=wanted).order_by("pk").values_list("pk", "at"):
        found.setdefault(name, []).append(pk)
    return found
