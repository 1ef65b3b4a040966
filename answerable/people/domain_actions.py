"""Whose an e-mail domain is: staff claim it, or its owner proves it by a TXT record; its people become members."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib import dns, domains
from answerable.lib.errors import Refused
from answerable.people.access import looks_after
from answerable.people.actions import add_member
from answerable.people.models import Domain, Organization, Person
from answerable.people.person_queries import proven_at
from answerable.people.queries import actor_of

Lookup = Callable[[str], list[str]]
# What is told of a name's records where ours is not among them.
MOST_TOLD, LONGEST_TOLD = 5, 100


def _require(by: Person, organization: Organization) -> None:
    if not looks_after(by, organization):
        raise Refused("not_allowed", _("This is for administrators and the organization's customer success manager."))


def named(text: str) -> str:
    """The domain that somebody typed. Raises Refused for what is none, or everybody's."""
    name = domains.read(text)
    if name is None:
        raise Refused("invalid", _("%(text)s is no e-mail domain. It looks like example.com.") % {"text": text.strip()})
    if domains.is_free_mail(name):
        raise Refused("free_mail", _("Anybody can have an address at %(name)s, so it is nobody's.") % {"name": name})
    return name


def claim_domain(by: Person, organization: Organization, text: str, now: datetime) -> Domain:
    """Mail from this domain counts as the organization's from now on, on the word of whoever claims it; people with a
    proven address there are its members.
    """
    _require(by, organization)
    with transaction.atomic():
        row, is_new = _taken_or_made(organization, named(text), {"claimed_by": by, "claimed_at": now})
        if not is_new and row.is_trusted:
            return row
        row.claimed_by, row.claimed_at = by, now
        row.save(update_fields=["claimed_by", "claimed_at"])
        members = admit_proven(organization, row.name, now)
        subject = ("organization", organization.pk)
        record(actor_of(by), "claim_domain", subject, now, domain=row.name, members=members)
    return row


def ask_proof(by: Person, organization: Organization, text: str, now: datetime) -> Domain:
    """The domain is to be proven by its owner. Until then it counts for nothing, and no other organization gets it."""
    _require(by, organization)
    with transaction.atomic():
        row, is_new = _taken_or_made(organization, named(text), {})
        if is_new:
            record(actor_of(by), "ask_proof", ("organization", organization.pk), now, domain=row.name)
    return row


def _taken_or_made(organization: Organization, name: str, values: dict[str, object]) -> tuple[Domain, bool]:
    row, is_new = Domain.objects.select_related("organization").get_or_create(
        name=name, defaults={"organization": organization, **values}
    )
    if row.organization_id != organization.pk:
        raise Refused("taken", _("%(name)s belongs to %(owner)s.") % {"name": name, "owner": row.organization.name})
    return row, is_new


def release_domain(by: Person, organization: Organization, pk: int, now: datetime) -> None:
    """Mail from the domain is a stranger's from now on; requests stay where they are."""
    _require(by, organization)
    with transaction.atomic():
        row = Domain.objects.filter(organization=organization, pk=pk).first()
        if row is None:
            raise Refused("not_found", _("This domain is no longer the organization's."))
        record(actor_of(by), "release_domain", ("organization", organization.pk), now, domain=row.name)
        row.delete()


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
    _require(by, domain.organization)
    named(domain.name)
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
        raise Refused("no_record", words % domain.name, found=[text[:LONGEST_TOLD] for text in found[:MOST_TOLD]])


def admit_proven(organization: Organization, name: str, now: datetime) -> int:
    """Members from now on: customers with a proven address at this domain, which has just become the organization's.

    Whoever claims a domain calls this too. Returns how many there are.
    """
    if domains.is_free_mail(name):
        return 0
    people = list(Person.objects.filter(pk__in=proven_at([name]).get(name, ())))
    for person in people:
        add_member(person, organization, "verified", now)
    return len(people)
