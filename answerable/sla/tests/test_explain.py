"""The explanation is the clock: its spans leave no hole, and what they counted is what the engine says."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings

from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import Event, Terms, evaluate
from answerable.sla.explain import explain
from answerable.sla.tests.naive import Step
from answerable.sla.tests.test_evaluate import (
    HISTORIES,
    MINUTES,
    RULES,
    SECOND,
    TARGETS,
    Minutes,
    as_calendar,
    as_event,
    at,
    second,
)
from answerable.sla.vocabulary import Held, Reading

OFFICE = Calendar.read({"tz": "UTC", "weekly": {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}})


def reading(events: list[Event], terms: Terms) -> Reading:
    return Reading(tuple(events), terms, (Held(at("mon 00:00"), 3, "office", 2),))


@settings(max_examples=200, deadline=None)
@given(HISTORIES, TARGETS, MINUTES, RULES, SECOND)
def test_the_spans_tile_the_leg_and_add_up_to_it(
    history: list[Step],
    targets: dict[str, int | None],
    minutes: Minutes,
    rules: tuple[frozenset[str], str],
    now: int,
) -> None:
    events = [as_event(step) for step in history if step.at <= now]
    terms = Terms(targets, as_calendar(minutes), *rules)
    told = explain(reading(events, terms), second(now))
    assert [one.leg for one in told] == evaluate(events, terms, second(now))
    for one in told:
        past = [line for line in one.lines if not line.kind.endswith("ahead")]
        end = one.leg.fulfilled_at or second(now)
        if one.leg.start < end:
            assert (past[0].start, past[-1].end) == (one.leg.start, end)
        assert sum(line.seconds for line in past) == one.leg.elapsed
        assert all(a.end == b.start and a.start < a.end for a, b in pairwise(one.lines))
        if len(past) < len(one.lines):
            last = one.lines[-1]
            assert (last.kind, last.end, last.sum) == (
                "ahead",
                one.leg.due_at,
                one.leg.elapsed + (one.leg.remaining or 0),
            )


def test_a_day_in_words() -> None:
    events = [
        Event("customer_message", at("mon 11:00")),
        Event("agent_reply", at("mon 11:10")),
        Event("pause", at("mon 11:30"), why="waiting_on_customer"),
        Event("resume", at("mon 11:45")),
        Event("targets", at("mon 14:00"), targets={"resolution": 3 * 3600}),
    ]
    told = explain(reading(events, Terms({"resolution": 4 * 3600}, OFFICE)), at("mon 14:30"))
    (resolution,) = told
    found = [
        (f"{line.start:%H:%M}", f"{line.end:%H:%M}", line.kind, line.why, line.seconds) for line in resolution.lines
    ]
    assert found == [
        ("11:00", "11:30", "running", "", 1800),
        ("11:30", "11:45", "paused", "waiting_on_customer", 0),
        ("11:45", "12:00", "running", "", 900),
        ("12:00", "13:00", "closed", "", 0),
        ("13:00", "14:30", "running", "", 5400),
        ("14:30", "16:15", "ahead", "", 6300),
    ]
    assert [(change.before, change.after) for change in resolution.changes] == [(4 * 3600, 3 * 3600)]
    assert resolution.leg.due_at == at("mon 16:15")
    assert (resolution.held.policy, resolution.held.calendar, resolution.held.version) == (3, "office", 2)


def test_what_runs_after_the_breach_is_overrun() -> None:
    events = [Event("customer_message", at("mon 09:00")), Event("agent_reply", at("mon 11:00"))]
    (told,) = explain(reading(events, Terms({"first_response": 3600}, OFFICE)), at("mon 16:00"))
    assert [(line.kind, line.seconds, line.sum) for line in told.lines] == [
        ("running", 3600, 3600),
        ("late", 3600, 7200),
    ]
    assert told.leg.breached_at == at("mon 09:00") + timedelta(hours=1)
