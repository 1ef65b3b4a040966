"""A ticket with what every page shows beside it, each in one statement by hand: the mapper took longer than the rest.

Neighbours come with the columns that pages show. Any other column is read when somebody asks for it.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from answerable.lib import sql
from answerable.people.models import Organization, Person, Team
from answerable.tickets.models import Participant, Ticket

M = TypeVar("M", bound=Model)

_TICKET = tuple(field.attname for field in Ticket._meta.concrete_fields)
_PARTICIPANT = tuple(field.attname for field in Participant._meta.concrete_fields)
# In the order of the model's columns, as Django wants them.
_ORGANIZATION = ("id", "name", "slug", "plan", "csm_id", "zone")
_TEAM = ("id", "name")
_NAMES = ("id", "email", "name")
_PERSON = ("id", "email", "name", "role", "zone", "locale", "is_active")


def _columns(names: Sequence[str], table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


# A neighbour is a small query of its own: for a join of six tables the server thinks ten times as long as it reads.
_NEIGHBOUR = "(SELECT json_build_array({}) FROM {} WHERE {})"
_DOMAINS = """(SELECT json_agg(d.name) FROM people_domain d WHERE d.organization_id = t.organization_id
  AND (d.verified_at IS NOT NULL OR d.claimed_at IS NOT NULL))"""
_SHOWN = ", ".join(
    [
        _columns(_TICKET, "t").replace("t.fields", "t.fields::json"),  # else it comes as text
        _NEIGHBOUR.format(_columns(_ORGANIZATION, "o"), "people_organization o", "o.id = t.organization_id"),
        _NEIGHBOUR.format(
            _columns(_NAMES, "p"),
            "people_organization o JOIN people_person p ON p.id = o.csm_id",
            "o.id = t.organization_id",
        ),
        _NEIGHBOUR.format(_columns(_TEAM, "m"), "people_team m", "m.id = t.team_id"),
        _NEIGHBOUR.format(_columns(_NAMES, "p"), "people_person p", "p.id = t.assignee_id"),
        _NEIGHBOUR.format(_columns(_NAMES, "p"), "people_person p", "p.id = t.requester_id"),
        _DOMAINS,
    ]
)
_FOUND = f"SELECT {_SHOWN}"
_TICKETS = " FROM tickets_ticket t WHERE "


def ticket(condition: str, values: dict[str, Any]) -> Ticket | None:
    """The ticket that the condition in SQL finds (`t`), with its neighbours."""
    for row in sql.rows(_FOUND + _TICKETS + condition, values):
        organization, csm, team, assignee, requester, domains = row[-6:]
        found = Ticket.from_db(DEFAULT_DB_ALIAS, _TICKET, row[:-6])
        found.__dict__["_domains"] = frozenset(domains or ())
        found.organization = _loaded(Organization, _ORGANIZATION, organization)
        if found.organization is not None:
            found.organization.csm = _loaded(Person, _NAMES, csm)
        found.team = _loaded(Team, _TEAM, team)
        found.assignee = _loaded(Person, _NAMES, assignee)
        found.requester = Person.from_db(DEFAULT_DB_ALIAS, _NAMES, requester)
        return found
    return None


def domains_of(ticket: Ticket) -> frozenset[str]:
    """The e-mail domains of its organization, of a ticket that came from here."""
    known: frozenset[str] = ticket.__dict__["_domains"]
    return known


def _loaded(model: type[M], names: tuple[str, ...], values: list[Any] | None) -> M | None:
    return None if values is None else model.from_db(DEFAULT_DB_ALIAS, names, values)


_ON_IT = f"SELECT {_columns(_PARTICIPANT, 'p')}, {_columns(_PERSON, 'who')}"
_OF_TICKET = """
FROM tickets_participant p JOIN people_person who ON who.id = p.person_id
WHERE p.ticket_id = %(ticket)s AND p.ended_at IS NULL ORDER BY p.id
"""


def people_on(ticket: Ticket) -> list[Participant]:
    """Who is on the ticket now, in the order they came; asked once for each ticket object."""
    known: list[Participant] | None = ticket.__dict__.get("_people_on")
    if known is None:
        found = sql.rows(_ON_IT + _OF_TICKET, {"ticket": ticket.pk})
        known = ticket.__dict__["_people_on"] = [_participant(row) for row in found]
    return known


_OF_TICKETS = """
FROM tickets_participant p JOIN people_person who ON who.id = p.person_id
WHERE p.ticket_id = ANY(%(tickets)s) AND p.ended_at IS NULL ORDER BY p.id
"""


def people_on_all(tickets: Sequence[Ticket]) -> None:
    """Ask who is on each of these at once: `people_on` knows it then."""
    on: dict[int, list[Participant]] = {ticket.pk: [] for ticket in tickets}
    for row in sql.rows(_ON_IT + _OF_TICKETS, {"tickets": list(on)}):
        found = _participant(row)
        on[found.ticket_id].append(found)
    for ticket in tickets:
        ticket.__dict__["_people_on"] = on[ticket.pk]


def _participant(row: tuple[Any, ...]) -> Participant:
    size = len(_PARTICIPANT)
    found = Participant.from_db(DEFAULT_DB_ALIAS, _PARTICIPANT, row[:size])
    found.person = Person.from_db(DEFAULT_DB_ALIAS, _PERSON, row[size:])
    return found
