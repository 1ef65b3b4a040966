"""Organizations and people by what somebody typed, and their names by id: for filters."""

from collections.abc import Iterable

from django.db.models import Q

from answerable.lib import sql
from answerable.people.models import INTERNAL, Organization
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


_NAMES = """
SELECT 'organization', o.id, o.name, o.slug FROM people_organization o WHERE o.id = ANY(%(organizations)s::bigint[])
UNION ALL
SELECT 'person', p.id, coalesce(nullif(p.name, ''), p.email), p.email FROM people_person p
WHERE p.id = ANY(%(people)s::bigint[])
"""


def names_of(organizations: Iterable[int], people: Iterable[int]) -> dict[tuple[str, int], tuple[str, str]]:
    """Name and handle (slug, address) of each, by ("organization" or "person", id)."""
    wanted = {"organizations": list(organizations), "people": list(people)}
    if not any(wanted.values()):
        return {}
    return {(kind, pk): (name, handle) for kind, pk, name, handle in sql.rows(_NAMES, wanted)}
