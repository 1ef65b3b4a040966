"""Load the demo: a believable vendor with three organizations and forty requests, told through the product's own verbs.

Every verb gets the moment at which it "happened", in order across all requests, so numbers, clocks and history are what
they would be. It is one transaction, and no mail leaves: what the verbs wrote to the outbox is marked as sent at its
time, and its jobs are taken back, before anybody can see either waiting.
"""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from answerable.casework import clock_actions
from answerable.casework.later import deliver
from answerable.lib.errors import Refused
from answerable.lib.jobs import take_back
from answerable.notify.models import Delivery
from answerable.ops.demo import kivu, kivu_before, norrland, norrland_before, roche
from answerable.ops.demo.articles_loaded import write_articles
from answerable.ops.demo.cast import ADMIN, COMPANIES, CSM, LOG_INS, PLAYERS, PUBLISHED, READER, READS, Company, Player
from answerable.ops.demo.on_call import arrange
from answerable.ops.demo.paging import all_left
from answerable.ops.demo.play import Stage, play
from answerable.people import actions as people
from answerable.people.models import Domain, Organization, Person, Team
from answerable.sla.queries import due_tickets
from answerable.tickets.models import Ticket

REQUESTS = tuple(request for part in (norrland, norrland_before, kivu, kivu_before, roche) for request in part.REQUESTS)
# All of them were customers well before the first request.
SINCE = timedelta(days=200)


def load(now: datetime) -> int:
    """The number of requests loaded. Raises Refused where the database holds requests, or no policy is in force."""
    if Ticket.objects.exists():
        raise Refused("not_empty", "This database has requests in it; the demo is only loaded into an empty one.")
    emails = [player.email for player in PLAYERS]
    if known := Person.objects.filter(email__in=emails).values_list("email", flat=True).first():
        raise Refused("not_empty", f"{known} has an account already; the demo is only loaded into an empty database.")
    with transaction.atomic():
        stage = _assemble(now)
        arrange(stage.persons[ADMIN], now)
        write_articles(stage.persons[ADMIN], now - timedelta(days=20))
        play(REQUESTS, stage, now)
        for ticket_id in due_tickets(now, len(REQUESTS)):  # warnings that are due
            clock_actions.look(ticket_id, now)
        Delivery.objects.filter(state="queued").update(state="sent", sent_at=F("created_at"), attempts=1)
        take_back(deliver)
        all_left()
    return len(REQUESTS)


def log_ins() -> list[str]:
    """Lines for whoever has just started it."""
    width = max(len(email) for email, _ in LOG_INS)
    return [
        f"Demo log-ins (password {PUBLISHED})",
        *(f"  {email:<{width}}  {what}" for email, what in LOG_INS),
    ]


def _assemble(now: datetime) -> Stage:
    persons = {player.key: _person(player, now) for player in PLAYERS}
    # Hashing is slow on purpose, and everybody has the same password.
    Person.objects.filter(pk__in=[person.pk for person in persons.values()]).update(password=make_password(PUBLISHED))
    organizations = {company.key: _organization(company, persons, now) for company in COMPANIES}
    homes = {}
    for player in PLAYERS:
        if player.organization:
            homes[player.key] = organizations[player.organization]
            people.add_member(persons[player.key], homes[player.key], "staff", now - SINCE)
    terms = people.GrantTerms("Heads the data office and reports on all of it.", now + timedelta(days=90))
    people.grant(persons[CSM], persons[READER], organizations[READS], terms, now - timedelta(days=20))
    return Stage(persons, homes, {team.key: team for team in Team.objects.filter(retired_at__isnull=True)})


def _person(player: Player, now: datetime) -> Person:
    person = people.make_person(player.email, player.name, player.role, None, now - SINCE)
    person.zone, person.demo = player.zone, True
    person.save(update_fields=["zone", "demo"])
    person.teams.set(Team.objects.filter(key__in=player.teams, retired_at__isnull=True))
    return person


def _organization(company: Company, persons: dict[str, Person], now: datetime) -> Organization:
    organization = Organization.objects.create(
        name=company.name,
        slug=company.key,
        plan=company.plan,
        csm=persons[CSM],
        zone=company.zone,
        created_at=now - SINCE,
    )
    for name in company.domains:
        Domain.objects.create(organization=organization, name=name, claimed_by=persons[ADMIN], claimed_at=now - SINCE)
    return organization
