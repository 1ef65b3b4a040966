"""`access.visible_to` as conditions in SQL, for the lists and pages that everybody waits for; `t` is the ticket.

The tests prove over generated worlds that both show the same.
"""

from datetime import datetime
from typing import Any

from answerable.people.models import Person
from answerable.people.queries import teams_of

# What was deleted is there for those alone who work it.
_NOT_DELETED = "t.set_aside <> 'deleted'"
_TAKES_PART = f"""{_NOT_DELETED} AND EXISTS (
  SELECT FROM tickets_participant p
  WHERE p.ticket_id = t.id AND p.person_id = %(me)s AND p.role IN ('requester', 'cc') AND NOT p.pending
    AND p.ended_at IS NULL
)"""
# From the person's side: in a list their few participations are found first, then their tickets.
_IN_ROLE = """t.set_aside <> 'deleted' AND t.id IN (
  SELECT p.ticket_id FROM tickets_participant p
  WHERE p.person_id = %(me)s AND p.role = %(role)s AND NOT p.pending AND p.ended_at IS NULL
)"""
_GRANTING = """SELECT DISTINCT g.organization_id FROM people_grant g
    WHERE g.person_id = %(me)s AND g.revoked_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > %(now)s)"""
_OPEN_TO_READERS = f"{_NOT_DELETED} AND NOT t.sensitive AND NOT t.unverified"
_READS = f"({_OPEN_TO_READERS} AND t.organization_id IN ({_GRANTING}))"
_WORKS_IT = "(t.team_id = ANY(%(teams)s) OR t.assignee_id = %(me)s)"


def asks(person: Person, now: datetime) -> dict[str, Any]:
    """The values that the conditions name."""
    values = {"me": person.pk, "now": now, "teams": teams_of(person).ids}
    if person.seen_by is not None:
        values |= {"by": person.seen_by.pk, "by_teams": teams_of(person.seen_by).ids}
    return values


def visible(person: Person) -> str:
    """What this person may see."""
    if not person.is_active:
        return "false"
    if not person.is_staff:
        return f"(({_TAKES_PART} OR {_READS}) AND {within(person)})"
    return _of_staff(person)


def worked(person: Person) -> str:
    """Of what they may see, what they see as staff, with notes (`access.worked_by`)."""
    if not person.is_staff:
        return "false"
    # Nobody's: else NULL, and so would be its negation.
    return f"coalesce({_WORKS_IT}, false)" if teams_of(person).shut_in else "true"


def _of_staff(person: Person) -> str:
    return f"({_WORKS_IT} OR {_TAKES_PART})" if teams_of(person).shut_in else "true"


def within(person: Person) -> str:
    """Where staff see as this person: what those staff see themselves. Every condition of a customer's asks it."""
    by = person.seen_by
    if by is None:
        return "true"
    own = _of_staff(by) if by.is_staff else "false"
    return own.replace("%(me)s", "%(by)s").replace("%(teams)s", "%(by_teams)s")


def in_role(person: Person) -> str:
    """What they take part in as `role`: their own requests, or those they are CC'd on."""
    return f"({_IN_ROLE} AND {within(person)})" if person.is_active else "false"


def granting(person: Person) -> str:
    """A query for the organizations (`organization_id`) that they may read."""
    return _GRANTING if person.is_active and not person.is_staff else f"{_GRANTING} AND false"


def readable(person: Person) -> str:
    """What the person, as a reader of the organization `g`, sees of it."""
    return f"(t.organization_id = g.organization_id AND {_OPEN_TO_READERS} AND {within(person)})"
