"""Whom an alert pages, and when: the pure function, against edge case 29 and an hour without anything running."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.escalation.paging import Entry, Find, Move, Plan, Step, move, stand

T = datetime(2026, 3, 3, 2, 11, tzinfo=UTC)
PLAN = Plan((Step(("ann",), 600), Step(("bob",), 600), Step(("lead",), 900)), every=300)
KNOWN = {"ann": 1, "bob": 2, "lead": 3}


def minutes(number: float) -> datetime:
    return T + timedelta(minutes=number)


def find(*away: str) -> Find:
    return lambda name, _at: (KNOWN[name],) if name not in away else ()


class Run:
    """An alert whose log grows, looked at when it asks to be, or when the test says."""

    def __init__(self, plan: Plan = PLAN, away: Iterable[str] = ()) -> None:
        self.plan, self.away = plan, tuple(away)
        self.log = [Entry("raised", T)]
        self.due: datetime | None = T
        self.pages: list[tuple[float, int]] = []

    def look(self, at: datetime) -> Move:
        found = move(self.plan, self.log, at, find(*self.away), self.due)
        self.log += found.said
        if found.people is not None:
            self.log.append(Entry("paged", at, found.turn))
            self.pages += [((at - T).total_seconds() / 60, who) for who in found.people]
        self.due = found.due_at
        return found

    def until(self, at: datetime) -> None:
        while self.due is not None and self.due <= at:
            self.look(self.due)

    def said(self, kind: str) -> list[str]:
        return [(entry.data or {}).get("why", "") for entry in self.log if entry.kind == kind]


@pytest.mark.behaviour("B-355")
def test_it_repeats_until_somebody_answers_and_walks_on_by_time() -> None:
    run = Run()
    run.until(minutes(34))
    assert run.pages == [(0, 1), (5, 1), (10, 2), (15, 2), (20, 3), (25, 3), (30, 3)]
    assert run.said("passed") == ["time", "time"]
    assert not stand(run.log).exhausted


@pytest.mark.behaviour("B-355")
def test_when_it_has_run_out_it_says_so_once_and_never_falls_silent() -> None:
    run = Run()
    run.until(minutes(60))
    assert len(run.said("exhausted")) == 1
    assert next(entry.at for entry in run.log if entry.kind == "exhausted") == minutes(35)
    assert [page for page in run.pages if page[0] >= 35] == [(m, 3) for m in (35, 40, 45, 50, 55, 60)]


def test_the_list_is_gone_through_as_often_as_the_policy_says() -> None:
    run = Run(Plan((Step(("ann",), 300), Step(("bob",), 300)), every=300, rounds=2))
    run.until(minutes(20))
    assert run.pages == [(0, 1), (5, 2), (10, 1), (15, 2), (20, 2)]
    assert next(entry.at for entry in run.log if entry.kind == "exhausted") == minutes(20)


@pytest.mark.behaviour("B-356")
def test_edge_case_29_a_step_with_nobody_is_passed_at_once() -> None:
    run = Run(away=["ann", "bob"])
    run.look(T)
    assert run.pages == [(0, 3)]
    assert run.said("passed") == ["nobody", "nobody"]


@pytest.mark.behaviour("B-356")
def test_with_nobody_at_all_it_has_run_out_at_once_and_goes_on_asking() -> None:
    run = Run(away=["ann", "bob", "lead"])
    found = run.look(T)
    assert found.exhausted
    assert run.pages == []
    assert found.due_at == minutes(5)
    run.away = ("ann", "bob")
    run.look(minutes(5))
    assert run.pages == [(5, 3)]
    assert Run(Plan(())).look(T).exhausted


def test_whoever_stops_being_there_in_the_middle_of_a_step_passes_it_at_their_next_page() -> None:
    run = Run()
    run.look(T)
    run.away = ("ann",)
    run.until(minutes(5))
    assert run.pages == [(0, 1), (5, 2)]
    assert run.said("passed") == ["nobody"]


def test_a_step_that_reached_nobody_is_passed_at_once() -> None:
    run = Run()
    run.look(T)
    run.log.append(Entry("unreached", minutes(1), 0))
    run.look(minutes(1))
    assert run.pages == [(0, 1), (1, 2)]
    assert run.said("passed") == ["unreached"]
    # The last one is paged on all the same, but no faster.
    run.until(minutes(30))
    run.log.append(Entry("unreached", minutes(30.5), stand(run.log).turn))
    run.look(minutes(30.5))
    run.log.append(Entry("unreached", minutes(30.9), stand(run.log).turn))
    assert run.look(minutes(30.9)).people is None


@pytest.mark.behaviour("B-357")
def test_after_an_hour_without_anything_running_it_goes_on_where_it_stands_and_says_so() -> None:
    run = Run(Plan((*PLAN.steps[:2], Step(("lead",), 7200)), every=300))
    run.until(minutes(4))
    run.look(minutes(64))
    assert run.pages == [(0, 1), (64, 3)]
    assert run.said("passed") == ["time", "not_running"]
    late = next(entry for entry in run.log if entry.kind == "late")
    assert late.data == {"since": minutes(5).isoformat(), "until": minutes(64).isoformat()}
    # One page for all that were missed, and the next one only after its time.
    assert run.due == minutes(69)


def test_where_nobody_is_there_looking_on_time_is_never_called_late() -> None:
    run = Run()
    run.until(minutes(36))
    run.away = ("ann", "bob", "lead")
    run.until(minutes(60))
    assert [page for page in run.pages if page[0] > 36] == []
    alone = Run(away=["ann", "bob", "lead"])
    alone.until(minutes(60))
    assert (run.said("late"), alone.said("late")) == ([], [])
    alone.look(minutes(90))
    assert len(alone.said("late")) == 1


def test_a_look_that_comes_a_second_late_is_no_news() -> None:
    run = Run()
    run.look(T + timedelta(seconds=2))
    run.look(T + timedelta(minutes=5, seconds=4))
    assert run.said("late") == []
    assert len(run.pages) == 2


def test_answered_or_resolved_it_pages_nobody_and_opened_again_it_pages_at_once() -> None:
    run = Run()
    run.look(T)
    run.log.append(Entry("acked", minutes(2)))
    assert run.look(minutes(30)) == Move()
    run.log.append(Entry("reopened", minutes(40)))
    run.look(minutes(40))
    assert run.pages == [(0, 1), (40, 1)]
    run.log.append(Entry("resolved", minutes(41)))
    run.log.append(Entry("acked", minutes(42)))
    assert run.look(minutes(50)) == Move()
    assert stand(run.log).state == "resolved"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    waits=st.lists(st.integers(60, 1800), max_size=4),
    every=st.integers(60, 900),
    rounds=st.integers(1, 3),
    looks=st.lists(st.integers(1, 4000), min_size=1, max_size=20),
    away=st.sets(st.sampled_from(["ann", "bob", "lead"])),
)
def test_however_late_the_looks_are_it_never_pages_in_bursts_nor_falls_silent(
    waits: list[int], every: int, rounds: int, looks: list[int], away: set[str]
) -> None:
    names = ["ann", "bob", "lead", "ann"]
    plan = Plan(tuple(Step((names[n],), wait) for n, wait in enumerate(waits)), every, rounds)
    run = Run(plan, away)
    at = T
    for wait in looks:
        found = run.look(at)
        assert found.due_at is not None
        assert at < found.due_at <= at + timedelta(seconds=every)
        again = run.look(at)
        assert (again.people, again.said) == (None, ()) or not run.pages
        at += timedelta(seconds=wait)
    turns = [entry.turn for entry in run.log if entry.kind == "passed"]
    assert turns == list(range(len(turns)))
    assert len(run.said("exhausted")) <= 1
