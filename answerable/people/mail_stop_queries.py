"""Addresses to which no automatic mail goes, for those who write it and for those who look after people."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from answerable.lib import sql
from answerable.lib.rows import cursor
from answerable.people.models import MailStop, Person

UNDELIVERABLE, COMPLAINED = "undeliverable", "complained"


def stops_of(person: Person) -> list[MailStop]:
    """What stops automatic mail to the person's address now, the latest first."""
    rows = MailStop.objects.filter(person=person, address=person.email, lifted_at__isnull=True)
    return list(rows.order_by("-since", "-id"))


_STOPPED = """
SELECT s.person_id, array_agg(s.kind ORDER BY s.id) FROM people_mailstop s JOIN people_person p ON p.id = s.person_id
WHERE s.person_id = ANY(%(people)s) AND s.address = p.email AND s.lifted_at IS NULL GROUP BY s.person_id
"""


def stopped(people: Iterable[int]) -> dict[int, list[str]]:
    """The same of several, by person: the kinds alone."""
    return dict(sql.rows(_STOPPED, {"people": list(people)}))


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
