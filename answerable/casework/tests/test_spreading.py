"""Teams' rules and "take next", against a real database: right under concurrency, recorded, and cheap."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework.taking_actions import put_back, take_next
from answerable.lib.errors import Refused
from answerable.people.absence_actions import be_back, go_away
from answerable.people.models import Person, Team
from answerable.people.queries import with_teams
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import history
from answerable.tickets.turns import Turn
from tests import cast as the_cast
from tests.cast import NOW, Cast, a_ticket, says

T = TypeVar("T")


def a_rule(cast: Cast, rule: str, most_open: int | None = None) -> None:
    cast.cloud.members.add(cast.lead, cast.admin, cast.csm)
    Team.objects.filter(pk=cast.cloud.pk).update(assign=rule, most_open=most_open)
    cast.cloud.refresh_from_db()


def fresh(person: Person) -> Person:
    found = with_teams(person.pk)
    assert found is not None
    return found


def given(ticket: Ticket) -> Event:
    return Event.objects.filter(ticket=ticket, kind="assigned").latest("id")


@pytest.mark.behaviour("B-304")
def test_each_in_turn_and_the_history_says_by_which_rule(cast: Cast) -> None:
    a_rule(cast, "round_robin")
    people = [cast.agent.pk, cast.admin.pk, cast.lead.pk]
    tickets = [a_ticket(cast) for _ in range(4)]
    assert [one.assignee_id for one in tickets] == [*people, people[0]]
    assert given(tickets[1]).data["rule"] == "round_robin"
    assert Turn.objects.count() == 4
    said = [line.text for line in history(tickets[1], staff=True)]
    assert "Given to Ada Lind by the rule of Cloud support: whose turn it was" in said


def test_by_load_a_p0_weighs_more_than_three_small_ones(cast: Cast) -> None:
    a_rule(cast, "load")
    first = a_ticket(cast, severity="P0")
    small = [a_ticket(cast, severity="P3") for _ in range(6)]
    assert first.assignee_id == cast.agent.pk
    assert {one.assignee_id for one in small} == {cast.lead.pk, cast.admin.pk}


def test_nobody_away_and_nobody_over_their_cap(cast: Cast) -> None:
    a_rule(cast, "round_robin", most_open=1)
    go_away(cast.agent, cast.agent, NOW + timedelta(days=1), NOW)
    held = [a_ticket(cast).assignee_id for _ in range(3)]
    assert held == [cast.admin.pk, cast.lead.pk, None]
    be_back(cast.agent, cast.agent, NOW)
    assert a_ticket(cast).assignee_id == cast.agent.pk
    assert a_ticket(cast, NOW + timedelta(days=2)).assignee_id is None


def test_a_request_goes_by_the_rule_of_the_team_that_it_comes_to(cast: Cast) -> None:
    a_rule(cast, "round_robin")
    ticket = a_ticket(cast, team=cast.product)
    assert ticket.assignee_id is None
    casework.assign(cast.lead, ticket.pk, None, cast.cloud, NOW)
    ticket.refresh_from_db()
    assert ticket.assignee_id == cast.agent.pk
    # Whom somebody names gets it, whatever the rule; and who is of the team already keeps it.
    other = a_ticket(cast, team=cast.product)
    casework.assign(cast.lead, other.pk, cast.admin, cast.cloud, NOW)
    assert Ticket.objects.get(pk=other.pk).assignee_id == cast.admin.pk
    kept = a_ticket(cast, team=cast.product)
    casework.assign(cast.lead, kept.pk, cast.lead, cast.product, NOW)
    casework.assign(cast.agent, kept.pk, cast.lead, cast.cloud, NOW)
    assert Ticket.objects.get(pk=kept.pk).assignee_id == cast.lead.pk


def test_a_request_that_is_opened_again_goes_on_to_somebody_who_is_there(cast: Cast) -> None:
    a_rule(cast, "round_robin")
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Done.", "desk"), NOW, casework.Next(status="solved"))
    casework.add_reply(cast.requester, ticket.pk, says("It is not."), NOW)
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == cast.agent.pk
    casework.set_status(cast.agent, ticket.pk, "solved", NOW)
    go_away(cast.agent, cast.agent, NOW + timedelta(days=1), NOW)
    casework.add_reply(cast.requester, ticket.pk, says("Still not."), NOW)
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == cast.admin.pk


def test_a_rule_costs_one_statement_and_no_rule_none(cast: Cast) -> None:
    a_ticket(cast)
    with CaptureQueriesContext(connection) as without:
        a_ticket(cast)
    assert not [one for one in without.captured_queries if "in_turn" in one["sql"]]
    a_rule(cast, "load")
    with CaptureQueriesContext(connection) as with_rule:
        a_ticket(cast)
    asked = [one["sql"] or "" for one in with_rule.captured_queries]
    assert len([sql for sql in asked if "in_turn" in sql]) == 1
    # Whoever is given it is told: who they are, with their teams, what they wish, the notice, and their pages.
    assert len(asked) == len(without) + 1 + 5


def at_once(*what: Callable[[], T]) -> list[T]:
    results: dict[int, T] = {}
    gate = threading.Barrier(len(what))

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = what[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(what))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return list(results.values())


@pytest.mark.usefixtures("real_transactions")
@pytest.mark.behaviour("B-305")
def test_two_at_once_get_two_requests_and_two_requests_two_people() -> None:
    cast = the_cast.assemble()
    for number in range(3):
        a_ticket(cast, severity="P1" if number == 1 else "P2")
    cast.cloud.members.add(cast.lead)
    people = [fresh(cast.agent), fresh(cast.lead)]
    taken = at_once(*(partial(take_next, person, NOW) for person in people))
    got = [one for one in taken if one is not None]
    assert len({one.pk for one in got}) == 2
    assert "P1" in {one.severity for one in got}
    a_rule(cast, "round_robin")
    made = at_once(*[partial(a_ticket, cast)] * 3)
    assert len({one.assignee_id for one in made}) == 3


@pytest.mark.behaviour("B-306")
def test_the_most_urgent_is_taken_and_can_be_put_back(cast: Cast) -> None:
    a_ticket(cast)
    urgent = a_ticket(cast, severity="P0")
    a_ticket(cast, severity="P0", team=cast.product)
    agent = fresh(cast.agent)
    taken = take_next(agent, NOW)
    assert taken is not None
    assert (taken.pk, taken.status) == (urgent.pk, "open")
    put_back(agent, urgent.pk, NOW)
    urgent.refresh_from_db()
    assert (urgent.assignee, urgent.status) == (None, "new")
    again = take_next(agent, NOW)
    assert again is not None
    assert again.pk == urgent.pk
    casework.add_reply(agent, urgent.pk, says("On it.", "desk"), NOW)
    with pytest.raises(Refused):
        put_back(agent, urgent.pk, NOW)
    # What somebody has put off is nothing to do before its time.
    Ticket.objects.filter(assignee=None, team=cast.cloud).update(snoozed_until=NOW + timedelta(minutes=1))
    assert take_next(agent, NOW) is None
    assert take_next(agent, NOW + timedelta(minutes=1)) is not None
    assert take_next(agent, NOW + timedelta(minutes=1)) is None
    with pytest.raises(Refused):
        take_next(fresh(cast.csm), NOW)
