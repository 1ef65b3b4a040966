"""Stop automatic mail to an address, and lift that again."""

from datetime import datetime

from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.lib.errors import Refused
from answerable.people.models import MailStop, Person
from answerable.people.queries import actor_of


def stop_mail(person: Person, kind: str, why: str, now: datetime) -> bool:
    """From now on, until staff lift it. False where it holds already."""
    same = {"person": person, "address": person.email, "kind": kind}
    if MailStop.objects.filter(**same, lifted_at__isnull=True).exists():
        return False
    MailStop.objects.bulk_create([MailStop(**same, since=now, why=why[:1000])], ignore_conflicts=True)
    record(system("mail room"), "stop_mail", ("person", person.pk), now, kind=kind, address=person.email)
    return True


def lift(by: Person, person: Person, now: datetime) -> None:
    """Automatic mail goes to the person again. Lifted by somebody else meanwhile: nothing."""
    if not by.is_staff:
        raise Refused("not_allowed", _("Only your team may do this."))
    rows = MailStop.objects.filter(person=person, lifted_at__isnull=True)
    if rows.update(lifted_at=now, lifted_by=by):
        record(actor_of(by), "lift_mail_stop", ("person", person.pk), now, address=person.email)
