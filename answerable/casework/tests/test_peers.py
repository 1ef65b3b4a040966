"""Where other help desks are wrong, by the numbers of the sla contract's section 7: those that are about storage.

Numbers 1 to 11 and 16 to 26 are pure, in answerable/sla/tests/test_peers.py.
"""

from datetime import timedelta
from typing import Any

from answerable.casework import actions as casework
from answerable.casework.settle import settle
from answerable.casework.tests.test_clocks import HOUR, MINUTE, OFFICE, said, sweep, walk, warn_at
from answerable.people.actions import apply_calendars
from answerable.people.queries import actor_of
from answerable.sla.actions import ask_replan
from answerable.sla.models import Emission, Leg
from answerable.tickets.actions import begin
from answerable.tickets.models import Event, Ticket
from tests.cast import NOW, Cast, a_ticket, says


def first_response(ticket_id: int) -> Leg:
    return Leg.objects.get(ticket=ticket_id, metric="first_response")


def happens(cast: Cast, ticket: Ticket, kind: str, **data: Any) -> None:
    """What a merge writes into the histories, at 12:00."""
    change = begin(ticket.pk, actor_of(cast.agent), NOW + 3 * HOUR)
    change.event(kind, **data)
    settle(change, "merge")


def test_case_12_a_breach_has_the_due_instant_and_not_the_moment_of_finding(cast: Cast) -> None:
    ticket = a_ticket(cast)
    sweep(NOW + 30 * HOUR)
    assert first_response(ticket.pk).breached_at == NOW + 8 * HOUR
    emission = Emission.objects.get(kind="breach")
    assert (emission.at, emission.detected_at) == (NOW + 8 * HOUR, NOW + 30 * HOUR)


def test_case_13_nothing_is_too_old_to_be_told(cast: Cast) -> None:
    a_ticket(cast)
    sweep(NOW + timedelta(days=40))
    assert said("breach") == [("", NOW + 8 * HOUR, False)]
    assert Event.objects.filter(kind="breach").count() == 1


def test_case_14_a_recorded_breach_is_deleted_by_no_change(cast: Cast) -> None:
    ticket = a_ticket(cast)
    sweep(NOW + 9 * HOUR)
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.product, NOW + 9 * HOUR)
    casework.determine_severity(cast.agent, ticket.pk, "P3", "less urgent than it seemed", NOW + 9 * HOUR)
    apply_calendars({"always": OFFICE}, NOW + 9 * HOUR)
    ask_replan("calendar", "always", "test", NOW + 9 * HOUR)
    walk(NOW + 10 * HOUR)
    casework.add_reply(cast.agent, ticket.pk, says("Sorry."), NOW + 11 * HOUR)
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + 11 * HOUR)
    leg = first_response(ticket.pk)
    assert (leg.breached_at, leg.due_at, leg.state, leg.cause) == (NOW + 8 * HOUR, NOW + 8 * HOUR, "fulfilled", "time")
    assert (leg.severity, leg.team_id, leg.agent_id) == ("P2", cast.cloud.pk, None)  # those of the breach


def test_case_15_nothing_is_said_twice_however_often_it_is_looked_at(cast: Cast) -> None:
    warn_at("25%")
    ticket = a_ticket(cast)
    for minutes in range(350, 520, 5):
        sweep(NOW + minutes * MINUTE)
        casework.assign(cast.agent, ticket.pk, cast.agent if minutes % 2 else None, cast.cloud, NOW + minutes * MINUTE)
    assert said("warning") == [("25%", NOW + 6 * HOUR, False)]
    assert said("breach") == [("", NOW + 8 * HOUR, False)]
    assert Event.objects.filter(kind="breach").count() == 1


def test_case_27_a_changed_calendar_is_felt_before_the_ticket_is_touched_and_rewrites_nothing(cast: Cast) -> None:
    kept, running = a_ticket(cast), a_ticket(cast)
    casework.add_reply(cast.agent, kept.pk, says("Done."), NOW + 2 * HOUR)
    apply_calendars({"always": OFFICE | {"dates_off": ["2026-03-02"]}}, NOW + 3 * HOUR)
    ask_replan("calendar", "always", "test", NOW + 3 * HOUR)
    walk(NOW + 3 * HOUR + MINUTE)
    running.refresh_from_db()
    assert running.due_at == NOW + 29 * HOUR  # three hours of Monday count as they did, five more on Tuesday
    assert first_response(kept.pk).elapsed == 2 * 3600


def test_case_28_a_merged_ticket_is_owed_nothing_and_its_wait_is_not_lost(cast: Cast) -> None:
    long, short = a_ticket(cast, NOW), a_ticket(cast, NOW + 2 * HOUR)
    legs = [{"metric": "first_response", "start": NOW.isoformat(), "counted": 3 * 3600}]
    happens(cast, long, "merged_away", into=short.pk)
    happens(cast, short, "merged_in", source=long.pk, legs=legs)
    long.refresh_from_db()
    short.refresh_from_db()
    assert long.due_at is None
    assert short.due_at == NOW + 8 * HOUR
    sweep(NOW + 9 * HOUR)
    assert list(Emission.objects.values_list("leg__ticket", "at")) == [(short.pk, NOW + 8 * HOUR)]
    assert first_response(long.pk).state == "carried"
