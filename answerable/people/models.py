"""Who there is: persons, organizations with their domains, memberships, grants, teams, calendars, and the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allauth.socialaccount.models import SocialApp
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from answerable.people.words import FoldedWords


class Role(models.TextChoices):
    """What a person may be here. One each: a customer success manager is named on the organization besides."""

    CUSTOMER = "customer", "Customer"
    AGENT = "agent", "Agent"
    LEAD = "lead", "Team lead"
    CSM = "csm", "Customer success manager"
    ADMIN = "admin", "Administrator"


class People(BaseUserManager["Person"]):
    """Django's hook for log-in: finds by the address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Staff and customers alike. The e-mail address is the user name, stored in lower case."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.CUSTOMER)
    zone = models.CharField(max_length=64, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    email_verified_at = models.DateTimeField(null=True, blank=True)
    demo = models.BooleanField(default=False)
    # One more ends every session of the person for good.
    session_epoch = models.PositiveIntegerField(default=0)
    # Somebody who turned out to be the same person: what comes from this address is theirs.
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    # Staff who look with this person's eyes, on the object of a request and never stored: whoever asks in the person's
    # name gets no more than these see themselves, and nobody acts (people.seeing_queries).
    seen_by: Person | None = None
    # A contact that this very transaction has made: there is nothing about them yet.
    made_now = False

    objects = People()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower")]
        indexes = [GinIndex(FoldedWords("name", "email"), name="person_found")]

    def get_session_auth_hash(self) -> str:
        """Django compares this with the session's on every request."""
        return self._of_this_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under earlier secret keys."""
        yield from map(self._of_this_epoch, super().get_session_auth_fallback_hash())

    def _of_this_epoch(self, value: str) -> str:
        return f"{value}:{self.session_epoch}" if self.session_epoch else value

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name to show, or the address where no name is known."""
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Works for the vendor: an agent, lead, customer success manager or administrator, still active."""
        return self.is_active and self.role != Role.CUSTOMER


class MailStop(models.Model):
    """No automatic mail goes to this address: it does not exist (`undeliverable`), or who reads it complained
    (`complained`). In force until staff lift it; it is the address that is meant, should the person get another one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mail_stops")
    address = models.EmailField(max_length=254)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in ("undeliverable", "complained")])
    since = models.DateTimeField()
    why = models.TextField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "address", "kind"], condition=Q(lifted_at__isnull=True), name="mail_stop_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.kind}"


# The slug of the organization that our own probes belong to; a form makes slugs without a dot or underscore in front.
INTERNAL = "_internal"


class Organization(models.Model):
    """A customer of the vendor. `plan` is a key of the policy; "" means the policy's default plan."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=64, unique=True)
    plan = models.CharField(max_length=64, blank=True)
    csm = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="looks_after")
    zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField()
    # Until then its people write much, and with reason: nobody's mail waits for its rate (mail contract E-95).
    incident_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(Lower("name"), "id", name="organization_by_name")]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """An e-mail domain that belongs to an organization once it is verified (DNS) or claimed by staff."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253, unique=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(name=Lower("name")), name="domain_lower")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_trusted(self) -> bool:
        """Mail from here may be counted as the organization's."""
        return self.verified_at is not None or self.claimed_at is not None


class Membership(models.Model):
    """A person belongs to an organization: by verification, single sign-on or staff, never by a mere mail."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    source = models.CharField(max_length=16, choices=[("verified", "verified"), ("sso", "sso"), ("staff", "staff")])
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("person", "organization", name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organization_id}"


class Grant(models.Model):
    """Leave to read an organization's requests, for one person, with a reason and (usually) an end."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="grants")
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # When its people were told that it ended by itself.
    end_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index("person", "organization", name="grant_person_org"),
            models.Index(
                fields=["expires_at"],
                condition=Q(revoked_at__isnull=True, end_told_at__isnull=True, expires_at__isnull=False),
                name="grant_to_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.organization_id}"

    def holds_at(self, now: datetime) -> bool:
        """Neither revoked nor expired; in the second of its end it has ended."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class StandingCC(models.Model):
    """A person who is CC'd on each new request of an organization, from `since` until `until` or until it is ended.

    `fill_after`: while it is put on open requests, the last id done; None: nothing is left to do. `cleared_at`: once it
    ended, when the last of its requests had that in its history.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="standing_ccs")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="standing_ccs")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    fill_after = models.BigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    said_after = models.BigIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="standing_to_end"),
            models.Index(
                fields=["id"],
                condition=Q(fill_after__isnull=False) | Q(ended_at__isnull=False, cleared_at__isnull=True),
                name="standing_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} CC'd for {self.organization_id}"


class Team(models.Model):
    """A team of staff. `restricted`: its agents see only the tickets of their own teams."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    restricted = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    members = models.ManyToManyField(Person, related_name="teams", blank=True)
    # By which rule a request gets its assignee (tickets.spread), and how many open ones a member may hold by it.
    assign = models.CharField(max_length=16, default="none", db_default="none")
    most_open = models.PositiveSmallIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """Somebody on the staff is given nothing by a rule from `since` until `until`, or until they say that they are back
    (`ended_at`)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "until"], condition=Q(ended_at__isnull=True), name="absence_of_person")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} away until {self.until:%Y-%m-%d %H:%M}"


class CalendarVersion(models.Model):
    """Opening hours under a key. Never updated: an edit is a new row, in force from `effective_from` (contract §2)."""

    key = models.SlugField(max_length=64)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("key", "number", name="calendar_version_once")]
        ordering = ["key", "number"]

    def __str__(self) -> str:
        return f"{self.key} v{self.number}"


class Vendor(models.Model):
    """The one vendor that this installation serves; written by `answerable apply` alone."""

    name = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    support_address = models.EmailField(max_length=254)
    portal_address = models.CharField(max_length=500)
    zone = models.CharField(max_length=64)
    settings = models.JSONField(default=dict)
    policy_version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="vendor_one")]

    def __str__(self) -> str:
        return self.name


class SignOn(models.Model):
    """Single sign-on of an organization, or of the staff (None). How to reach its identity provider is in `app`.

    `sso_only`: its people may not use a password. `set_up_at`: when its identity provider was last set. While it is off
    (`off_at`) nobody signs in by it, and passwords work again.
    """

    organization = models.OneToOneField(Organization, null=True, on_delete=models.CASCADE, related_name="sign_on")
    app = models.OneToOneField(SocialApp, on_delete=models.CASCADE, related_name="+")
    sso_only = models.BooleanField(default=False)
    set_up_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # The staff have one too, not several.
        constraints = [models.UniqueConstraint(fields=["organization"], name="sign_on_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return str(self.app.client_id)

    @property
    def label(self) -> str:
        """Whose it is."""
        return self.organization.name if self.organization else "staff"


class SignOnAttempt(models.Model):
    """A log-in by single sign-on, for whoever sets it up: what became of it. Kept for a month."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=32)
    email = models.CharField(max_length=254, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.outcome} {self.email}"


class SeenAssertion(models.Model):
    """The id of a SAML assertion that let somebody in: a second time it is a replay. Kept until the assertion ends."""

    key = models.CharField(max_length=400, unique=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class LinkAsked(models.Model):
    """Somebody asked for a link to choose a password; `signs_up`: for a first one. Gone once the mail is written."""

    address = models.EmailField(max_length=254)
    signs_up = models.BooleanField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class Import(models.Model):
    """Files of organizations and people that somebody looks at before they are taken over. Emptied once they are, or a
    day later.
    """

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    organizations = models.BinaryField(null=True)
    people = models.BinaryField(null=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"import {self.pk} by {self.by_id}"


class WallLink(models.Model):
    """An address that shows the wall page without a log-in, to a screen in a room: what `made_by` may see, as long as
    they are an administrator and nobody has revoked it. `initials`: no subjects, and customers by their initials.
    """

    name = models.CharField(max_length=100)
    initials = models.BooleanField(default=True)
    theme = models.CharField(max_length=8, blank=True, choices=[("", "system"), ("light", "light"), ("dark", "dark")])
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name
