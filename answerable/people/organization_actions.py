"""Write organizations: their names, domains and members. What reaches their requests is a verb of casework."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib import domains
from answerable.lib.errors import Refused
from answerable.lib.zones import is_zone
from answerable.people.access import administers, looks_after
from answerable.people.actions import add_member, contact
from answerable.people.models import Domain, Membership, Organization, Person
from answerable.people.queries import actor_of, by_email

# Addresses of pages, not of organizations.
RESERVED = {"new", "create", "import"}


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


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:58].strip("-") or "organization"
    taken = set(Organization.objects.filter(slug__startswith=wanted).values_list("slug", flat=True)) | RESERVED
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
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


def claim_domain(by: Person, organization: Organization, text: str, now: datetime) -> Domain:
    """Mail from this domain counts as the organization's from now on, on the word of whoever claims it."""
    _require(looks_after(by, organization))
    name = domains.read(text)
    if name is None:
        raise Refused("invalid", _("%(text)s is no e-mail domain. It looks like example.com.") % {"text": text.strip()})
    if name in domains.SHARED:
        raise Refused("shared", _("Anybody can have an address at %(name)s, so it is nobody's.") % {"name": name})
    with transaction.atomic():
        row, is_new = Domain.objects.select_related("organization").get_or_create(
            name=name, defaults={"organization": organization, "claimed_by": by, "claimed_at": now}
        )
        if row.organization_id != organization.pk:
            raise Refused("taken", _("%(name)s belongs to %(owner)s.") % {"name": name, "owner": row.organization.name})
        if not is_new and row.is_trusted:
            return row
        row.claimed_by, row.claimed_at = by, now
        row.save(update_fields=["claimed_by", "claimed_at"])
        record(actor_of(by), "claim_domain", ("organization", organization.pk), now, domain=name)
    return row


def release_domain(by: Person, organization: Organization, pk: int, now: datetime) -> None:
    """Mail from the domain is a stranger's from now on; requests stay where they are."""
    _require(looks_after(by, organization))
    with transaction.atomic():
        row = Domain.objects.filter(organization=organization, pk=pk).first()
        if row is None:
            raise Refused("not_found", _("This domain is no longer the organization's."))
        record(actor_of(by), "release_domain", ("organization", organization.pk), now, domain=row.name)
        row.delete()


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
