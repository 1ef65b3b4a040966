"""Verbs about organizations that reach their open requests: another plan, and a request that belongs elsewhere."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.casework.settle import settle
from answerable.casework.standing import copy_in, leave
from answerable.casework.terms import promise
from answerable.lib.errors import Refused
from answerable.people import organization_actions as people
from answerable.people.models import Organization, Person, Role
from answerable.people.queries import actor_of
from answerable.sla.actions import ask_replan
from answerable.sla.queries import terms
from answerable.tickets import access
from answerable.tickets import actions as tickets
from answerable.tickets.models import Ticket


def create_organization(by: Person, spec: people.OrganizationSpec, plan: str, now: datetime) -> Organization:
    """A new customer, on a plan that the policy knows ("": the default one)."""
    _require_plan(plan)
    return people.create_organization(by, spec, plan, now)


def edit_organization(
    by: Person, organization: Organization, spec: people.OrganizationSpec, plan: str, now: datetime
) -> None:
    """Name, manager, zone and plan together: all of it or nothing."""
    with transaction.atomic():
        people.edit_organization(by, organization, spec, now)
        set_plan(by, organization, plan, now)


def _require_plan(plan: str) -> None:
    if plan and plan not in terms().plans:
        raise Refused("unknown_plan", _("The policy has no plan of this name."))


def set_plan(by: Person, organization: Organization, plan: str, now: datetime) -> None:
    """What the organization has bought. Its open requests get the new promises in the background, from then on."""
    access.require(by.is_staff and by.role == Role.ADMIN, _("Only administrators may change a plan."))
    with transaction.atomic():
        row = Organization.objects.select_for_update().get(pk=organization.pk)
        if row.plan == plan:
            return
        _require_plan(plan)
        record(actor_of(by), "set_plan", ("organization", row.pk), now, before=row.plan, after=plan)
        row.plan = plan
        row.save(update_fields=["plan"])
        ask_replan("plan", str(row.pk), by.label, now)


def move_ticket(by: Person, ticket_id: int, organization: Organization | None, now: datetime) -> Ticket:
    """The request belongs to another organization: its plan holds from now on, and its readers see it.

    What was broken until now stays with the organization of that time (sla contract §1.4).
    """
    with transaction.atomic():
        change = tickets.begin(ticket_id, actor_of(by), now)
        access.require(access.may_work(access.standing(by, change.ticket, now)))
        before = change.ticket.organization
        if before == organization:
            return change.ticket
        change.event(
            "organization",
            before=before.pk if before else None,
            after=organization.pk if organization else None,
            before_label=before.name if before else "",
            after_label=organization.name if organization else "",
        )
        # Who is CC'd on every request of the one organization has no business with the other's.
        leave(change, "moved")
        change.ticket.organization = organization
        copy_in(change)
        promise(change)
        return settle(change, "move_ticket")


def mark_incident(organization: Organization, until: datetime | None, now: datetime) -> None:
    """Something of ours is down for them: until then, nobody's mail waits for having come too often (E-95)."""
    with transaction.atomic():
        Organization.objects.filter(pk=organization.pk).update(incident_until=until)
        record(system("status"), "mark_incident", ("organization", organization.pk), now, until=str(until or ""))
