"""Fills the bench's own database: 200 organizations, 2,000 people, 20 agents, and as many tickets as are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from answerable.ops.bench.multiply import Size, multiply, settle
from answerable.ops.bench.patterns import KINDS, SEVERITIES, Pattern, Players, play
from answerable.people.models import Domain, Grant, Membership, Organization, Person, Role, Team
from answerable.tickets.models import Ticket

ORGANIZATIONS, EACH, STAFF = 200, 10, 20


@dataclass(frozen=True)
class Filled:
    """What lies in the database, for those who copy more of it."""

    patterns: list[Pattern]
    size: Size


def fill(
    tickets: int, now: datetime, say: Callable[[str], None], *, settled: bool = True, closed: float = 0.93
) -> Filled:
    """Everything that the pages and the mail room will meet. `settled`: vacuumed, which no transaction can do.

    `closed`: the share of tickets that are, beside a few that are solved.
    """
    since = now - timedelta(days=800)
    organizations = Organization.objects.bulk_create(
        Organization(
            name=f"Organization {n}", slug=f"organization-{n}", plan="standard", zone="Europe/Berlin", created_at=since
        )
        for n in range(ORGANIZATIONS)
    )
    Domain.objects.bulk_create(
        Domain(organization=row, name=f"{row.slug}.example", claimed_at=since) for row in organizations
    )
    staff = Person.objects.bulk_create(
        _person(f"agent{n}@vendor.example", f"Agent {n}", since, "agent") for n in range(STAFF)
    )
    customers = Person.objects.bulk_create(
        _person(f"person{n}@organization-{n // EACH}.example", f"Person {n}", since)
        for n in range(ORGANIZATIONS * EACH)
    )
    Membership.objects.bulk_create(
        Membership(person=person, organization=organizations[n // EACH], source="staff", since=since)
        for n, person in enumerate(customers)
    )
    teams = list(Team.objects.order_by("id"))
    for n, person in enumerate(staff):
        person.teams.add(teams[n % len(teams)])
    crews = (
        Players(customers[n * EACH], customers[n * EACH + 1], staff[0], row, teams[0])
        for n, row in enumerate(organizations)
    )
    size = Size(max(0, tickets - len(KINDS) * len(SEVERITIES)), ORGANIZATIONS, EACH, STAFF, len(teams), closed)
    say(f"loading {tickets:,} tickets")
    patterns = play(crews, now)
    multiply(patterns, size, now)
    say(f"{_one_large(organizations[0], customers[-1], staff[0], now):,} requests of one organization for its reader")
    # Last, so that the others' ids follow one another: who makes the views of everybody.
    _person("admin@vendor.example", "Administrator", now, Role.ADMIN).save()
    if settled:
        say("vacuum and checkpoint, as a database of that age has behind it")
        settle()
    return Filled(patterns, size)


def _one_large(organization: Organization, reader: Person, by: Person, now: datetime) -> int:
    """More than half of all closed requests belong to one organization, and somebody of another one may read them all.

    Returns how many that are.
    """
    Grant.objects.create(person=reader, organization=organization, granted_by=by, reason="bench", granted_at=now)
    closed = Ticket.objects.annotate(part=F("id") % 20).filter(status="closed", part__lt=11)
    return closed.update(organization=organization)


def fall_due(filled: Filled, count: int, due: datetime, now: datetime) -> None:
    """So many new tickets more, whose first responses fall due one after the other within the minute from `due` on."""
    multiply(filled.patterns, replace(filled.size, copies=count, due=due), now)


def _person(email: str, name: str, since: datetime, role: str = Role.CUSTOMER) -> Person:
    return Person(
        email=email, name=name, role=role, joined_at=since, email_verified_at=since, password=make_password(None)
    )


def log_in(person: Person) -> str:
    """A session of this person, as a log-in would have made it; returns its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)
