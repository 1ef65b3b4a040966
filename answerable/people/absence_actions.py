"""Staff who are away: no rule gives them a request until they are back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.models import Absence, Person, Role
from answerable.people.queries import actor_of

LONGEST = timedelta(days=366)


def go_away(by: Person, person: Person, until: datetime, now: datetime) -> Absence:
    """From now until then; an earlier word of it no longer counts. Oneself, or leads and administrators for others."""
    _require(by, person)
    if not now < until <= now + LONGEST:
        raise Refused("invalid", _("Say until when, between now and a year ahead."))
    with transaction.atomic():
        _end(person, now)
        row = Absence.objects.create(person=person, since=now, until=until, set_by=by)
        record(actor_of(by), "go_away", ("person", person.pk), now, until=until.isoformat())
    return row


def be_back(by: Person, person: Person, now: datetime) -> None:
    """They are here again; nothing where they were never away."""
    _require(by, person)
    with transaction.atomic():
        if _end(person, now):
            record(actor_of(by), "be_back", ("person", person.pk), now)


def _end(person: Person, now: datetime) -> int:
    return Absence.objects.filter(person=person, ended_at__isnull=True, until__gt=now).update(ended_at=now)


def _require(by: Person, person: Person) -> None:
    if not person.is_staff:
        raise Refused("not_found", _("There is nobody of that name on the team."))
    if by.pk != person.pk and by.role not in {Role.LEAD, Role.ADMIN}:
        raise Refused("not_allowed", _("Only leads and administrators say so of others."))
