"""Why somebody may see a request: what its page says of it in one sentence."""

from dataclasses import dataclass
from datetime import datetime

from answerable.people.models import StandingCC
from answerable.people.organization_queries import labels_of, longest_grant
from answerable.tickets.access import Standing
from answerable.tickets.models import Ticket
from answerable.tickets.shown import people_on


@dataclass(frozen=True)
class Reason:
    """`kind`: requester, cc, standing, grant, or "" for staff. `by`: who made it so, "" if unknown."""

    kind: str
    by: str = ""
    organization: str = ""
    since: datetime | None = None
    until: datetime | None = None


def reason(ticket: Ticket, standing: Standing, now: datetime) -> Reason:
    """The strongest one, for somebody who may see the ticket (at most one query)."""
    if standing.takes_part:
        return Reason("requester") if standing.requester else _copied(ticket, standing.person_id)
    return Reason("") if standing.works_it else _granted(ticket, standing.person_id, now)


def _copied(ticket: Ticket, person_id: int) -> Reason:
    row = next(row for row in people_on(ticket) if (row.person_id, row.role, row.pending) == (person_id, "cc", False))
    if row.standing_id is not None:
        return _always_copied(row.standing_id)
    # Who asked to be CC'd is named on their own row.
    known = labels_of([row.added_by_id]) if row.added_by_id and row.added_by_id != person_id else {}
    return Reason("cc", by="".join(known.values()), since=row.since)


def _always_copied(standing_id: int) -> Reason:
    standing = StandingCC.objects.select_related("organization", "set_by").get(pk=standing_id)
    return Reason(
        "standing",
        by=standing.set_by.label,
        organization=standing.organization.name,
        since=standing.since,
        until=standing.until,
    )


def _granted(ticket: Ticket, person_id: int, now: datetime) -> Reason:
    row = longest_grant(person_id, ticket.organization_id, now)
    if row is None:
        return Reason("")
    return Reason(
        "grant",
        by=row.granted_by.label,
        organization=row.organization.name,
        since=row.granted_at,
        until=row.expires_at,
    )
