"""Organizations and people by what somebody typed, and their names by id: for filters."""

from collections.abc import Iterable

from django.db.models import Q

from answerable.people.models import INTERNAL, Organization, Person
from answerable.people.queries import by_email


def organization_called(text: str) -> int | None:
    """The one organization of this name or slug, or the only one whose name begins so."""
    text = text.strip()
    rows = Organization.objects.exclude(slug=INTERNAL).order_by("id")
    for which in (Q(slug=text.lower()) | Q(name__iexact=text), Q(name__istartswith=text)):
        found = list(rows.filter(which).values_list("pk", flat=True)[:2])
        if found:
            return found[0] if len(found) == 1 else None
    return None


def person_called(address: str) -> int | None:
    """Whose address this is."""
    found = by_email(address.strip())
    return found.pk if found else None


def names_of(organizations: Iterable[int], people: Iterable[int]) -> dict[tuple[str, int], tuple[str, str]]:
    """Name and handle (slug, address) of each, by ("organization" or "person", id)."""
    organizations, people = set(organizations), set(people)
    found: dict[tuple[str, int], tuple[str, str]] = {}
    if organizations:
        for pk, name, slug in Organization.objects.filter(pk__in=organizations).values_list("pk", "name", "slug"):
            found["organization", pk] = (name, slug)
    if people:
        for person in Person.objects.filter(pk__in=people):
            found["person", person.pk] = (person.label, person.email)
    return found
