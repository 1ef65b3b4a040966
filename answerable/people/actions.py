"""Write people, organizations and what the policy says of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from answerable.audit.actions import record, system
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.lib.rows import insert
from answerable.people.access import may_grant, may_revoke
from answerable.people.models import (
    INTERNAL,
    CalendarVersion,
    Grant,
    LinkAsked,
    Membership,
    Organization,
    Person,
    Role,
    Team,
    Vendor,
)
from answerable.people.queries import actor_of, by_email, organization_of_address

# In force since ever.
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def contact(address: str, name: str, now: datetime) -> Person:
    """The person with this address, made if unknown; a known name is never overwritten (mail contract E-25).

    A contact has no password and no verified address: a mere message opens no door.
    """
    address = address.lower()
    person = by_email(address) or new_contact(address, name, now)
    if name and not person.name:
        Person.objects.filter(pk=person.pk, name="").update(name=name[:200])
        person.name = name[:200]
    return person


def new_contact(address: str, name: str, now: datetime) -> Person:
    """`contact`, for who has just seen that the address is unknown."""
    person = Person(email=address.lower(), name=name[:200], joined_at=now)
    person.set_unusable_password()
    # Two mails of a new person at once: the second insert waits for the first, does nothing, and finds its row.
    insert([person], once=Person)
    if person.pk is None:
        return Person.objects.get(email=person.email)
    person.made_now = True
    return person


def internal_organization(now: datetime) -> Organization:
    """Where our own probes belong: no customer, and on no list."""
    values = {"name": "Answerable (internal)", "created_at": now}
    return Organization.objects.get_or_create(slug=INTERNAL, defaults=values)[0]


def make_person(email: str, name: str, role: str, password: str | None, now: datetime) -> Person:
    """An account, by staff or by the demo. `password` None: cannot log in with one yet."""
    if role not in Role.values:
        raise Refused("unknown_role", f"There is no role {role!r}.")
    person = Person(email=email.lower(), name=name, role=role, joined_at=now, email_verified_at=now)
    person.set_password(password)
    person.save()
    return person


def prove_address(person: Person, now: datetime, name: str = "", source: str = "verified") -> None:
    """The person has shown that they read the mail of their address: from now on they may log in, and they belong to
    the organization that has its domain. The only way from a contact to an account; twice is once.

    `source`: "verified" by a link in their mailbox, "sso" by the word of their organization.
    """
    with transaction.atomic():
        if Person.objects.filter(pk=person.pk, email_verified_at__isnull=True).update(email_verified_at=now):
            person.email_verified_at = now
            record(actor_of(person), "prove_address", ("person", person.pk), now)
        if name and Person.objects.filter(pk=person.pk, name="").update(name=name[:200]):
            person.name = name[:200]
        organization = None if person.is_staff else organization_of_address(person.email)
        if organization is not None:
            add_member(person, organization, source, now)


def ask_link(address: str, now: datetime, *, signs_up: bool) -> LinkAsked:
    """Somebody wants to choose a password. Nothing is looked up: how long it takes must not say who has an account."""
    return LinkAsked.objects.create(address=address.lower(), signs_up=signs_up, at=now)


def take_link(asked_id: int) -> LinkAsked | None:
    """What was asked for, once."""
    asked = LinkAsked.objects.select_for_update().filter(pk=asked_id).first()
    if asked is not None:
        LinkAsked.objects.filter(pk=asked_id).delete()
    return asked


def end_sessions(person: Person, pks: Iterable[int]) -> int:
    """Sign the person out in these browsers; returns in how many. Those of others are left alone."""
    rows = list(UserSession.objects.filter(user=person, pk__in=pks))
    for row in rows:
        row.end()
    return len(rows)


def add_member(person: Person, organization: Organization, source: str, now: datetime) -> Membership:
    """Make the person a member; asking twice changes nothing."""
    row, _ = Membership.objects.get_or_create(
        person=person, organization=organization, defaults={"source": source, "since": now}
    )
    return row


@dataclass(frozen=True)
class GrantTerms:
    """Why a person may read an organization's requests, and until when (None: until revoked)."""

    reason: str
    expires_at: datetime | None = None


def grant(by: Person, to: Person, organization: Organization, terms: GrantTerms, now: datetime) -> Grant:
    """Let `to` read the organization's requests. Raises Refused unless `by` is its CSM or an administrator."""
    if not may_grant(by, organization):
        raise Refused("not_allowed", "Only the organization's customer success manager may grant this.")
    if not terms.reason.strip():
        raise Refused("reason_missing", "Say why this person may read the organization's requests.")
    if terms.expires_at is not None and terms.expires_at <= now:
        raise Refused("already_over", "The end of the grant lies in the past.")
    with transaction.atomic():
        row = Grant.objects.create(
            person=to,
            organization=organization,
            granted_by=by,
            reason=terms.reason,
            granted_at=now,
            expires_at=terms.expires_at,
        )
        record(
            actor_of(by),
            "grant",
            ("organization", organization.pk),
            now,
            person=to.pk,
            grant=row.pk,
            reason=terms.reason,
        )
    return row


def revoke(by: Person, row: Grant, now: datetime) -> bool:
    """End a grant now; False where it was revoked already."""
    if not may_revoke(by, row):
        raise Refused("not_allowed", "Only the organization's customer success manager may revoke this.")
    with transaction.atomic():
        if Grant.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=now, revoked_by=by):
            record(
                actor_of(by), "revoke", ("organization", row.organization_id), now, person=row.person_id, grant=row.pk
            )
            return True
    return False


def mark_ended(row: Grant, now: datetime) -> None:
    """Keep that a grant ended by itself, and that its people are told so. The caller has locked it."""
    row.end_told_at = now
    row.save(update_fields=["end_told_at"])
    subject = ("organization", row.organization_id)
    record(system("grants"), "end_grant", subject, now, person=row.person_id, grant=row.pk)


@dataclass(frozen=True)
class TeamSpec:
    """A team as the policy names it."""

    key: str
    name: str
    restricted: bool = False
    assign: str = "none"
    most_open: int | None = None


def apply_teams(specs: Iterable[TeamSpec], now: datetime) -> None:
    """The policy's teams: made, renamed, brought back, or retired where the policy no longer names them."""
    keys = []
    for spec in specs:
        keys.append(spec.key)
        said = {
            "name": spec.name,
            "restricted": spec.restricted,
            "assign": spec.assign,
            "most_open": spec.most_open,
            "retired_at": None,
        }
        Team.objects.update_or_create(key=spec.key, defaults=said)
    Team.objects.exclude(key__in=keys).filter(retired_at__isnull=True).update(retired_at=now)


def apply_calendars(specs: Mapping[str, Mapping[str, object]], now: datetime) -> list[str]:
    """Calendars by key, in the JSON shape of `lib.worktime`. A changed one becomes a new version in force from `now`;
    returns the keys of those, whose clocks must be read anew.

    A calendar's first version is in force since ever, so that no second of an older ticket lies outside every version.
    """
    changed = []
    for key, spec in specs.items():
        last = CalendarVersion.objects.filter(key=key).order_by("-number").first()
        if last is None:
            CalendarVersion.objects.create(key=key, number=1, spec=spec, effective_from=EVER)
        elif last.spec != spec:
            CalendarVersion.objects.create(key=key, number=last.number + 1, spec=spec, effective_from=now)
            changed.append(key)
    return changed


@dataclass(frozen=True)
class VendorSpec:
    """The vendor as the policy names it; `settings` are the policy's small switches that rooms read."""

    name: str
    product: str
    support_address: str
    portal_address: str
    zone: str
    settings: Mapping[str, object]


def apply_vendor(spec: VendorSpec, policy_version: int) -> None:
    """Write the one vendor row."""
    Vendor.objects.update_or_create(
        id=1,
        defaults={
            "name": spec.name,
            "product": spec.product,
            "support_address": spec.support_address,
            "portal_address": spec.portal_address.rstrip("/"),
            "zone": spec.zone,
            "settings": dict(spec.settings),
            "policy_version": policy_version,
        },
    )
    forget_all()
