"""Write people themselves: shut out and let in again, and two that are one."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.access import administers
from answerable.people.models import Grant, Membership, Person, StandingCC
from answerable.people.person_queries import other_admins
from answerable.people.queries import actor_of


def require_admin(by: Person) -> None:
    """Raises Refused unless this is an administrator."""
    if not administers(by):
        raise Refused("not_allowed", _("Only administrators may do this."))


def suspend(by: Person, person: Person, reason: str, now: datetime) -> bool:
    """Nobody logs in as this person, and every session of theirs is over. The caller has locked the row."""
    require_admin(by)
    if by.pk == person.pk:
        raise Refused("oneself", _("You cannot suspend yourself."))
    if administers(person) and not other_admins(person):
        raise Refused("last_admin", _("Nobody would be left who administers this."))
    if not reason.strip():
        raise Refused("reason_missing", _("Say why, in a few words: it stays in the history."))
    if not person.is_active:
        return False
    person.is_active = False
    person.session_epoch += 1
    person.save(update_fields=["is_active", "session_epoch"])
    record(actor_of(by), "suspend_person", ("person", person.pk), now, reason=reason.strip()[:500])
    return True


def restore(by: Person, person: Person, now: datetime) -> None:
    """The person may log in again, with the password they had; sessions and links of before stay over."""
    require_admin(by)
    if person.merged_into_id is not None:
        raise Refused("merged", _("This account was merged into another one, which cannot be undone."))
    if not person.is_active:
        person.is_active = True
        person.session_epoch += 1
        person.save(update_fields=["is_active", "session_epoch"])
        record(actor_of(by), "restore_person", ("person", person.pk), now)


def absorb(by: Person, survivor: Person, other: Person, now: datetime) -> None:
    """What belongs to `other` is the survivor's from now on. The caller has locked both, and moves their requests."""
    mine = Membership.objects.filter(person=survivor).values("organization")
    Membership.objects.filter(person=other, organization__in=mine).delete()
    for rows in (Membership.objects, Grant.objects, StandingCC.objects):
        rows.filter(person=other).update(person=survivor)
    if other.name and not survivor.name:
        survivor.name = other.name
        survivor.save(update_fields=["name"])
    Person.objects.filter(merged_into=other).update(merged_into=survivor)
    other.set_unusable_password()
    other.is_active, other.merged_into = False, survivor
    other.session_epoch = F("session_epoch") + 1
    other.save(update_fields=["password", "is_active", "merged_into", "session_epoch"])
    for subject, with_whom in ((survivor, other), (other, survivor)):
        data = {"person": with_whom.pk, "address": other.email, "into": survivor.pk}
        record(actor_of(by), "merge_person", ("person", subject.pk), now, **data)
