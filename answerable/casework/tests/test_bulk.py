"""Changing many requests at once: previewed, done one by one, and taken back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import bulk_actions, field_actions
from answerable.casework.bulk_actions import go_on, prepare, prepare_undo, start
from answerable.casework.draft_actions import Written, send_later
from answerable.casework.undo_actions import undo
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.people.actions import make_person
from answerable.people.models import Person
from answerable.sla.models import Leg
from answerable.tickets.models import Event, Reply, Ticket
from answerable.tickets.runs import BulkItem, BulkRun, EventCause
from tests.cast import NOW, Cast, a_ticket, assemble, says

TO_NOBODY = {"assignee": None}


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def several(cast: Cast, count: int) -> list[Ticket]:
    return [a_ticket(cast, subject=f"Sync stopped {number}") for number in range(count)]


def given_to(person: Person) -> dict[str, Any]:
    return {"assignee": person.pk, "label": person.label}


def outcomes(run: BulkRun) -> list[tuple[str, str]]:
    return list(run.items.order_by("ticket").values_list("state", "code"))


def finish(run: BulkRun) -> None:
    go_on(clock.exact() + timedelta(seconds=20), later(1))
    run.refresh_from_db()


@pytest.mark.behaviour("B-260")
def test_a_preview_changes_nothing_and_says_what_would_be_left(cast: Cast) -> None:
    open_one, his, solved, closed = several(cast, 4)
    casework.assign(cast.agent, his.pk, cast.lead, cast.cloud, NOW)
    casework.set_status(cast.agent, solved.pk, "solved", NOW)
    casework.set_status(cast.agent, closed.pk, "solved", NOW)
    casework.close_for_good(closed.pk, later(24 * 400))
    before = Event.objects.count()
    run = prepare(cast.agent, "assign", given_to(cast.lead), [one.pk for one in (open_one, his, solved, closed)], NOW)
    assert outcomes(run) == [("todo", ""), ("left", "already"), ("todo", ""), ("left", "closed")]
    assert (Event.objects.count(), run.state) == (before, "preview")
    start(cast.agent, run.pk, NOW)
    open_one.refresh_from_db()
    assert (open_one.assignee, open_one.team, open_one.status) == (cast.lead, cast.cloud, "open")
    assert BulkRun.objects.get().state == "done"


@pytest.mark.behaviour("B-261")
def test_each_ticket_goes_through_its_verb(cast: Cast) -> None:
    tickets = several(cast, 2)
    for ticket in tickets:
        casework.add_reply(cast.agent, ticket.pk, says("Try it again now."), NOW)
    mails = Delivery.objects.count()
    run = start(
        cast.agent, prepare(cast.agent, "status", {"status": "solved", "reason": ""}, ids(tickets), NOW).pk, NOW
    )
    assert outcomes(run) == [("done", "")] * 2
    assert not Leg.objects.filter(state="running").exists(), "the clocks saw it"
    caused = EventCause.objects.filter(run=run).values_list("event__kind", "event__actor_label")
    assert list(caused) == [("resolve", "Tomas Kral")] * 2
    assert Record.objects.filter(verb="set_status").count() == 2
    assert Record.objects.get(verb="bulk_run").data == {"what": "status", "undoes": None, "count": 2}
    assert Delivery.objects.count() == mails, "nobody gets mail because of it"


def ids(tickets: list[Ticket]) -> list[int]:
    return [ticket.pk for ticket in tickets]


@pytest.mark.behaviour("B-262")
def test_what_changed_since_the_preview_is_left_and_named(cast: Cast) -> None:
    first, second, third = several(cast, 3)
    assign = prepare(cast.agent, "assign", given_to(cast.agent), ids([first, second, third]), NOW)
    casework.assign(cast.lead, second.pk, cast.lead, cast.cloud, NOW)
    start(cast.agent, assign.pk, NOW)
    assert outcomes(assign) == [("done", ""), ("left", "changed"), ("done", "")]
    assert assign.items.get(ticket=second).why == "It was changed since the preview: it was – and is Priya Nair."
    solve = prepare(cast.agent, "status", {"status": "solved", "reason": ""}, ids([first, third]), NOW)
    casework.add_reply(cast.requester, third.pk, says("It happened again."), NOW)
    start(cast.agent, solve.pk, NOW)
    assert outcomes(solve) == [("done", ""), ("left", "changed")]
    third.refresh_from_db()
    assert (third.status, third.waits_for) == ("open", "us")


def test_a_wait_before_an_answer_is_refused_before_and_after(cast: Cast) -> None:
    answered, waits = several(cast, 2)
    casework.add_reply(cast.agent, answered.pk, says("Which version is it?"), NOW)
    run = prepare(cast.agent, "status", {"status": "hold", "reason": "a part"}, ids([answered, waits]), NOW)
    assert outcomes(run) == [("todo", ""), ("left", "answer_first")]
    start(cast.agent, run.pk, NOW)
    answered.refresh_from_db()
    assert (answered.status, answered.hold_reason) == ("hold", "a part")


def test_a_reply_that_waits_leaves_first_and_is_not_the_runs(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    send_later(cast.agent, ticket.pk, Written(says("Done.", "desk")), NOW)
    run = start(cast.lead, prepare(cast.lead, "status", {"status": "solved", "reason": ""}, [ticket.pk], NOW).pk, NOW)
    assert outcomes(run) == [("done", "")]
    assert Reply.objects.filter(ticket=ticket, from_staff=True).count() == 1
    assert [cause.event.kind for cause in EventCause.objects.select_related("event")] == ["resolve"]


@pytest.mark.behaviour("B-263")
def test_a_failure_stops_no_other_and_a_killed_worker_leaves_the_rest_to_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = several(cast, 4)
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 0)
    run = start(cast.agent, prepare(cast.agent, "assign", given_to(cast.lead), ids(tickets), NOW).pk, NOW)
    assert (run.state, outcomes(run)) == ("running", [("todo", "")] * 4)
    done = casework.assign

    def assign(person: Person, ticket_id: int, *more: Any) -> Ticket:
        if ticket_id == tickets[1].pk:
            raise ZeroDivisionError
        if ticket_id == tickets[2].pk:
            raise KeyboardInterrupt
        return done(person, ticket_id, *more)

    monkeypatch.setattr(casework, "assign", assign)
    with pytest.raises(KeyboardInterrupt):
        finish(run)
    assert outcomes(run) == [("done", ""), ("left", "failed"), ("todo", ""), ("todo", "")]
    monkeypatch.setattr(casework, "assign", done)
    finish(run)
    assert outcomes(run) == [("done", ""), ("left", "failed"), ("done", ""), ("done", "")]
    assert (run.state, EventCause.objects.filter(run=run).count()) == ("done", 3)


@pytest.mark.behaviour("B-264")
def test_a_run_is_taken_back_where_nothing_changed_since(cast: Cast) -> None:
    tickets = several(cast, 3)
    for ticket in tickets:
        casework.add_reply(cast.agent, ticket.pk, says("Which version is it?"), NOW)
        casework.set_status(cast.agent, ticket.pk, "hold", NOW, "a part")
    run = start(
        cast.agent, prepare(cast.agent, "status", {"status": "solved", "reason": ""}, ids(tickets), NOW).pk, NOW
    )
    casework.add_reply(cast.requester, tickets[1].pk, says("No, it is not."), later(1))
    undo = prepare_undo(cast.agent, run.pk, later(2))
    assert outcomes(undo) == [("todo", ""), ("left", "overtaken"), ("todo", "")]
    start(cast.agent, undo.pk, later(2))
    tickets[0].refresh_from_db()
    assert (tickets[0].status, tickets[0].hold_reason, tickets[0].waits_for) == ("hold", "a part", "customer")
    assert tickets[0].solved_at is None
    tickets[1].refresh_from_db()
    assert tickets[1].status == "open"
    again = start(cast.agent, prepare_undo(cast.agent, undo.pk, later(3)).pk, later(3))
    assert outcomes(again) == [("done", "")] * 2
    tickets[0].refresh_from_db()
    assert tickets[0].status == "solved"


def test_every_verb_can_be_taken_back(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    field_actions.set_tags(cast.agent, ticket.pk, ["old"], NOW)
    ticket.refresh_from_db()
    before = {name: getattr(ticket, name) for name in STATE}
    for verb, args in VERBS.items():
        run = start(cast.lead, prepare(cast.lead, verb, args(cast), [ticket.pk], NOW).pk, NOW)
        assert outcomes(run) == [("done", "")], verb
        ticket.refresh_from_db()
        assert {name: getattr(ticket, name) for name in STATE} != before, verb
        undo = start(cast.lead, prepare_undo(cast.lead, run.pk, NOW).pk, NOW)
        assert outcomes(undo) == [("done", "")], verb
        ticket.refresh_from_db()
        assert {name: getattr(ticket, name) for name in STATE} == before, verb


STATE = (
    "status",
    "hold_reason",
    "waits_for",
    "assignee_id",
    "team_id",
    "severity",
    "severity_determined_at",
    "tags",
    "set_aside",
    "next_due_at",
)
VERBS: dict[str, Callable[[Cast], dict[str, Any]]] = {
    "assign": lambda cast: given_to(cast.lead),
    "team": lambda cast: {"team": cast.product.pk, "label": "Product support"},
    "status": lambda cast: {"status": "solved", "reason": ""},
    "severity": lambda cast: {"severity": "P1", "reason": "many are affected"},
    "add_tags": lambda cast: {"tags": ["outage"]},
    "remove_tags": lambda cast: {"tags": ["old"]},
    "spam": lambda cast: {},
    "delete": lambda cast: {},
}


@pytest.mark.behaviour("B-265")
def test_nobody_changes_in_bulk_what_they_may_not_change_singly(cast: Cast) -> None:
    tickets = several(cast, 2)
    assert outcomes(prepare(cast.csm, "assign", given_to(cast.csm), ids(tickets), NOW)) == [("left", "not_allowed")] * 2
    assert outcomes(prepare(cast.agent, "delete", {}, ids(tickets), NOW)) == [("left", "not_allowed")] * 2
    with pytest.raises(Refused):
        prepare(cast.requester, "status", {"status": "solved", "reason": ""}, ids(tickets), NOW)
    cast.product.restricted = True
    cast.product.save()
    shut_in = make_person("shut@vendor.test", "Sol Ek", "agent", None, NOW)
    cast.product.members.add(shut_in)
    own = a_ticket(cast, team=cast.product)
    run = prepare(shut_in, "assign", given_to(shut_in), ids([*tickets, own]), NOW)
    assert (outcomes(run), run.left_out) == ([("todo", "")], 2)
    casework.assign(cast.lead, own.pk, None, cast.cloud, NOW)
    start(shut_in, run.pk, NOW)
    assert outcomes(run) == [("left", "not_found")]
    with pytest.raises(Refused):
        start(cast.lead, run.pk, NOW)


def test_too_many_are_cut_off_and_old_previews_go(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "MOST", 2)
    run = prepare(cast.agent, "assign", given_to(cast.lead), ids(several(cast, 3)), NOW)
    assert (run.items.count(), run.left_out) == (2, 1)
    bulk_actions.forget_previews(later(25))
    assert not BulkRun.objects.exists()
    assert not BulkItem.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
@pytest.mark.behaviour("B-266")
def test_two_runs_at_once_and_one_pressed_twice() -> None:
    cast = assemble()
    tickets = several(cast, 6)
    mine = prepare(cast.agent, "assign", given_to(cast.agent), ids(tickets), NOW)
    theirs = prepare(cast.lead, "assign", given_to(cast.lead), ids(tickets), NOW)
    together = threading.Barrier(3)

    def press(person: Person, run: BulkRun) -> None:
        together.wait()
        try:
            start(person, run.pk, NOW)
        finally:
            connection.close()

    pairs = [(cast.agent, mine), (cast.agent, mine), (cast.lead, theirs)]
    threads = [threading.Thread(target=press, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    finish(mine)
    both = list(zip(outcomes(mine), outcomes(theirs), strict=True))
    assert {one for pair in both for one in pair} <= {("done", ""), ("left", "changed")}
    assert all(pair.count(("done", "")) == 1 for pair in both), "each ticket was given away once"
    assert Event.objects.filter(kind="assigned").count() == 6
    assert Record.objects.filter(verb="bulk_run").count() == 2


def test_who_is_not_on_the_team_any_more_gets_nothing_back(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for person in (cast.agent, cast.lead):
        casework.assign(cast.lead, ticket.pk, person, cast.cloud, NOW)
    event = Event.objects.filter(ticket=ticket, kind="assigned").latest("pk")
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)
    with pytest.raises(Refused, match="Tomas Kral, who had it before, is not on the team"):
        undo(cast.lead, ticket.pk, event.pk, later(1))
    assert Ticket.objects.get(pk=ticket.pk).assignee == cast.lead
    Person.objects.filter(pk=cast.agent.pk).update(is_active=True)
    undo(cast.lead, ticket.pk, event.pk, later(1))
    assert Ticket.objects.get(pk=ticket.pk).assignee == cast.agent


def test_the_preview_of_taking_back_asks_for_all_of_them_together(cast: Cast) -> None:
    cost = []
    for count in (2, 5):
        tickets = several(cast, count)
        run = start(cast.agent, prepare(cast.agent, "assign", given_to(cast.lead), ids(tickets), NOW).pk, NOW)
        casework.assign(cast.agent, tickets[0].pk, cast.agent, cast.cloud, NOW)
        with CaptureQueriesContext(connection) as asked:
            undoing = prepare_undo(cast.agent, run.pk, NOW)
        assert outcomes(undoing) == [("left", "overtaken"), *[("todo", "")] * (count - 1)]
        cost.append(len(asked))
    assert cost[0] == cost[1]
