"""Grants, with what follows: its people are told, and the open pages of who loses one hear nothing more."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.access_mail import tell_granted, tell_over
from answerable.casework.standing_actions import end_standing
from answerable.lib.errors import Refused
from answerable.live.actions import end_streams
from answerable.people import actions as people
from answerable.people import organization_actions as organizations
from answerable.people.models import Grant, Organization, Person
from answerable.people.organization_queries import lock_grant, lock_organization
from answerable.people.queries import grants_in_force, standing_ccs


def grant(by: Person, to: Person, organization: Organization, terms: people.GrantTerms, now: datetime) -> Grant:
    """Let a customer read the organization's requests; they and its other readers are told. Raises Refused."""
    with transaction.atomic():
        lock_organization(organization.pk)
        if to.role != "customer" or not to.is_active:
            raise Refused("not_a_customer", _("%(name)s is no customer with an account.") % {"name": to.label})
        if grants_in_force(to, now).filter(organization=organization).exists():
            raise Refused("granted", _("%(name)s may read them already. Revoke that grant first.") % {"name": to.label})
        row = people.grant(by, to, organization, terms, now)
        tell_granted(row, now)
    return row


def revoke(by: Person, grant: Grant, now: datetime) -> None:
    """End the grant, and every live stream that was opened under it. Raises Refused unless `by` may."""
    with transaction.atomic():
        in_force = grant.holds_at(now)
        if people.revoke(by, grant, now) and in_force:
            tell_over(grant, by, now)
        end_streams(grant.person_id)


def remove_member(by: Person, organization: Organization, person: Person, now: datetime) -> None:
    """Who no longer belongs to the organization no longer reads its requests, nor is CC'd on all of them."""
    with transaction.atomic():
        organizations.remove_member(by, organization, person, now)
        for row in grants_in_force(person, now).filter(organization=organization).select_related("organization"):
            revoke(by, row, now)
        for standing in standing_ccs(organization, now).filter(person=person):
            end_standing(by, standing.pk, now)


def end_grant(grant_id: int, now: datetime) -> None:
    """A grant ended by itself: keep it, and tell its people once. Access has ended in the second that it named."""
    with transaction.atomic():
        row = lock_grant(grant_id)
        if row.end_told_at is not None or row.revoked_at is not None or row.holds_at(now):
            return
        people.mark_ended(row, now)
        end_streams(row.person_id)
        if not grants_in_force(row.person, now).filter(organization=row.organization).exists():
            tell_over(row, None, now)
