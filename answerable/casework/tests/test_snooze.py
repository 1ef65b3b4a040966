"""Snoozing: out of the assignee's view until then, or until the customer or a promise wakes it. And following."""

from datetime import timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.casework.follow_actions import follow, unfollow
from answerable.casework.snooze_actions import snooze, unsnooze, wake_up
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from answerable.tickets.models import Event, Participant, Ticket
from answerable.tickets.queries import oversleeping
from answerable.tickets.view_queries import page
from answerable.tickets.viewing import built_in
from tests.cast import NOW, Cast, a_ticket, says

HOUR = timedelta(hours=1)


def mine(cast: Cast, at: timedelta = HOUR) -> list[int]:
    return [row.number for row in page(cast.agent, built_in()["mine"], "", NOW + at).rows]


def an_own(cast: Cast) -> Ticket:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("looking", "desk"), NOW, casework.Next(status="pending"))
    return casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, NOW)


@pytest.mark.behaviour("B-296")
def test_a_snoozed_request_is_out_of_its_assignees_view_until_its_time_or_the_customers_word(cast: Cast) -> None:
    ticket = an_own(cast)
    assert mine(cast) == [ticket.number]
    snooze(cast.agent, ticket.pk, NOW + 5 * HOUR, NOW + HOUR)
    assert mine(cast) == []
    assert [row.number for row in page(cast.agent, built_in()["all"], "", NOW + HOUR).rows] == [ticket.number]
    assert not wake_up(ticket.pk, NOW + 4 * HOUR)
    assert oversleeping(NOW + 5 * HOUR, 9) == [ticket.pk]
    assert wake_up(ticket.pk, NOW + 5 * HOUR)
    assert not wake_up(ticket.pk, NOW + 5 * HOUR)
    assert mine(cast, 5 * HOUR) == [ticket.number]
    assert Notice.objects.get(kind="woken").person == cast.agent
    snooze(cast.agent, ticket.pk, NOW + 9 * HOUR, NOW + 6 * HOUR)
    casework.add_reply(cast.requester, ticket.pk, says("and?"), NOW + 7 * HOUR)
    assert mine(cast, 7 * HOUR) == [ticket.number]
    assert Event.objects.filter(ticket=ticket, kind="woken").latest("id").data["why"] == "customer"


@pytest.mark.behaviour("B-294")
def test_a_promise_goes_on_and_wakes_what_is_snoozed(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, NOW)
    due = Ticket.objects.get(pk=ticket.pk).next_due_at
    snoozed = snooze(cast.agent, ticket.pk, NOW + 20 * HOUR, NOW + HOUR)
    assert snoozed.next_due_at == due, "no clock stops for it"
    clock_actions.look(ticket.pk, due + timedelta(minutes=1))
    ticket.refresh_from_db()
    assert ticket.snoozed_until is None
    assert Event.objects.get(ticket=ticket, kind="woken").data["why"] == "promise"


def test_who_may_and_until_when(cast: Cast) -> None:
    ticket = an_own(cast)
    with pytest.raises(Refused, match="still to come"):
        snooze(cast.agent, ticket.pk, NOW, NOW)
    with pytest.raises(Refused, match="within a year"):
        snooze(cast.agent, ticket.pk, NOW + timedelta(days=400), NOW)
    for person in (cast.csm, cast.requester):
        with pytest.raises(Refused):
            snooze(person, ticket.pk, NOW + HOUR, NOW)
    snooze(cast.agent, ticket.pk, NOW + HOUR, NOW)
    assert unsnooze(cast.agent, ticket.pk, NOW).snoozed_until is None
    with pytest.raises(Refused, match="not snoozed"):
        unsnooze(cast.agent, ticket.pk, NOW)
    casework.set_status(cast.agent, ticket.pk, "solved", NOW)
    with pytest.raises(Refused, match="solved"):
        snooze(cast.agent, ticket.pk, NOW + HOUR, NOW)


def test_staff_follow_and_no_longer_and_customers_learn_nothing(cast: Cast) -> None:
    ticket = a_ticket(cast)
    follow(cast.csm, ticket.pk, NOW)
    follow(cast.csm, ticket.pk, NOW)
    rows = Participant.objects.filter(ticket=ticket, person=cast.csm, role="follower", ended_at__isnull=True)
    assert rows.count() == 1
    unfollow(cast.csm, ticket.pk, NOW)
    unfollow(cast.csm, ticket.pk, NOW)
    assert rows.count() == 0
    follow(cast.csm, ticket.pk, NOW)
    assert rows.count() == 1
    with pytest.raises(Refused):
        follow(cast.requester, ticket.pk, NOW)
