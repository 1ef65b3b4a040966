"""The verbs: rows, clock, mails, in one transaction."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.sla.models import Emission, Leg
from answerable.tickets.models import NO_PROMISE, Event, Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket, says


def test_a_new_request_gets_its_number_its_promise_and_an_acknowledgement(cast: Cast) -> None:
    ticket = a_ticket(cast)
    stored = Ticket.objects.get(pk=ticket.pk)
    assert stored.number >= 1001
    assert stored.next_due_at == NOW + timedelta(hours=8)
    assert stored.status == "new"
    assert [event.kind for event in Event.objects.filter(ticket=ticket)] == ["opened", "targets", "customer_message"]
    ack = Delivery.objects.get(kind="ack")
    assert ack.address == cast.requester.email
    assert str(stored.number) in ack.subject


@pytest.mark.behaviour("B-23")
def test_the_first_public_answer_keeps_the_promise(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Looking."), NOW + timedelta(hours=1))
    stored = Ticket.objects.get(pk=ticket.pk)
    assert stored.next_due_at == NO_PROMISE
    assert (stored.status, stored.waits_for, stored.assignee) == ("open", "customer", cast.agent)
    leg = Leg.objects.get(ticket=ticket, metric="first_response")
    assert (leg.state, leg.breached_at, leg.elapsed) == ("fulfilled", None, 3600)


@pytest.mark.behaviour("B-17")
def test_an_answer_goes_to_everybody_on_the_request_but_its_author(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Looking."), NOW)
    assert {d.address for d in Delivery.objects.filter(kind="reply")} == {cast.requester.email, cast.colleague.email}
    casework.add_reply(cast.colleague, ticket.pk, says("Thanks."), NOW)
    assert Delivery.objects.filter(kind="reply", address=cast.requester.email).count() == 2
    assert Delivery.objects.filter(kind="reply", address=cast.colleague.email).count() == 1


@pytest.mark.behaviour("B-24")
def test_a_breach_is_recorded_once_whoever_finds_it(cast: Cast) -> None:
    ticket = a_ticket(cast)
    late = NOW + timedelta(hours=8, seconds=1)
    clock_actions.look(ticket.pk, late)
    clock_actions.look(ticket.pk, late + timedelta(seconds=5))
    casework.add_reply(cast.agent, ticket.pk, says("Sorry."), late + timedelta(minutes=1))
    assert Emission.objects.count() == 1
    breaches = Event.objects.filter(ticket=ticket, kind="breach")
    assert [event.data["broken_at"] for event in breaches] == [(NOW + timedelta(hours=8)).isoformat()]
    assert Ticket.objects.get(pk=ticket.pk).breached_at == NOW + timedelta(hours=8)


@pytest.mark.behaviour("B-25")
def test_an_answer_in_the_second_of_the_deadline_is_in_time(cast: Cast) -> None:
    ticket = a_ticket(cast)
    clock_actions.look(ticket.pk, NOW + timedelta(hours=8))
    casework.add_reply(cast.agent, ticket.pk, says("Just so."), NOW + timedelta(hours=8))
    assert not Emission.objects.exists()


def test_a_pause_before_an_answer_is_refused(cast: Cast) -> None:
    ticket = a_ticket(cast)
    with pytest.raises(Refused, match="reply first"):
        casework.set_status(cast.agent, ticket.pk, "pending", NOW)
    casework.add_reply(cast.agent, ticket.pk, says("Your logs?"), NOW, casework.Next(status="pending"))
    assert Ticket.objects.get(pk=ticket.pk).status == "pending"


@pytest.mark.behaviour("B-20")
def test_a_customers_reply_reopens_what_was_solved(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Fixed."), NOW, casework.Next(status="solved"))
    casework.add_reply(cast.requester, ticket.pk, says("Not yet."), NOW + timedelta(days=1))
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.status, stored.solved_at, stored.waits_for) == ("open", None, "us")


@pytest.mark.behaviour("B-21")
def test_a_solved_request_closes_after_the_window_and_then_refuses(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Fixed."), NOW, casework.Next(status="solved"))
    assert not casework.close_for_good(ticket.pk, NOW + timedelta(days=13))
    assert casework.close_for_good(ticket.pk, NOW + timedelta(days=14))
    with pytest.raises(Refused, match="closed for good"):
        casework.add_reply(cast.requester, ticket.pk, says("Hello?"), NOW + timedelta(days=15))


@pytest.mark.behaviour("B-27")
def test_staff_determine_the_severity_with_a_reason_and_the_clock_follows(cast: Cast) -> None:
    ticket = a_ticket(cast)
    with pytest.raises(Refused, match="Say why"):
        casework.determine_severity(cast.agent, ticket.pk, "P0", " ", NOW)
    casework.determine_severity(cast.agent, ticket.pk, "P0", "production is down", NOW + timedelta(minutes=10))
    stored = Ticket.objects.get(pk=ticket.pk)
    assert stored.next_due_at == NOW + timedelta(minutes=40)
    casework.state_severity(cast.requester, ticket.pk, "P3", "not urgent after all", NOW + timedelta(minutes=11))
    assert Ticket.objects.get(pk=ticket.pk).severity == "P0"


def test_while_provisional_a_participants_statement_sets_the_severity(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.state_severity(cast.colleague, ticket.pk, "P1", "month end closes tonight", NOW + timedelta(minutes=1))
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.severity, stored.next_due_at) == ("P1", NOW + timedelta(hours=2, minutes=1))


@pytest.mark.parametrize("who", ["stranger", "no_grant", "reader"])
@pytest.mark.behaviour("B-30")
def test_who_takes_no_part_changes_nothing(cast: Cast, who: str) -> None:
    ticket = a_ticket(cast)
    with pytest.raises(Refused):
        casework.add_reply(getattr(cast, who), ticket.pk, says("Me too."), NOW)
    with pytest.raises(Refused):
        casework.set_status(getattr(cast, who), ticket.pk, "solved", NOW)
    assert Reply.objects.filter(ticket=ticket).count() == 1


def test_an_empty_reply_is_refused(cast: Cast) -> None:
    ticket = a_ticket(cast)
    with pytest.raises(Refused, match="Write something"):
        casework.add_reply(cast.agent, ticket.pk, says("  "), NOW)


@pytest.mark.behaviour("B-18")
def test_a_mail_that_waits_is_not_sent_to_somebody_who_left_meanwhile(
    cast: Cast, run_jobs: Callable[[], int], settings: LazySettings
) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Only for those on it."), NOW)
    Participant.objects.filter(ticket=ticket, person=cast.colleague).update(ended_at=NOW)
    run_jobs()
    states = dict(Delivery.objects.filter(kind="reply").values_list("address", "state"))
    assert states == {cast.requester.email: "sent", cast.colleague.email: "suppressed"}
    assert len(list(Path(settings.OUTBOX).glob("*.eml"))) == 2


@pytest.mark.behaviour("B-37")
@pytest.mark.parametrize("table", ["tickets_event", "audit_record"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_history_and_audit_refuse_change(cast: Cast, table: str, change: str) -> None:
    a_ticket(cast)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))
