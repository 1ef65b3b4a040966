"""Staff who are away: no rule gives them a request until they are back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.models import Absence, Person, Role
from answerable.people.queries import actor_of

LONGEST = timedelta(days=366)
MOST = 100


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


def plan_time_off(by: Person, person: Person, since: datetime, until: datetime, now: datetime) -> Absence:
    """Away in [since, until), which may lie ahead; what is planned besides stays."""
    _require(by, person)
    since = max(since, now)
    if Absence.objects.filter(person=person, ended_at__isnull=True, until__gt=now).count() >= MOST:
        raise Refused("too_many", _("%(most)s times off are planned already. Cancel some first.") % {"most": MOST})
    if not since < until <= now + LONGEST:
        raise Refused("invalid", _("Time off ends after it begins, and within a year from now."))
    with transaction.atomic():
        row = Absence.objects.create(person=person, since=since, until=until, set_by=by)
        span = {"since": since.isoformat(), "until": until.isoformat()}
        record(actor_of(by), "plan_time_off", ("person", person.pk), now, absence=row.pk, **span)
    return row


def end_time_off(by: Person, pk: int, now: datetime) -> Absence:
    """It is over as of now, or does not come: what was of it stays. Ended twice is ended."""
    with transaction.atomic():
        row = Absence.objects.select_for_update(of=["self"]).select_related("person").filter(pk=pk).first()
        if row is None:
            raise Refused("not_found", _("There is no such time off."))
        _require(by, row.person)
        if row.ended_at is None and row.until > now:
            row.ended_at = now
            row.save(update_fields=["ended_at"])
            record(actor_of(by), "end_time_off", ("person", row.person_id), now, absence=row.pk)
    return row


def _end(person: Person, now: datetime) -> int:
    """What they are away for now; time off that lies ahead stays planned."""
    rows = Absence.objects.filter(person=person, ended_at__isnull=True, since__lte=now, until__gt=now)
    return rows.update(ended_at=now)


def _require(by: Person, person: Person) -> None:
    if not person.is_staff:
        raise Refused("not_found", _("There is nobody of that name on the team."))
    if by.pk != person.pk and by.role not in {Role.LEAD, Role.ADMIN}:
        raise Refused("not_allowed", _("Only leads and administrators say so of others."))
