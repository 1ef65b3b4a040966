"""The engine against the contract's examples, against a second-by-second reference, and against its own laws."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import METRICS, PAUSABLE, Event, Leg, Terms, evaluate, next_due
from answerable.sla.tests.naive import Step, Ticket, walk

ALWAYS = Calendar("UTC", always_open=True)
NEVER = Calendar("UTC")
OFFICE = Calendar.read(
    {"tz": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
)
HOUR = 3600


def at(text: str) -> datetime:
    """An instant of the week of Monday 3 June 2024, as "mon 09:00" or "mon 09:00:01"."""
    day, clock = text.split()
    date = 3 + ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(day)
    return datetime.fromisoformat(f"2024-06-{date:02} {clock}").replace(tzinfo=UTC)


def happens(*steps: tuple[str, str] | tuple[str, str, Any]) -> list[Event]:
    events = []
    for when, kind, *change in steps:
        targets = change[0] if kind == "targets" else None
        calendar = change[0] if kind == "calendar" else None
        events.append(Event(kind, at(when), targets=targets, calendar=calendar))
    return events


def terms(calendar: Calendar = ALWAYS, *, retarget: str = "from_change", **targets: int | None) -> Terms:
    return Terms(targets, calendar, retarget=retarget)


def only(events: Sequence[Event], agreed: Terms, now: str) -> Leg:
    (leg,) = evaluate(events, agreed, at(now))
    return leg


# --- starting and answering ---


def test_the_first_message_starts_and_the_next_reply_fulfils() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 10:00", "customer_message"), ("mon 10:30", "agent_reply"))
    waiting = only(events, terms(OFFICE, first_response=2 * HOUR), "mon 10:15")
    assert (waiting.state, waiting.due_at, waiting.elapsed) == ("running", at("mon 11:00"), 75 * 60)
    assert waiting.remaining == 45 * 60
    answered = only(events, terms(OFFICE, first_response=2 * HOUR), "tue 09:00")
    assert (answered.state, answered.fulfilled_at, answered.due_at) == ("fulfilled", at("mon 10:30"), None)
    assert (answered.elapsed, answered.breached_at, answered.remaining) == (90 * 60, None, None)


def test_a_ticket_opened_by_an_agent_owes_nothing_until_the_customer_writes() -> None:
    events = happens(("mon 09:00", "agent_reply"), ("mon 11:00", "customer_message"))
    agreed = terms(first_response=HOUR, next_response=HOUR, periodic_update=HOUR, resolution=HOUR)
    assert evaluate(events[:1], agreed, at("mon 12:00")) == []
    legs = evaluate(events, agreed, at("mon 11:30"))
    assert [(leg.metric, leg.start) for leg in legs] == [
        ("first_response", at("mon 11:00")),
        ("next_response", at("mon 11:00")),
        ("resolution", at("mon 11:00")),
    ]


def test_the_oldest_unanswered_message_holds_the_clock() -> None:
    events = happens(
        ("mon 09:00", "customer_message"),
        ("mon 09:10", "agent_reply"),
        ("mon 10:00", "customer_message"),
        ("mon 10:30", "customer_message"),
        ("mon 10:40", "agent_reply"),
        ("mon 11:00", "customer_message"),
    )
    first, second = evaluate(events, terms(next_response=HOUR), at("mon 11:30"))
    assert (first.index, first.start, first.fulfilled_at) == (0, at("mon 10:00"), at("mon 10:40"))
    assert (second.index, second.start, second.due_at) == (1, at("mon 11:00"), at("mon 12:00"))


def test_each_reply_owes_the_next_update() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:10", "agent_reply"), ("mon 10:30", "agent_reply"))
    first, second = evaluate(events, terms(periodic_update=HOUR), at("mon 10:40"))
    assert (first.start, first.fulfilled_at, first.breached_at) == (at("mon 09:10"), at("mon 10:30"), at("mon 10:10"))
    assert (second.start, second.due_at) == (at("mon 10:30"), at("mon 11:30"))


def test_a_leg_starts_when_its_mail_was_received() -> None:
    events = [
        Event("customer_message", at("mon 09:00")),
        Event("agent_reply", at("mon 10:00")),
        Event("customer_message", at("mon 10:20"), received_at=at("mon 09:50")),
    ]
    leg = only(events, terms(next_response=HOUR), "mon 10:20")
    assert (leg.start, leg.state, leg.due_at) == (at("mon 09:50"), "running", at("mon 10:50"))
    (resolution,) = evaluate(
        [Event("customer_message", at("mon 10:20"), received_at=at("mon 09:50"))], terms(resolution=1), at("mon 10:20")
    )
    assert resolution.start == at("mon 10:20")


def test_a_target_that_changed_while_the_mail_was_stuck_is_never_judged_backwards() -> None:
    events = [
        Event("targets", at("mon 12:00"), targets={"first_response": HOUR}),
        Event("customer_message", at("mon 12:30"), received_at=at("mon 09:00")),
    ]
    leg = only(events, terms(first_response=10 * HOUR), "mon 12:30")
    assert (leg.start, leg.due_at) == (at("mon 09:00"), at("mon 13:00"))


def test_other_things_that_happen_to_a_ticket_change_nothing() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:05", "assigned"), ("mon 09:06", "note"))
    assert only(events, terms(first_response=HOUR), "mon 09:30").state == "running"


# --- due and breached ---


def test_used_up_at_closing_time_means_closing_time() -> None:
    leg = only(happens(("fri 15:00", "customer_message")), terms(OFFICE, first_response=2 * HOUR), "fri 16:00")
    assert leg.due_at == at("fri 17:00")


def test_a_saturday_answer_to_a_friday_deadline_is_late() -> None:
    events = happens(("fri 15:00", "customer_message"), ("sat 11:00", "agent_reply"))
    leg = only(events, terms(OFFICE, first_response=2 * HOUR), "sun 00:00")
    assert (leg.breached_at, leg.due_at, leg.elapsed, leg.cause) == (at("fri 17:00"), at("fri 17:00"), 2 * HOUR, "time")


def test_a_reply_in_the_very_second_of_the_deadline_is_in_time() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 10:00", "agent_reply"))
    assert only(events, terms(first_response=HOUR), "mon 12:00").breached_at is None
    assert only(events, terms(first_response=HOUR - 1), "mon 12:00").breached_at == at("mon 09:59:59")


def test_a_leg_is_broken_only_after_its_second() -> None:
    events = happens(("mon 09:00", "customer_message"))
    assert only(events, terms(first_response=HOUR), "mon 10:00").breached_at is None
    assert only(events, terms(first_response=HOUR), "mon 10:00:01").breached_at == at("mon 10:00")


def test_a_target_of_zero_is_due_at_the_start_even_when_closed() -> None:
    leg = only(happens(("sun 12:00", "customer_message")), terms(OFFICE, first_response=0), "sun 12:00:01")
    assert (leg.breached_at, leg.cause) == (at("sun 12:00"), "time")


def test_without_target_a_leg_is_measured_and_never_due() -> None:
    leg = only(happens(("mon 09:00", "customer_message")), terms(first_response=None), "tue 09:00")
    assert (leg.state, leg.elapsed, leg.target, leg.due_at, leg.remaining) == ("running", 24 * HOUR, None, None, None)


def test_a_calendar_that_never_opens_gives_no_due_time() -> None:
    leg = only(happens(("mon 09:00", "customer_message")), terms(NEVER, first_response=1), "sun 09:00")
    assert (leg.state, leg.elapsed, leg.due_at) == ("running", 0, None)


def test_what_a_leg_used_up_over_years_is_found() -> None:
    start = at("mon 00:00")
    leg = evaluate([Event("customer_message", start)], terms(resolution=800 * 86_400), start + timedelta(days=900))[0]
    assert leg.breached_at == start + timedelta(days=800)


# --- pausing, resolving, reopening ---


def test_a_pause_stops_what_the_policy_lets_it_stop() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:30", "pause"))
    first, resolution = evaluate(events, terms(first_response=HOUR, resolution=HOUR), at("mon 12:00"))
    assert (first.state, first.breached_at) == ("running", at("mon 10:00"))
    assert (resolution.state, resolution.due_at, resolution.elapsed) == ("paused", None, 30 * 60)
    assert resolution.remaining == 30 * 60
    assert resolution.paused == ((at("mon 09:30"), None),)
    (resolution,) = evaluate(
        [*events, *happens(("mon 12:00", "customer_message"))], terms(resolution=HOUR), at("mon 12:10")
    )
    assert (resolution.state, resolution.due_at) == ("running", at("mon 12:30"))
    assert resolution.paused == ((at("mon 09:30"), at("mon 12:00")),)


def test_pausable_is_the_policys() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:30", "pause"))
    agreed = replace(terms(first_response=HOUR), pausable=frozenset({"first_response"}))
    assert only(events, agreed, "mon 12:00").state == "paused"


def test_pauses_that_touch_are_one_and_those_of_no_length_vanish() -> None:
    events = happens(
        ("mon 09:00", "customer_message"),
        ("mon 09:10", "pause"),
        ("mon 09:20", "resume"),
        ("mon 09:20", "pause"),
        ("mon 09:30", "resume"),
        ("mon 09:40", "pause"),
        ("mon 09:40", "resume"),
    )
    leg = only(events, terms(resolution=HOUR), "mon 10:00")
    assert leg.paused == ((at("mon 09:10"), at("mon 09:30")),)
    assert leg.elapsed == 40 * 60


def test_a_pause_while_paused_changes_nothing() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:10", "pause"), ("mon 09:30", "pause"))
    leg = only(events, terms(resolution=HOUR), "mon 10:00")
    assert (leg.paused, leg.elapsed) == (((at("mon 09:10"), None),), 10 * 60)


def test_paused_in_the_second_of_the_deadline_it_falls_due_when_it_goes_on() -> None:
    events = happens(("fri 09:00", "customer_message"), ("fri 10:00", "pause"), ("sun 12:00", "resume"))
    assert only(events[:2], terms(OFFICE, resolution=HOUR), "sat 12:00").due_at is None
    assert only(events, terms(OFFICE, resolution=HOUR), "sun 13:00").breached_at == at("sun 12:00")


def test_while_resolved_everything_stands_still_and_goes_on_when_reopened() -> None:
    agreed = terms(first_response=HOUR, resolution=2 * HOUR)
    events = happens(("mon 09:00", "customer_message"), ("mon 09:40", "resolve"), ("tue 09:00", "reopen"))
    first, resolution = evaluate(events, agreed, at("mon 12:00"))
    assert (first.state, first.elapsed, first.due_at, first.paused) == ("cancelled", 40 * 60, None, ())
    assert (resolution.state, resolution.fulfilled_at, resolution.elapsed) == ("fulfilled", at("mon 09:40"), 40 * 60)
    first, resolution = evaluate(events, agreed, at("tue 09:10"))
    assert (first.state, first.due_at, first.paused) == (
        "running",
        at("tue 09:20"),
        ((at("mon 09:40"), at("tue 09:00")),),
    )
    assert (resolution.state, resolution.fulfilled_at) == ("running", None)
    assert (resolution.elapsed, resolution.due_at) == (50 * 60, at("tue 10:20"))


def test_a_cancelled_legs_pauses_end_at_the_resolve() -> None:
    events = happens(
        ("mon 09:00", "customer_message"),
        ("mon 09:05", "agent_reply"),
        ("mon 09:10", "pause"),
        ("mon 09:20", "resolve"),
        ("mon 10:00", "reopen"),
    )
    (update,) = evaluate(events[:4], terms(periodic_update=HOUR), at("mon 09:30"))
    assert (update.state, update.paused) == ("cancelled", ((at("mon 09:10"), at("mon 09:20")),))
    (update,) = evaluate(events, terms(periodic_update=HOUR), at("mon 10:05"))
    assert (update.state, update.paused) == ("running", ((at("mon 09:10"), at("mon 10:00")),))


def test_a_message_reopens() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:40", "resolve"), ("tue 09:00", "customer_message"))
    assert only(events, terms(resolution=HOUR), "tue 09:10").due_at == at("tue 09:20")


def test_a_reply_fulfils_while_resolved_too() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:40", "resolve"), ("mon 10:30", "agent_reply"))
    leg = only(events, terms(first_response=HOUR), "mon 12:00")
    assert (leg.state, leg.fulfilled_at, leg.elapsed, leg.breached_at) == ("fulfilled", at("mon 10:30"), 40 * 60, None)


def test_a_ticket_created_resolved_starts_its_clocks_stopped() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 09:00", "resolve"))
    first, resolution = evaluate(events, terms(first_response=0, resolution=0), at("mon 12:00"))
    assert (first.state, first.due_at, first.elapsed) == ("cancelled", None, 0)
    assert (resolution.state, resolution.breached_at) == ("fulfilled", None)


def test_a_breach_outlives_the_answer_the_pause_and_the_resolve() -> None:
    events = happens(("mon 09:00", "customer_message"), ("mon 11:00", "pause"), ("mon 12:00", "resolve"))
    for now, state in [("mon 10:30", "running"), ("mon 11:30", "paused"), ("mon 13:00", "fulfilled")]:
        leg = only(events, terms(resolution=HOUR), now)
        assert (leg.state, leg.due_at, leg.breached_at) == (state, at("mon 10:00"), at("mon 10:00"))


# --- changes in flight ---

SWINGS = happens(
    ("mon 00:00", "customer_message"),
    ("mon 05:00", "targets", {"resolution": HOUR}),
    ("mon 05:30", "targets", {"resolution": 10 * HOUR}),
    ("mon 07:00", "targets", {"resolution": HOUR}),
)


def test_the_contracts_example_of_changes() -> None:
    agreed = terms(resolution=10 * HOUR)
    assert only(SWINGS[:2], agreed, "mon 05:10").due_at == at("mon 06:00")
    assert only(SWINGS[:3], agreed, "mon 06:30").due_at == at("mon 10:00")
    late = only(SWINGS, agreed, "mon 07:00:01")
    assert (late.breached_at, late.cause, late.target) == (at("mon 07:00"), "retarget", HOUR)
    raised = happens(("mon 00:00", "customer_message"), ("mon 09:30", "targets", {"resolution": HOUR}))
    assert only(raised, agreed, "mon 09:40").due_at == at("mon 10:00")


def test_targets_that_stay_as_they_are_cause_nothing() -> None:
    events = happens(("mon 00:00", "customer_message"), ("mon 01:00", "targets", {"resolution": HOUR}))
    assert only(events, terms(resolution=HOUR), "mon 02:00").cause == "time"


def test_keep_elapsed_finds_a_raised_leg_late_at_the_change() -> None:
    agreed = terms(resolution=10 * HOUR, retarget="keep_elapsed")
    assert only(SWINGS[:2], agreed, "mon 05:00").breached_at is None
    leg = only(SWINGS[:2], agreed, "mon 06:00")
    assert (leg.breached_at, leg.cause) == (at("mon 05:00"), "retarget")


def test_a_longer_target_counts_from_the_start_and_is_in_time_in_the_second_of_the_deadline() -> None:
    events = happens(("mon 00:00", "customer_message"), ("mon 01:00", "targets", {"resolution": 2 * HOUR}))
    assert only(events, terms(resolution=HOUR), "mon 01:30").due_at == at("mon 02:00")


def test_a_target_held_for_no_time_was_held() -> None:
    events = happens(
        ("mon 00:00", "customer_message"),
        ("mon 01:00", "targets", {"resolution": HOUR}),
        ("mon 01:00", "targets", {"resolution": 10 * HOUR}),
        ("mon 05:00", "targets", {"resolution": HOUR}),
    )
    assert only(events, terms(resolution=10 * HOUR), "mon 06:00").breached_at == at("mon 05:00")


def test_without_target_for_a_while_there_is_no_due_time_for_that_while() -> None:
    events = happens(
        ("mon 00:00", "customer_message"),
        ("mon 00:30", "targets", {"resolution": None}),
        ("mon 02:00", "targets", {"resolution": HOUR}),
    )
    assert only(events[:2], terms(resolution=HOUR), "mon 01:30").due_at is None
    leg = only(events, terms(resolution=HOUR), "mon 03:00")
    assert (leg.breached_at, leg.cause) == (at("mon 02:00"), "retarget")
    fresh = only(events, terms(resolution=None), "mon 02:30")  # from_change: a first target counts from its beginning
    assert fresh.due_at == at("mon 03:00")


def test_fulfilled_legs_keep_what_they_were_judged_by() -> None:
    events = happens(
        ("mon 09:00", "customer_message"),
        ("mon 09:50", "agent_reply"),
        ("mon 10:00", "targets", {"first_response": 60}),
    )
    leg = only(events, terms(first_response=HOUR), "mon 12:00")
    assert (leg.target, leg.breached_at) == (HOUR, None)


def test_a_change_while_resolved_waits_for_the_reopening() -> None:
    events = happens(
        ("mon 09:00", "customer_message"),
        ("mon 09:10", "resolve"),
        ("mon 10:00", "targets", {"first_response": 60, "resolution": 60}),
        ("mon 12:00", "reopen"),
    )
    agreed = terms(first_response=HOUR, resolution=HOUR)
    assert [leg.target for leg in evaluate(events, agreed, at("mon 11:00"))] == [HOUR, HOUR]
    legs = evaluate(events, agreed, at("mon 12:00:30"))
    assert [(leg.target, leg.due_at) for leg in legs] == [(60, at("mon 12:01"))] * 2


def test_each_second_counts_by_the_calendar_in_force() -> None:
    holiday = Calendar.read({"tz": "UTC", "weekly": {"tue": [["09:00", "17:00"]]}})
    events = happens(("mon 09:00", "customer_message"), ("mon 12:00", "calendar", holiday))
    leg = only(events, terms(OFFICE, first_response=4 * HOUR), "mon 20:00")
    assert (leg.elapsed, leg.due_at) == (3 * HOUR, at("tue 10:00"))


def test_a_calendar_that_is_to_come_is_known_ahead() -> None:
    closed = happens(("mon 09:00", "customer_message"), ("mon 12:00", "calendar", NEVER))
    assert only(closed, terms(OFFICE, first_response=3 * HOUR), "mon 10:00").due_at == at("mon 12:00")
    assert only(closed, terms(OFFICE, first_response=4 * HOUR), "mon 10:00").due_at is None
    reopened = [*closed, *happens(("mon 14:00", "calendar", ALWAYS))]
    leg = only(reopened, terms(OFFICE, first_response=4 * HOUR), "mon 10:00")
    assert (leg.due_at, leg.elapsed) == (at("mon 15:00"), HOUR)


def test_a_change_of_targets_may_bring_its_calendar() -> None:
    events = [
        Event("customer_message", at("fri 16:00")),
        Event("targets", at("fri 16:30"), targets={"first_response": 2 * HOUR}, calendar=ALWAYS),
    ]
    assert only(events, terms(OFFICE, first_response=3 * HOUR), "fri 16:45").due_at == at("fri 18:30")


def test_events_out_of_order_are_refused() -> None:
    events = happens(("mon 10:00", "customer_message"), ("mon 09:00", "agent_reply"))
    with pytest.raises(ValueError, match="out of order"):
        evaluate(events, terms(first_response=1), at("mon 12:00"))


# --- what is owed next ---


def test_the_next_due_is_the_earliest_running_promise_broken_ones_included() -> None:
    agreed = terms(first_response=2 * HOUR, next_response=HOUR, resolution=4 * HOUR)
    events = happens(("mon 09:00", "customer_message"), ("mon 11:30", "agent_reply"), ("mon 11:40", "pause"))
    broken = next_due(evaluate(events, agreed, at("mon 11:15")))
    assert broken is not None
    assert (broken.metric, broken.due_at) == ("first_response", at("mon 11:00"))
    answered = next_due(evaluate(events, agreed, at("mon 11:35")))
    assert answered is not None
    assert (answered.metric, answered.due_at) == ("resolution", at("mon 13:00"))
    assert next_due(evaluate(events, agreed, at("mon 12:00"))) is None


# --- against the reference, and laws ---

START = at("mon 10:00")
SPAN = 400
BEYOND = 800


def second(n: int) -> datetime:
    return START + timedelta(seconds=n)


Minutes = tuple[bool, ...]  # open or closed, each minute from START; the last one lasts


def counts(minutes: Minutes, n: int) -> bool:
    return minutes[min(n // 60, len(minutes) - 1)]


def as_calendar(minutes: Minutes) -> Calendar:
    clock = [f"10:{n:02}" for n in range(len(minutes))] + ["24:00"]
    pairs = [[clock[n], clock[n + 1]] for n, opened in enumerate(minutes) if opened]
    return Calendar.read({"tz": "UTC", "weekly": {"mon": pairs}})


MINUTES = st.lists(st.booleans(), min_size=1, max_size=9).map(tuple)
TARGET = st.sampled_from([None, 0, 5, 20, 60, 61, 90, 150, 200])
KINDS = ["customer_message", "agent_reply", "pause", "resume", "resolve", "reopen", "targets", "calendar"]
SECOND = st.integers(0, SPAN) | st.sampled_from(
    range(0, SPAN, 20)
)  # the second sort meets others, and the full minutes


@st.composite
def steps(draw: st.DrawFn) -> Step:
    kind = draw(st.sampled_from([*KINDS, "customer_message", "agent_reply", "targets"]))
    when = draw(SECOND)
    change: Any = None
    if kind == "targets":
        change = draw(st.dictionaries(st.sampled_from(METRICS), TARGET, min_size=1, max_size=3))
    if kind == "calendar":
        change = draw(MINUTES)
    received = max(0, when - draw(st.sampled_from([0, 0, 1, 7, 30]))) if kind == "customer_message" else None
    return Step(when, kind, change, received)


def in_order(found: Sequence[Step]) -> list[Step]:
    return sorted(found, key=lambda step: step.at)


# Anything at all, or a longer history of a ticket that a customer opened.
HISTORIES = st.lists(steps(), max_size=8).map(in_order) | st.lists(steps(), min_size=4, max_size=14).map(
    lambda found: in_order([Step(0, "customer_message"), *found])
)
TARGETS = st.fixed_dictionaries({}, optional=dict.fromkeys(METRICS, TARGET))
RULES = st.tuples(
    st.sampled_from([PAUSABLE, frozenset[str](), frozenset(METRICS)]), st.sampled_from(["from_change", "keep_elapsed"])
)


def as_event(step: Step) -> Event:
    return Event(
        step.kind,
        second(step.at),
        received_at=None if step.received_at is None else second(step.received_at),
        targets=step.change if step.kind == "targets" else None,
        calendar=as_calendar(step.change) if step.kind == "calendar" else None,
    )


def in_seconds(leg: Leg) -> dict[str, Any]:
    def number(when: datetime | None) -> int | None:
        return None if when is None else (when - START) // timedelta(seconds=1)

    due = number(leg.due_at)
    return {
        "metric": leg.metric,
        "index": leg.index,
        "start": number(leg.start),
        "target": leg.target,
        "state": leg.state,
        "fulfilled_at": number(leg.fulfilled_at),
        "paused": [[number(stopped), number(resumed)] for stopped, resumed in leg.paused],
        "elapsed": leg.elapsed,
        "due_at": due if due is None or due < BEYOND else None,
        "breached_at": number(leg.breached_at),
    }


def reference(
    history: list[Step], targets: dict[str, int | None], minutes: Minutes, rules: tuple[frozenset[str], str], now: int
) -> list[dict[str, Any]]:
    seconds = [
        replace(step, change=partial(counts, step.change)) if step.kind == "calendar" else step for step in history
    ]
    return walk(Ticket(targets, partial(counts, minutes), list(rules[0]), rules[1]), seconds, now, BEYOND)


@settings(max_examples=400, deadline=None)
@given(HISTORIES, TARGETS, MINUTES, RULES, SECOND)
@pytest.mark.behaviour("B-26")
def test_agrees_with_the_second_by_second_reference(
    history: list[Step], targets: dict[str, int | None], minutes: Minutes, rules: tuple[frozenset[str], str], now: int
) -> None:
    events = [as_event(step) for step in history if step.at <= now]
    legs = evaluate(events, Terms(targets, as_calendar(minutes), *rules), second(now))
    assert [in_seconds(leg) for leg in legs] == reference(history, targets, minutes, rules, now)


@settings(max_examples=100, deadline=None)
@given(HISTORIES, TARGETS, MINUTES, RULES, SECOND, SECOND)
def test_a_breach_found_once_is_found_the_same_ever_after(
    history: list[Step],
    targets: dict[str, int | None],
    minutes: Minutes,
    rules: tuple[frozenset[str], str],
    a: int,
    b: int,
) -> None:
    earlier, later = sorted((a, b))
    agreed = Terms(targets, as_calendar(minutes), *rules)
    seen, then = (
        evaluate([as_event(step) for step in history if step.at <= now], agreed, second(now))
        for now in (earlier, later)
    )
    known = {(leg.metric, leg.index): leg for leg in then}
    for leg in seen:
        after = known[leg.metric, leg.index]
        assert after.start == leg.start
        if leg.breached_at is not None:
            assert (after.breached_at, after.cause, after.due_at) == (leg.breached_at, leg.cause, leg.breached_at)
    if not any(earlier < step.at <= later for step in history):  # nothing more happened: it came as foretold
        for leg in seen:
            if leg.due_at is not None:
                assert known[leg.metric, leg.index].due_at == leg.due_at


COMMUTING = [
    ("agent_reply", "pause"),
    ("agent_reply", "resume"),
    ("agent_reply", "calendar"),
    ("customer_message", "calendar"),
    ("resolve", "calendar"),
    ("targets", "calendar"),
    ("targets", "pause"),
    ("targets", "resume"),
]


@settings(max_examples=100, deadline=None)
@given(HISTORIES, st.sampled_from(COMMUTING), SECOND, TARGETS, MINUTES)
def test_events_of_a_second_that_do_not_concern_each_other_may_swap(
    history: list[Step], kinds: tuple[str, str], when: int, targets: dict[str, int | None], minutes: Minutes
) -> None:
    changes = {"calendar": (True, False), "targets": {"resolution": 61, "first_response": 5}}
    pair = [as_event(Step(when, kind, changes.get(kind))) for kind in kinds]
    before = [as_event(step) for step in history if step.at <= when]
    after = [as_event(step) for step in history if step.at > when]
    agreed = Terms(targets, as_calendar(minutes))
    one, other = (evaluate([*before, *way, *after], agreed, second(SPAN)) for way in (pair, pair[::-1]))
    assert one == other


@settings(max_examples=100, deadline=None)
@given(HISTORIES, MINUTES, st.integers(0, 200), st.integers(0, 200))
def test_a_larger_target_is_never_due_earlier(history: list[Step], minutes: Minutes, small: int, more: int) -> None:
    events = [as_event(step) for step in history if step.kind != "targets"]
    hours = as_calendar(minutes)
    legs = (
        evaluate(events, Terms(dict.fromkeys(METRICS, target), hours), second(SPAN)) for target in (small, small + more)
    )
    dues = ([leg.due_at or second(10**9) for leg in found] for found in legs)
    assert all(a <= b for a, b in zip(*dues, strict=True))


@settings(max_examples=50, deadline=None)
@given(HISTORIES, MINUTES, SECOND)
def test_elapsed_adds_up_second_by_second(history: list[Step], minutes: Minutes, now: int) -> None:
    agreed = Terms(dict.fromkeys(METRICS, 60), as_calendar(minutes))
    events = [as_event(step) for step in history if step.at <= now]  # and nothing happens afterwards
    ends = [evaluate(events, agreed, second(now + more)) for more in (0, 1, 60, 90)]
    for legs in zip(*ends, strict=True):
        spent = [leg.elapsed for leg in legs]
        assert spent == sorted(spent)
        assert spent[1] - spent[0] == (legs[0].state == "running" and _opened(events, agreed, now))
        assert spent[3] - spent[0] <= 90


def _opened(events: list[Event], agreed: Terms, now: int) -> bool:
    held = [event.calendar for event in events if event.calendar is not None]
    day = (held[-1] if held else agreed.calendar).weekly[0]
    return any(opens * 60 <= now + 10 * HOUR < closes * 60 for opens, closes in day)
