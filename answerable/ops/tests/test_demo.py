"""The demo: a little of everything, nothing that would be sent, and fresh on the day it is loaded."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings, global_settings
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.plugin import DjangoDbBlocker

from answerable.audit.actions import system
from answerable.casework import actions as casework
from answerable.escalation.alerts import Page
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery, Notice
from answerable.ops.demo.cast import LOG_INS, PUBLISHED
from answerable.ops.demo.load import REQUESTS, load
from answerable.ops.demo.script import ago, told
from answerable.people.models import Organization, Person
from answerable.policy import actions as policy
from answerable.sla.models import Emission, Leg
from answerable.sla.queries import due_tickets
from answerable.tickets.access import visible_to
from answerable.tickets.models import IS_OPEN, NO_PROMISE, Reply, Status, Ticket
from answerable.tickets.queries import long_solved


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """Loaded once for all tests here; what a test changes on top of it is rolled back as always."""
    moment = clock.now()
    with django_db_blocker.unblock(), transaction.atomic():
        policy.apply(policy.check(policy.SHIPPED), moment, system("test"))
        load(moment)
        yield moment
        transaction.set_rollback(True)


@pytest.fixture
def now(_loaded: datetime, db: None) -> datetime:
    """The demo has been loaded, under the policy that we ship, at this moment."""
    return _loaded


def test_moments_are_read_as_how_long_ago_they_were() -> None:
    assert ago("1d 2h 3m 4s") == timedelta(days=1, hours=2, minutes=3, seconds=4)
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert told("since {time 1h 30m}, on {date 3d}", now, "Europe/Stockholm") == "since 08:30, on 27 February"


def test_there_are_forty_requests_in_every_state_and_severity(now: datetime) -> None:
    assert Ticket.objects.count() == len(REQUESTS) == 40
    assert Organization.objects.count() == 3
    statuses = Counter(Ticket.objects.values_list("status", flat=True))
    assert min(statuses[status] for status in Status.values) >= 3
    severities = Counter(Ticket.objects.values_list("severity", flat=True))
    assert min(severities[level] for level in ("P0", "P1", "P2", "P3")) >= 3
    assert set(Ticket.objects.values_list("channel", flat=True)) == {"mail", "portal", "form"}
    longest = Counter(Reply.objects.values_list("ticket", flat=True)).most_common(5)
    assert all(count >= 5 for _ticket, count in longest)


def test_one_promise_is_broken_some_are_at_risk_and_many_were_kept(now: datetime) -> None:
    assert Ticket.objects.filter(breached_at__isnull=False).count() == 1
    broken = Leg.objects.filter(breached_at__isnull=False)
    assert broken.count() == Emission.objects.filter(kind="breach").count() == 1
    assert Notice.objects.filter(kind="breach", read_at__isnull=True, person__role="agent").exists()
    within_the_hour = Ticket.objects.filter(IS_OPEN, next_due_at__gte=now, next_due_at__lt=now + timedelta(hours=1))
    assert within_the_hour.count() >= 3
    assert Leg.objects.filter(fulfilled_at__isnull=False, target__isnull=False, breached_at__isnull=True).count() > 40
    assert Ticket.objects.filter(status="pending", next_due_at=NO_PROMISE).exists()


def test_nothing_is_left_for_the_jobs_to_find(now: datetime) -> None:
    assert due_tickets(now, 200) == []
    assert long_solved(now - casework.reopen_window(), 10) == []


@pytest.mark.behaviour("B-47")
def test_no_mail_will_leave(now: datetime) -> None:
    assert not ProcrastinateJob.objects.exists()
    assert Delivery.objects.count() > 100
    assert not Delivery.objects.exclude(state="sent", sent_at=F("created_at")).exists()
    assert not Page.objects.filter(state__in=["waiting", "handed"]).exists()


def test_it_all_happened_in_order_and_in_the_past(now: datetime) -> None:
    assert not Reply.objects.filter(at__gt=now).exists()
    opened = list(Ticket.objects.order_by("number").values_list("created_at", flat=True))
    assert opened == sorted(opened)
    written = list(Reply.objects.order_by("id").values_list("at", flat=True))
    assert written == sorted(written)


def test_the_published_password_opens_the_door(now: datetime, client: Client, settings: LazySettings) -> None:
    # The demo was loaded before this test, with the product's own hasher and not with the quick one of tests.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    persons = list(Person.objects.filter(email__in=[email for email, _what in LOG_INS]))
    assert len(persons) == len(LOG_INS)
    assert all(person.demo and person.is_active for person in persons)
    assert len({person.password for person in persons}) == 1
    assert client.login(email=LOG_INS[0][0], password=PUBLISHED)


def test_a_granted_reader_sees_what_a_colleague_does_not(now: datetime) -> None:
    def sees(email: str) -> int:
        return visible_to(Person.objects.get(email=email), now).count()

    norrland = Ticket.objects.filter(organization__slug="norrland").count()
    assert sees("holm@norrland.example") == norrland
    assert 0 < sees("nils@norrland.example") < norrland


def test_a_database_with_requests_is_left_alone(now: datetime) -> None:
    with pytest.raises(Refused, match="empty"):
        load(now)
    assert Ticket.objects.count() == 40


def test_a_database_with_such_an_account_is_left_alone(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE tickets_ticket CASCADE")
    with pytest.raises(Refused, match="has an account already"):
        load(now)
    assert not Ticket.objects.exists()
