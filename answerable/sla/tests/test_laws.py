"""Laws of the engine (sla contract §8) in real zones: histories near clock changes, in calendars with nights and dates off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import METRICS, PAUSABLE, Event, Leg, Terms, evaluate

SECOND = timedelta(seconds=1)
DAY = 86_400
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TURNS = [
    ("Australia/Lord_Howe", "2024-04-05"),
    ("Pacific/Apia", "2011-12-28"),
    ("America/Sao_Paulo", "2018-11-02"),
    ("America/Santiago", "2024-09-06"),
    ("Africa/Casablanca", "2024-03-08"),
    ("Europe/Moscow", "2014-10-24"),
    ("Europe/Berlin", "2024-03-29"),
    ("UTC", "2024-02-27"),
]
NIGHT, WHOLE, SPLIT = [["22:00", "06:00"]], [["00:00", "24:00"]], [["09:00", "12:00"], ["13:00", "17:00"]]
HOURS: list[dict[str, list[list[str]]]] = [
    dict.fromkeys(DAYS, NIGHT),
    dict.fromkeys(DAYS, WHOLE),
    {**dict.fromkeys(DAYS[:5], SPLIT), "sun": [["01:30", "03:00"]]},
    {"sat": [["23:00", "02:15"]]},
]
MOMENT = st.integers(0, 5 * DAY) | st.integers(0, 5 * 24).map(lambda n: n * 3600)
TARGET = st.none() | st.sampled_from([0, 60, 3600, 4 * 3600, DAY]) | st.integers(0, DAY)
TARGETS = st.fixed_dictionaries({}, optional=dict.fromkeys(METRICS, TARGET))


@st.composite
def calendars(draw: st.DrawFn, tz: str, first: str) -> Calendar:
    dates = [str(datetime.fromisoformat(first).date() + timedelta(days=n)) for n in range(6)]
    if draw(st.integers(0, 5)) == 0:
        return Calendar(tz, always_open=True)
    shape = {
        "tz": tz,
        "weekly": draw(st.sampled_from(HOURS)),
        "dates_off": draw(st.lists(st.sampled_from(dates), max_size=2)),
    }
    return Calendar.read(shape)


@st.composite
def tickets(draw: st.DrawFn) -> tuple[list[Event], Terms, datetime]:
    """A history of five days around a clock change, its terms, and the instant it begins."""
    turn = draw(st.sampled_from(TURNS))
    start = datetime.fromisoformat(turn[1]).replace(tzinfo=UTC)
    kinds = ["customer_message", "agent_reply", "pause", "resume", "resolve", "reopen", "targets", "calendar"]

    def event(moment: int, kind: str) -> Event:
        targets = draw(TARGETS) if kind == "targets" else None
        calendar = draw(calendars(*turn)) if kind == "calendar" else None
        return Event(kind, start + moment * SECOND, targets=targets, calendar=calendar)

    told = draw(st.lists(st.tuples(MOMENT, st.sampled_from(kinds)), max_size=10))
    events = [event(moment, kind) for moment, kind in [(0, "customer_message"), *sorted(told)]]
    pausable = draw(st.sampled_from([PAUSABLE, frozenset(METRICS)]))
    retarget = draw(st.sampled_from(["from_change", "keep_elapsed"]))
    return events, Terms(draw(TARGETS), draw(calendars(*turn)), pausable, retarget), start


def until(events: list[Event], now: datetime) -> list[Event]:
    return [event for event in events if event.at <= now]


def calendar_at(events: list[Event], terms: Terms, now: datetime) -> Calendar:
    held = [event.calendar for event in until(events, now) if event.calendar is not None]
    return held[-1] if held else terms.calendar


@settings(max_examples=150, deadline=None)
@given(tickets(), st.lists(MOMENT, min_size=1, max_size=4))
def test_a_cut_changes_nothing(ticket: tuple[list[Event], Terms, datetime], moments: list[int]) -> None:
    """The same calendar written again cuts a clock in two, and the parts count what the whole did."""
    events, terms, start = ticket
    cuts = [start + moment * SECOND for moment in moments]
    again = [Event("calendar", at, calendar=calendar_at(events, terms, at)) for at in cuts]
    cut = sorted([*events, *again], key=lambda event: event.at)  # stable: after the events of its second
    now = start + 6 * DAY * SECOND
    assert evaluate(cut, terms, now) == evaluate(events, terms, now)


@settings(max_examples=150, deadline=None)
@given(tickets(), st.lists(MOMENT, min_size=2, max_size=5))
def test_what_is_counted_between_looks_adds_up(ticket: tuple[list[Event], Terms, datetime], moments: list[int]) -> None:
    """Looked at on the way, a clock never goes back, never runs faster than time, and stands still once it is met."""
    events, terms, start = ticket
    seen: dict[tuple[str, int], Leg] = {}
    last = start
    for now in sorted(start + moment * SECOND for moment in moments):
        for leg in evaluate(until(events, now), terms, now):
            before = seen.get((leg.metric, leg.index))
            since = max(last, leg.start) if before else leg.start
            grown = leg.elapsed - (before.elapsed if before else 0)
            assert 0 <= grown <= (now - since) // SECOND
            if before and before.fulfilled_at is not None and leg.fulfilled_at == before.fulfilled_at:
                assert grown == 0
            seen[leg.metric, leg.index] = leg
        last = now


@settings(max_examples=150, deadline=None)
@given(tickets(), MOMENT, MOMENT)
def test_looking_on_the_way_changes_nothing(ticket: tuple[list[Event], Terms, datetime], a: int, b: int) -> None:
    """Evaluated at n1 and then at n2 is evaluated at n2; and a due time foretold at n1 comes, if nothing else does."""
    events, terms, start = ticket
    n1, n2 = (start + moment * SECOND for moment in sorted((a, b)))
    alone = evaluate(until(events, n2), terms, n2)
    first = evaluate(until(events, n1), terms, n1)
    assert evaluate(until(events, n2), terms, n2) == alone
    later = {(leg.metric, leg.index): leg for leg in alone}
    quiet = len(until(events, n1)) == len(until(events, n2))
    for leg in first:
        then = later[leg.metric, leg.index]
        if leg.breached_at is not None:
            assert (then.breached_at, then.cause) == (leg.breached_at, leg.cause)
        elif quiet and leg.due_at is not None:
            assert then.due_at == leg.due_at
            assert then.breached_at == (leg.due_at if leg.due_at < n2 else None)


@settings(max_examples=100, deadline=None)
@given(tickets(), st.lists(TARGET.filter(lambda target: target is not None), min_size=2, max_size=2))
def test_a_larger_target_is_never_due_earlier(ticket: tuple[list[Event], Terms, datetime], values: list[Any]) -> None:
    events, terms, start = ticket
    events = [event for event in events if event.kind != "targets"]
    never = start + 1000 * DAY * SECOND
    dues = []
    for value in sorted(values):
        legs = evaluate(events, replace(terms, targets=dict.fromkeys(METRICS, value)), start + 6 * DAY * SECOND)
        dues.append([leg.due_at or never for leg in legs])
    assert all(small <= large for small, large in zip(*dues, strict=True))


@settings(max_examples=100, deadline=None)
@given(tickets(), MOMENT, TARGETS)
def test_events_of_one_second_that_do_not_concern_each_other_commute(
    ticket: tuple[list[Event], Terms, datetime], moment: int, targets: dict[str, int | None]
) -> None:
    """Three at once, in each of their six orders."""
    events, terms, start = ticket
    at = start + moment * SECOND
    now = start + 6 * DAY * SECOND
    before, after = until(events, at), [event for event in events if event.at > at]
    calendar = Event("calendar", at, calendar=Calendar("UTC", always_open=True))
    for others in [
        (Event("pause", at), Event("targets", at, targets=targets)),
        (Event("agent_reply", at), Event("pause", at)),
        (Event("agent_reply", at), Event("resume", at)),
    ]:
        orders = permutations((calendar, *others))
        outcomes = [evaluate([*before, *order, *after], terms, now) for order in orders]
        assert all(one == other for one, other in pairwise(outcomes))
