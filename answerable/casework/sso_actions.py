"""Verbs about single sign-on and domains that reach open sessions: where it is the only way in, others end at once."""

from datetime import datetime

from django.db import transaction

from answerable.lib import dns
from answerable.live.actions import end_streams
from answerable.people import domain_actions as domains
from answerable.people import sign_on_actions as people
from answerable.people.domain_actions import Lookup
from answerable.people.models import Domain, Organization, Person, SignOn
from answerable.people.sso_queries import sign_on_of_organization


def switch(by: Person, sign_on: SignOn, now: datetime, *, on: bool) -> None:
    """Off, or on again."""
    with transaction.atomic():
        people.switch(by, sign_on, now, on=on)
        _end_others(sign_on)


def make_only(by: Person, sign_on: SignOn, now: datetime, *, only: bool) -> None:
    """The only way in, or one of two."""
    with transaction.atomic():
        people.make_only(by, sign_on, now, only=only)
        _end_others(sign_on)


def claim_domain(by: Person, organization: Organization, text: str, now: datetime) -> Domain:
    """People at a domain sign in as the organization's people do from the moment it has it."""
    with transaction.atomic():
        row = domains.claim_domain(by, organization, text, now)
        domain_came(organization)
    return row


def verify_domain(by: Person, domain: Domain, now: datetime, lookup: Lookup = dns.txt) -> None:
    """The same by proof. The name service is asked outside of any transaction."""
    domains.verify_domain(by, domain, now, lookup)
    with transaction.atomic():
        domain_came(domain.organization)


def domain_came(organization: Organization) -> None:
    """An organization has a domain more."""
    sign_on = sign_on_of_organization(organization)
    if sign_on is not None:
        _end_others(sign_on)


def _end_others(sign_on: SignOn) -> None:
    # A stream doesn't know its session: all of a person's close, and browsers that stay signed in open theirs anew.
    for person_id in sorted(people.end_other_sessions(sign_on)):
        end_streams(person_id)
