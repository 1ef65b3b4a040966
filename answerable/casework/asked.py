"""What a customer's form asked for, as a request: whose it is, of which organization, and how severe to begin with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from answerable.casework import actions as casework
from answerable.casework.questions import Question, answers
from answerable.casework.written import written
from answerable.people.actions import new_contact
from answerable.people.models import Organization, Person
from answerable.people.queries import by_email, organization_of_domain, organizations_of
from answerable.sla.queries import terms
from answerable.tickets.actions import Opening
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Asked:
    """The clean data of a RequestForm, what the policy had it ask, and the door. `facts`: answers that nobody typed."""

    data: dict[str, Any]
    asked: Sequence[Question]
    channel: str
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)


def open_asked(asked: Asked, person: Person | None, now: datetime) -> Ticket:
    """The request of who is signed in, or of whoever's address was typed (`person` None)."""
    data = asked.data
    requester = person or _whoever(data["email"], data["name"], now)
    stated = data["severity"]
    opening = Opening(
        subject=" ".join(data["subject"].split()),
        requester=requester,
        organization=_organization(data, person, requester),
        team=None,
        severity=_provisional(stated, person),
        channel=asked.channel,
        stated_severity=stated,
        impact=data["impact"].strip(),
        # Anybody can type anybody's address: organization readers see it once the person has confirmed it.
        unverified=person is None,
        fields=answers(asked.asked, data) | asked.facts,
    )
    return casework.open_ticket(opening, written(data["text"], data["attachments"], opening.channel), now)


def _whoever(email: str, name: str, now: datetime) -> Person:
    """Whose address it is. A stranger gets the name that was typed; nobody who is known does, named or not."""
    return by_email(email) or new_contact(email, name, now)


def _organization(data: dict[str, Any], person: Person | None, requester: Person) -> Organization | None:
    if person is None:
        return organization_of_domain(requester.email.rpartition("@")[2])
    return data.get("organization") or organizations_of(person).first()


def _provisional(stated: str, person: Person | None) -> str:
    """What the customer stated; a P0 from a stranger's form counts once its mail is confirmed (DESIGN.md §4)."""
    default = terms().default_severity
    if not stated or (person is None and stated == "P0"):
        return default
    return stated
