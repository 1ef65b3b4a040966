"""Which of the words of a text are somebody's name or domain: so that they can be taken out of it."""

from collections.abc import Iterable

from django.db.models.functions import Lower

from answerable.people.models import INTERNAL, Domain, Membership, Organization, Person

# As many of an organization's people are looked for by their first or last name alone, too.
MOST = 500


def colleagues(organizations: Iterable[int]) -> list[Person]:
    """The people of these organizations, at most MOST."""
    members = Membership.objects.filter(organization__in=list(organizations)).values("person")
    return list(Person.objects.filter(pk__in=members).order_by("pk")[:MOST])


def known_people(names: Iterable[str]) -> list[Person]:
    """Customers whose whole name is among these, in small letters. It reads all of them: for what is rarely done."""
    rows = Person.objects.annotate(said=Lower("name")).filter(said__in=list(names), role="customer").exclude(name="")
    return list(rows.order_by("pk")[:MOST])


def known_organizations(names: Iterable[str]) -> list[str]:
    """Organizations whose name is among these, in small letters."""
    rows = Organization.objects.annotate(said=Lower("name")).filter(said__in=list(names)).exclude(slug=INTERNAL)
    return list(rows.values_list("name", flat=True)[:MOST])


def known_domains(hosts: Iterable[str], organizations: Iterable[int]) -> list[str]:
    """Those of these hosts that are an organization's domain, and all domains of these organizations."""
    named = Domain.objects.filter(name__in=list(hosts)).values_list("name", flat=True)
    theirs = Domain.objects.filter(organization__in=list(organizations)).values_list("name", flat=True)
    return sorted({*named, *theirs})


def names_of(organizations: Iterable[int]) -> list[str]:
    """What these organizations are called."""
    return list(Organization.objects.filter(pk__in=list(organizations)).values_list("name", flat=True))
