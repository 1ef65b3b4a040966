"""Write organizations: their names and members. What reaches their requests is a verb of casework."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.lib.zones import is_zone
from answerable.people.access import administers, looks_after
from answerable.people.actions import add_member, contact
from answerable.people.models import Membership, Organization, Person
from answerable.people.queries import actor_of, by_email

# Addresses of pages, not of organizations.
RESERVED = {"new", "create", "import", "staff"}


@dataclass(frozen=True)
class OrganizationSpec:
    """What an organization is called, who looks after it, and where it is."""

    name: str
    csm: Person | None
    zone: str


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused("not_allowed", _("This is for administrators and the organization's customer success manager."))


def _checked(spec: OrganizationSpec) -> OrganizationSpec:
    name = " ".join(spec.name.split())
    if not name:
        raise Refused("invalid", _("An organization needs a name."))
    if spec.csm is not None and not spec.csm.is_staff:
        raise Refused("not_staff", _("Only somebody on the team can look after an organization."))
    if not is_zone(spec.zone):
        raise Refused("invalid", _("There is no time zone %(zone)s.") % {"zone": spec.zone})
    return OrganizationSpec(name[:200], spec.csm, spec.zone)


def create_organization(by: Person, spec: OrganizationSpec, plan: str, now: datetime) -> Organization:
    """A new customer. The caller has looked whether the policy knows the plan."""
    _require(administers(by))
    spec = _checked(spec)
    if Organization.objects.filter(name__iexact=spec.name).exists():
        raise Refused("exists", _("There is an organization %(name)s already.") % {"name": spec.name})
    with transaction.atomic():
        row = Organization.objects.create(
            name=spec.name, slug=_free_slug(spec.name), plan=plan, csm=spec.csm, zone=spec.zone, created_at=now
        )
        record(actor_of(by), "create_organization", ("organization", row.pk), now, name=row.name, plan=plan)
    return row


def _wanted_slug(name: str) -> str:
    return slugify(name)[:58].strip("-") or "organization"


def _free_slug(name: str) -> str:
    taken = Organization.objects.filter(slug__startswith=_wanted_slug(name)).values_list("slug", flat=True)
    return new_slug(name, set(taken))


def new_slug(name: str, taken: set[str]) -> str:
    """One that is not taken; it is from then on."""
    wanted = _wanted_slug(name)
    number, slug = 1, wanted
    while slug in taken or slug in RESERVED:
        number += 1
        slug = f"{wanted}-{number}"
    taken.add(slug)
    return slug


def edit_organization(by: Person, organization: Organization, spec: OrganizationSpec, now: datetime) -> None:
    """Another name, manager or zone; its address stays. Nothing is written where nothing differs."""
    _require(administers(by))
    spec = _checked(spec)
    with transaction.atomic():
        row = Organization.objects.select_for_update(of=("self",)).select_related("csm").get(pk=organization.pk)
        if Organization.objects.filter(name__iexact=spec.name).exclude(pk=row.pk).exists():
            raise Refused("exists", _("There is an organization %(name)s already.") % {"name": spec.name})
        before = {"name": row.name, "csm": row.csm_id, "zone": row.zone}
        after = {"name": spec.name, "csm": spec.csm.pk if spec.csm else None, "zone": spec.zone}
        changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
        if changed:
            row.name, row.csm, row.zone = spec.name, spec.csm, spec.zone
            row.save(update_fields=["name", "csm", "zone"])
            record(actor_of(by), "edit_organization", ("organization", row.pk), now, changed=changed)


def add_by_address(by: Person, organization: Organization, address: str, name: str, now: datetime) -> Person:
    """Make somebody a member by their address; an unknown one becomes a contact who has no password yet."""
    _require(looks_after(by, organization))
    known = by_email(address)
    if known is not None and known.role != "customer":
        raise Refused("is_staff", _("%(name)s works here, and sees requests at the desk.") % {"name": known.label})
    with transaction.atomic():
        person = contact(address, name, now)
        if not Membership.objects.filter(person=person, organization=organization).exists():
            add_member(person, organization, "staff", now)
            record(actor_of(by), "add_member", ("organization", organization.pk), now, person=person.pk)
    return person


def remove_member(by: Person, organization: Organization, person: Person, now: datetime) -> None:
    """The person no longer belongs to the organization. Twice is once."""
    _require(looks_after(by, organization))
    with transaction.atomic():
        gone, _rows = Membership.objects.filter(person=person, organization=organization).delete()
        if gone:
            record(actor_of(by), "remove_member", ("organization", organization.pk), now, person=person.pk)
