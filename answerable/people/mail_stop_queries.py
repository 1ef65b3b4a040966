"""Addresses to which no automatic mail goes, for those who write it and for those who look after people."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Max

from answerable.lib.rows import cursor
from answerable.people.models import MailStop, Person

UNDELIVERABLE, COMPLAINED = "undeliverable", "complained"


def stops_of(person: Person) -> list[MailStop]:
    """What stops automatic mail to the person's address now, the latest first."""
    rows = MailStop.objects.filter(person=person, address=person.email, lifted_at__isnull=True)
    return list(rows.order_by("-since", "-id"))


def stopped(people: Iterable[int]) -> dict[int, list[str]]:
    """The same of several, by person: the kinds alone."""
    rows = MailStop.objects.filter(person__in=list(people), address=F("person__email"), lifted_at__isnull=True)
    found: dict[int, list[str]] = {}
    for person, kind in rows.order_by("id").values_list("person", "kind"):
        found.setdefault(person, []).append(kind)
    return found


_KINDS = "SELECT kind FROM people_mailstop WHERE person_id = $1 AND address = $2 AND lifted_at IS NULL"


def kinds_of(person: Person) -> set[str]:
    """The same of one, by a statement that stays prepared: each new request asks it."""
    with cursor() as asked:
        asked.execute(_KINDS, [person.pk, person.email])
        return {kind for (kind,) in asked.fetchall()}


def lifted_at(person: Person) -> datetime | None:
    """When staff last said that the person's address can be reached after all."""
    rows = MailStop.objects.filter(person=person, address=person.email, kind=UNDELIVERABLE)
    found: datetime | None = rows.aggregate(at=Max("lifted_at"))["at"]
    return found
