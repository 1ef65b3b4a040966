"""Stored clocks: swept, warned of, walked anew, audited. Each with the real database, and a clock that the test sets."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import clock_actions, jobs
from answerable.casework.organization_actions import move_ticket, set_plan
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Notice
from answerable.people.actions import apply_calendars
from answerable.sla.actions import TermsSpec, apply_terms, ask_replan
from answerable.sla.models import Defect, Emission, Leg, Replan
from answerable.sla.queries import due_tickets, terms, zones_moved
from answerable.tickets import access
from answerable.tickets.models import Event, Ticket
from tests import cast as the_cast
from tests.cast import NOW, Cast, a_ticket, says

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = {"tz": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


def warn_at(*labels: str, **more: Any) -> None:
    """The cast's terms, with these warnings, from version 2 on."""
    now = terms()
    rules = {"warnings": list(labels)}
    severities = {key: value | more for key, value in now.severities.items()}
    apply_terms(TermsSpec(severities, now.plans, "P2", "standard", rules), now.version + 1, NOW - HOUR)


def sweep(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        jobs.sweep_promises(0)


def walk(at: datetime) -> Replan:
    """Until the walk that was asked for is over; the clock stands still, so the time for one run never ends."""
    forget_all()
    with time_machine.travel(at, tick=False):
        for _ in range(100):
            jobs.replan(0)
            if not Replan.objects.filter(finished_at__isnull=True).exists():
                return Replan.objects.latest("id")
    raise AssertionError("the walk did not end")


def said(kind: str) -> list[tuple[str, datetime, bool]]:
    rows = Emission.objects.filter(kind=kind).order_by("at", "threshold")
    return list(rows.values_list("threshold", "at", "suppressed"))


@pytest.mark.behaviour("B-54")
def test_after_an_hour_of_downtime_each_breach_has_its_true_time_once(cast: Cast) -> None:
    """Contract §7, 12 and 13: the due instant, not the moment of finding; and nothing is too old to be told."""
    due = {a_ticket(cast, NOW + n * MINUTE).pk: NOW + 8 * HOUR + n * MINUTE for n in range(5)}
    sweep(NOW + 7 * HOUR)
    assert not Emission.objects.exists()
    for _ in range(2):
        sweep(NOW + 9 * HOUR)
    assert dict(Leg.objects.filter(metric="first_response").values_list("ticket", "breached_at")) == due
    assert [at for _, at, _ in said("breach")] == sorted(due.values())
    assert set(Emission.objects.values_list("detected_at", flat=True)) == {NOW + 9 * HOUR}
    assert Event.objects.filter(kind="breach").count() == 5
    assert dict(Ticket.objects.values_list("pk", "breached_at")) == due


def test_answered_in_time_during_the_downtime_nothing_is_said(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("In time."), NOW + 8 * HOUR)
    sweep(NOW + 9 * HOUR)
    assert not Emission.objects.exists()


def test_answered_late_before_the_sweep_came_it_is_said_with_the_answer(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Late."), NOW + 8 * HOUR + timedelta(seconds=5))
    assert said("breach") == [("", NOW + 8 * HOUR, False)]
    sweep(NOW + 9 * HOUR)
    assert Emission.objects.count() == 1


@pytest.mark.behaviour("B-55")
def test_a_warning_is_given_at_its_share_and_at_its_time_left(cast: Cast) -> None:
    warn_at("25%", "1800s")
    ticket = a_ticket(cast)
    leg = Leg.objects.get(ticket=ticket, metric="first_response")
    assert leg.warn_at == NOW + 6 * HOUR
    assert due_tickets(NOW + 6 * HOUR - timedelta(seconds=1), 10) == []
    for hours in (6, 6.5, 7.5, 7.75, 8):
        sweep(NOW + hours * HOUR)
    assert said("warning") == [("25%", NOW + 6 * HOUR, False), ("1800s", NOW + 7.5 * HOUR, False)]
    leg.refresh_from_db()
    assert leg.warn_at is None
    assert not Event.objects.filter(kind="breach").exists()


def test_a_target_no_larger_than_the_threshold_has_no_warning(cast: Cast) -> None:
    warn_at("1800s")
    ticket = a_ticket(cast, severity="P0")
    assert Leg.objects.get(ticket=ticket, metric="first_response").warn_at is None


def test_a_warning_is_given_anew_for_a_new_due_time_only(cast: Cast) -> None:
    warn_at("25%", pausable=["first_response"], resolution=8 * 3600)
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Please try again."), NOW + HOUR)
    sweep(NOW + 6 * HOUR)
    assert said("warning") == [("25%", NOW + 6 * HOUR, False)]
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + 7 * HOUR)
    assert Leg.objects.get(metric="resolution").warn_at is None
    casework.set_status(cast.agent, ticket.pk, "open", NOW + 20 * HOUR)
    resolution = Leg.objects.get(metric="resolution")
    assert (resolution.epoch, resolution.due_at) == (1, NOW + 21 * HOUR)
    assert said("warning") == [("25%", NOW + 6 * HOUR, False), ("25%", NOW + 20 * HOUR, False)]


def test_a_tighter_target_past_its_threshold_warns_at_once(cast: Cast) -> None:
    warn_at("50%")
    ticket = a_ticket(cast, severity="P3")
    casework.determine_severity(cast.agent, ticket.pk, "P1", "blocks payroll", NOW + HOUR)
    assert said("warning") == []  # 2 h from the change: never more than was left before, and all of it is left
    casework.determine_severity(cast.agent, ticket.pk, "P3", "it does not", NOW + 1.5 * HOUR)
    casework.determine_severity(cast.agent, ticket.pk, "P1", "it does", NOW + 2.25 * HOUR)
    assert said("warning") == [("50%", NOW + 2.25 * HOUR, False)]


def test_a_breach_overtakes_warnings_that_were_not_given(cast: Cast) -> None:
    warn_at("25%", "1800s")
    a_ticket(cast)
    sweep(NOW + 9 * HOUR)
    assert {(label, suppressed) for label, _, suppressed in said("warning")} == {("25%", True), ("1800s", True)}
    assert len(said("breach")) == 1


@pytest.mark.behaviour("B-56")
def test_several_workers_record_each_breach_and_warning_once(real_transactions: None) -> None:
    cast = the_cast.assemble()
    warn_at("25%")
    late = [a_ticket(cast, NOW + n * MINUTE).pk for n in range(30)]
    soon = [a_ticket(cast, NOW + 100 * MINUTE + n * MINUTE).pk for n in range(10)]
    in_threads(4, jobs.sweep_promises, at=NOW + 8.6 * HOUR)
    assert sorted(Event.objects.filter(kind="breach").values_list("ticket", flat=True)) == late
    given = Emission.objects.filter(kind="warning", suppressed=False).values_list("leg__ticket", flat=True)
    assert sorted(given) == soon
    assert due_tickets(NOW + 8.6 * HOUR, 100) == []


def in_threads(count: int, task: Callable[[int], None], at: datetime) -> None:
    """The task in as many threads at once, each with a connection of its own."""
    ready = threading.Barrier(count)

    def work() -> None:
        try:
            ready.wait()
            task(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    with time_machine.travel(at, tick=False):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def test_a_look_at_a_ticket_that_is_held_passes_by(cast: Cast) -> None:
    ticket = a_ticket(cast)
    records = Record.objects.count()
    assert not clock_actions.look(ticket.pk, NOW + HOUR)
    assert (Record.objects.count(), Ticket.objects.get(pk=ticket.pk).version) == (records, ticket.version)


def test_an_excused_breach_stays_broken_and_listed(cast: Cast) -> None:
    ticket = a_ticket(cast)
    sweep(NOW + 9 * HOUR)
    first = ("first_response", 0)
    for person, which, why, words in [
        (cast.agent, first, "the line was down", "may not"),
        (cast.lead, first, "  ", "Say why"),
        (cast.lead, ("resolution", 0), "never broken", "no such broken"),
    ]:
        with pytest.raises(Refused, match=words):
            clock_actions.excuse(person, ticket.pk, which, why, NOW + 10 * HOUR)
    clock_actions.excuse(cast.lead, ticket.pk, first, "the customer's line was down", NOW + 10 * HOUR)
    leg = Leg.objects.get(ticket=ticket, metric="first_response")
    assert (leg.excused, leg.breached_at) == ("the customer's line was down", NOW + 8 * HOUR)
    assert Emission.objects.filter(kind="breach").count() == 1


@pytest.mark.behaviour("B-57")
def test_a_changed_calendar_moves_running_clocks_and_nothing_that_is_past(cast: Cast) -> None:
    """Contract §7, 27: due times move without anybody touching the ticket; what was judged stays."""
    done, running = a_ticket(cast), a_ticket(cast)
    casework.add_reply(cast.agent, done.pk, says("Done."), NOW + HOUR)
    kept = Leg.objects.get(ticket=done, metric="first_response")
    assert running.due_at == NOW + 8 * HOUR
    apply_calendars({"always": OFFICE}, NOW + 4 * HOUR)  # Monday 13:00: four hours are left, 17:00 is in time for all
    apply_calendars({"always": OFFICE | {"dates_off": ["2026-03-02"]}}, NOW + 5 * HOUR)
    ask_replan("calendar", "always", "Ada Lind", NOW + 5 * HOUR)
    done_walk = walk(NOW + 5 * HOUR + MINUTE)
    running.refresh_from_db()
    assert running.due_at == datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # from 14:00 the day is off; 3 h on Tuesday
    leg = Leg.objects.get(ticket=running, metric="first_response")
    assert (leg.calendar, leg.calendar_version, leg.due_at) == ("always", 3, running.due_at)
    again = Leg.objects.get(pk=kept.pk)
    assert (again.elapsed, again.fulfilled_at, again.calendar_version) == (3600, NOW + HOUR, 1)
    assert (done_walk.total, done_walk.done, done_walk.moved) == (2, 2, 1)


def test_other_warnings_reach_open_tickets_and_are_given_at_once_where_they_are_past(cast: Cast) -> None:
    warn_at("25%")
    early, late = a_ticket(cast), a_ticket(cast, NOW + 5 * HOUR)
    assert apply_terms(TermsSpec(terms().severities, terms().plans, "P2", "standard", {"warnings": ["50%"]}), 3, NOW)
    ask_replan("warnings", "", "Ada Lind", NOW + 4.5 * HOUR)
    walk(NOW + 5 * HOUR)
    due = dict(Leg.objects.filter(metric="first_response").values_list("ticket", "warn_at"))
    assert due == {early.pk: None, late.pk: NOW + 9 * HOUR}
    assert said("warning") == [("50%", NOW + 4 * HOUR, False)]


def test_a_walk_waits_until_no_process_remembers_the_old_calendar(cast: Cast) -> None:
    a_ticket(cast)
    ask_replan("calendar", "always", "Ada Lind", NOW)
    ask_replan("calendar", "always", "Ada Lind", NOW)
    assert Replan.objects.count() == 1
    with time_machine.travel(NOW + timedelta(seconds=4), tick=False):
        jobs.replan(0)
    assert Replan.objects.get().started_at is None


@pytest.mark.behaviour("B-58")
def test_new_terms_reach_open_tickets_only_when_asked(cast: Cast) -> None:
    ticket, closed = a_ticket(cast), a_ticket(cast)
    casework.set_status(cast.agent, closed.pk, "solved", NOW)
    now = terms()
    tighter = {key: value | {"first_response": 3600} for key, value in now.severities.items()}
    apply_terms(TermsSpec(tighter, now.plans, "P2", "standard"), 2, NOW)
    sweep(NOW + 5 * HOUR)
    ticket.refresh_from_db()
    assert ticket.due_at == NOW + 8 * HOUR
    ask_replan("policy", "", "Ada Lind", NOW + 5 * HOUR)
    walk(NOW + 6 * HOUR)
    ticket.refresh_from_db()
    assert ticket.due_at == NOW + 6 * HOUR + HOUR  # counted from the change: a lower target is never late at once
    changes = Event.objects.filter(kind="targets").order_by("id")
    assert [(e.ticket_id, e.data["policy"]) for e in changes] == [(ticket.pk, 1), (closed.pk, 1), (ticket.pk, 2)]
    ask_replan("policy", "", "Ada Lind", NOW + 6 * HOUR)
    assert walk(NOW + 7 * HOUR).moved == 0
    assert changes.count() == 3


def test_what_falls_due_on_the_way_is_recorded_by_the_walk(cast: Cast) -> None:
    a_ticket(cast)
    ask_replan("tzdata", "", "nightly", NOW)
    walk(NOW + 9 * HOUR)
    assert said("breach") == [("", NOW + 8 * HOUR, False)]
    assert Event.objects.filter(kind="breach").count() == 1


@pytest.mark.behaviour("B-59")
def test_the_nightly_audit_finds_a_wrong_clock_and_puts_it_right(cast: Cast) -> None:
    right, wrong = a_ticket(cast), a_ticket(cast)
    Leg.objects.filter(ticket=wrong, metric="first_response").update(due_at=NOW + 99 * HOUR)
    with time_machine.travel(NOW + HOUR, tick=False):
        jobs.audit_clocks(0)
    found = walk(NOW + HOUR + MINUTE)
    defect = Defect.objects.get()
    assert (found.kind, found.moved, defect.number, defect.metric) == ("audit", 1, wrong.number, "first_response")
    assert defect.stored["due_at"] == (NOW + 99 * HOUR).isoformat()
    assert defect.computed["due_at"] == (NOW + 8 * HOUR).isoformat()
    assert set(Leg.objects.filter(metric="first_response").values_list("due_at", flat=True)) == {NOW + 8 * HOUR}
    assert right.due_at == NOW + 8 * HOUR
    told = Notice.objects.get()
    assert (told.person, told.kind, told.data["number"]) == (cast.admin, "defect", wrong.number)


def test_clocks_of_other_time_zone_data_are_read_anew(cast: Cast) -> None:
    a_ticket(cast)
    assert not zones_moved()
    Leg.objects.update(tzdata="2020.1")
    with time_machine.travel(NOW + HOUR, tick=False):
        jobs.audit_clocks(0)
    assert walk(NOW + 2 * HOUR).kind == "tzdata"
    assert not zones_moved()


def test_a_killed_step_is_lost_and_nothing_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        a_ticket(cast)
    ask_replan("tzdata", "", "nightly", NOW)
    monkeypatch.setattr("answerable.casework.walk.STEP", 2)
    steps = []

    def step_of(real: Callable[[int, int], list[Ticket]]) -> Callable[[int, int], list[Ticket]]:
        def dies(after: int, limit: int) -> list[Ticket]:
            steps.append(after)
            if len(steps) == 2:
                raise SystemExit
            return real(after, limit)

        return dies

    with monkeypatch.context() as patch, time_machine.travel(NOW + HOUR, tick=False):
        patch.setattr(access, "lock_next_open", step_of(access.lock_next_open))
        with pytest.raises(SystemExit):
            jobs.replan(0)
    assert (Replan.objects.get().done, Replan.objects.get().finished_at) == (2, None)
    assert walk(NOW + 2 * HOUR).done == 3


@pytest.mark.behaviour("B-61")
def test_another_plan_reaches_the_organizations_open_requests_and_no_others(cast: Cast) -> None:
    theirs, others = a_ticket(cast), a_ticket(cast, organization=cast.other_org, requester=cast.stranger)
    now = terms()
    plans = now.plans | {"gold": {"name": "Gold", "severities": {"P2": {"first_response": 4 * 3600}}}}
    apply_terms(TermsSpec(now.severities, plans, "P2", "standard"), 2, NOW)
    with pytest.raises(Refused, match="administrators"):
        set_plan(cast.agent, cast.org, "gold", NOW + HOUR)
    with pytest.raises(Refused, match="no plan"):
        set_plan(cast.admin, cast.org, "brass", NOW + HOUR)
    set_plan(cast.admin, cast.org, "gold", NOW + HOUR)
    walk(NOW + 2 * HOUR)
    theirs.refresh_from_db()
    others.refresh_from_db()
    assert (theirs.due_at, others.due_at) == (NOW + 6 * HOUR, NOW + 8 * HOUR)
    change = Event.objects.filter(ticket=theirs, kind="targets").latest("id")
    assert (change.data["plan"], change.data["calendar"]) == ("gold", "always")


def test_a_moved_request_gets_the_other_plan_and_leaves_its_breach_behind(cast: Cast) -> None:
    warn_at(next_response=3600)
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Late."), NOW + 9 * HOUR)
    casework.add_reply(cast.requester, ticket.pk, says("Still."), NOW + 10 * HOUR)
    with pytest.raises(Refused):
        move_ticket(cast.csm, ticket.pk, cast.other_org, NOW + 10 * HOUR)
    move_ticket(cast.agent, ticket.pk, cast.other_org, NOW + 10 * HOUR)
    casework.add_reply(cast.agent, ticket.pk, says("Now."), NOW + 10 * HOUR)
    broken, kept = (Leg.objects.get(ticket=ticket, metric=metric) for metric in ("first_response", "next_response"))
    assert (broken.organization_id, kept.organization_id) == (cast.org.pk, cast.other_org.pk)
    assert kept.agent_id == cast.agent.pk
    assert Event.objects.filter(ticket=ticket, kind="targets").count() == 2
