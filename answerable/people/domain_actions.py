"""Whose an e-mail domain is: an organization proves it by a TXT record, and its people become members."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib import dns
from answerable.lib.errors import Refused
from answerable.people.access import may_grant
from answerable.people.actions import add_member
from answerable.people.models import Domain, Organization, Person, Role
from answerable.people.queries import actor_of, is_free_mail

Lookup = Callable[[str], list[str]]


def expected_record(domain: Domain) -> str:
    """What the domain's owner publishes as a TXT record of the domain itself.

    Another one for each organization, so that a record left from one proves nothing for the next.
    """
    token = salted_hmac("answerable.domain", f"{domain.organization_id}:{domain.name}", algorithm="sha256")
    return f"answerable-verification={token.hexdigest()[:40]}"


def verify_domain(by: Person, domain: Domain, now: datetime, lookup: Lookup = dns.txt) -> None:
    """Look for the record, and count the domain as the organization's from then on. Twice is once.

    Raises Refused where it is not there, or the name service gives no answer. Asks it outside of any transaction.
    """
    if not may_grant(by, domain.organization):
        raise Refused("not_allowed", _("Only the organization's customer success manager may do this."))
    if is_free_mail(domain.name):
        raise Refused("free_mail", _("Anybody can have an address at %s: it is no organization's.") % domain.name)
    if domain.verified_at is not None:
        return
    _require_record(domain, lookup)
    with transaction.atomic():
        if Domain.objects.filter(pk=domain.pk, verified_at__isnull=True).update(verified_at=now):
            members = admit_proven(domain.organization, domain.name, now)
            subject = ("organization", domain.organization_id)
            record(actor_of(by), "verify_domain", subject, now, domain=domain.name, members=members)
    domain.refresh_from_db()


def _require_record(domain: Domain, lookup: Lookup) -> None:
    try:
        found = lookup(domain.name)
    except dns.NoAnswer:
        words = _("The name service gave no answer about %s. Nothing was changed: try again in a while.")
        raise Refused("no_answer", words % domain.name) from None
    if expected_record(domain) not in [text.strip() for text in found]:
        words = _("%s does not have the TXT record yet. A new one can take some hours to be seen everywhere.")
        raise Refused("no_record", words % domain.name)


def admit_proven(organization: Organization, name: str, now: datetime) -> int:
    """Members from now on: customers with a proven address at this domain, which has just become the organization's.

    Whoever claims a domain calls this too. Returns how many there are.
    """
    if is_free_mail(name):
        return 0
    people = Person.objects.filter(
        email__endswith=f"@{name}", email_verified_at__isnull=False, is_active=True, role=Role.CUSTOMER
    )
    for person in people:
        add_member(person, organization, "verified", now)
    return len(people)
