"""How much mail one sender may bring in an hour before the rest waits for staff (mail contract E-95).

Whoever takes part in the request that they write on, a known member of an organization, and an agent whose address is
proven never wait: of their mail only acknowledgements are thinned.
"""

from dataclasses import dataclass
from datetime import datetime

from answerable.lib.domains import is_free_mail
from answerable.mail.queries import Rates
from answerable.people.models import Organization, Person
from answerable.people.queries import organizations_of


@dataclass(frozen=True)
class Most:
    """The contract's defaults."""

    new: int = 20
    messages: int = 100
    of_a_domain: int = 300
    on_a_ticket: int = 30


MOST = Most()


def is_too_much(
    rates: Rates, address: str, sender: Person | None, organization: Organization | None, now: datetime
) -> bool:
    """Whether a request that this sender would open waits for staff: never while their organization has an incident."""
    domain = address.rpartition("@")[2]
    over = (
        rates.new >= MOST.new
        or rates.messages >= MOST.messages
        or (rates.of_a_domain >= MOST.of_a_domain and not is_free_mail(domain))
    )
    return over and not _has_incident(organization, now) and not _is_known_member(sender)


def _has_incident(organization: Organization | None, now: datetime) -> bool:
    return organization is not None and organization.incident_until is not None and now < organization.incident_until


def _is_known_member(sender: Person | None) -> bool:
    return sender is not None and sender.email_verified_at is not None and organizations_of(sender).exists()
