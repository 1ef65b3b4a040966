"""Write who is CC'd on every request of an organization; what that does to requests is casework's."""

from datetime import datetime

from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.lib.errors import Refused
from answerable.people.access import may_grant
from answerable.people.models import Organization, Person, StandingCC
from answerable.people.queries import actor_of, standing_ccs


def set_standing(
    by: Person, to: Person, organization: Organization, until: datetime | None, now: datetime
) -> StandingCC:
    """From now on, until then or until it is ended. Runs in the caller's transaction, which holds the organization."""
    _require(by, organization)
    if until is not None and until <= now:
        raise Refused("already_over", _("The last day lies in the past."))
    if standing_ccs(organization, now).filter(person=to).exists():
        raise Refused("standing", _("%(name)s is CC'd on all of them already. End that first.") % {"name": to.label})
    row = StandingCC.objects.create(person=to, organization=organization, since=now, until=until, set_by=by)
    subject = ("organization", organization.pk)
    end = until.isoformat() if until else None
    record(actor_of(by), "set_standing_cc", subject, now, person=to.pk, standing=row.pk, until=end)
    return row


def _require(by: Person, organization: Organization) -> None:
    if not may_grant(by, organization):
        raise Refused("not_allowed", _("This is for administrators and the organization's customer success manager."))


def end_standing(by: Person | None, row: StandingCC, now: datetime) -> None:
    """Over from now on; `by` None: by itself. The caller has locked the row."""
    if by is not None:
        _require(by, row.organization)
    row.ended_at, row.ended_by, row.fill_after = now, by, None
    row.save(update_fields=["ended_at", "ended_by", "fill_after"])
    actor = actor_of(by) if by else system("standing CC")
    record(actor, "end_standing_cc", ("organization", row.organization_id), now, person=row.person_id, standing=row.pk)
