"""Merge, unmerge, split and excuse (sla contract §1.4, §1.3): the customer who waited longest is answered first."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import Carried, Event, Leg, Terms, evaluate
from answerable.sla.tests.naive import Step
from answerable.sla.tests.test_evaluate import HISTORIES, MINUTES, Minutes, as_calendar, as_event, at, second

ALWAYS = Calendar.read({"tz": "UTC", "always_open": True})
HOUR = 3600
TERMS = Terms(dict.fromkeys(("first_response", "next_response"), 4 * HOUR), ALWAYS)
B = 77


def legs(events: list[Event], now: str, terms: Terms = TERMS) -> dict[tuple[str, int], Leg]:
    return {(leg.metric, leg.index): leg for leg in evaluate(events, terms, at(now))}


def wrote(when: str) -> Event:
    return Event("customer_message", at(when))


def answered(when: str) -> Event:
    return Event("agent_reply", at(when))


def merged_in(when: str, *carried: tuple[str, str, int]) -> Event:
    load = tuple(Carried(metric, at(start), counted) for metric, start, counted in carried)
    return Event("merged_in", at(when), source=B, carried=load)


def test_the_merged_ticket_carries_its_open_legs_away() -> None:
    events = [wrote("mon 08:00"), Event("merged_away", at("mon 10:00"))]
    leg = legs(events, "mon 20:00")["first_response", 0]
    assert (leg.state, leg.elapsed, leg.due_at, leg.breached_at) == ("carried", 2 * HOUR, None, None)


def test_what_was_broken_there_stays_broken_there() -> None:
    events = [wrote("mon 08:00"), Event("merged_away", at("mon 13:00"))]
    leg = legs(events, "mon 20:00")["first_response", 0]
    assert (leg.state, leg.breached_at, leg.due_at) == ("carried", at("mon 12:00"), at("mon 12:00"))


@pytest.mark.parametrize(
    ("ours", "counted", "start", "due"),
    [
        ("mon 09:30", 2 * HOUR, "mon 08:00", "mon 12:00"),  # theirs has less room: it is kept
        ("mon 07:00", 2 * HOUR, "mon 07:00", "mon 11:00"),  # ours has
    ],
)
def test_of_two_open_legs_the_one_with_less_room_is_kept(ours: str, counted: int, start: str, due: str) -> None:
    events = [wrote(ours), merged_in("mon 10:00", ("first_response", "mon 08:00", counted))]
    found = legs(events, "mon 10:30")
    assert list(found) == [("first_response", 0)]
    leg = found["first_response", 0]
    assert (leg.start, leg.due_at) == (at(start), at(due))


def test_a_first_response_becomes_the_next_one_where_somebody_has_answered() -> None:
    events = [wrote("mon 07:00"), answered("mon 07:30"), merged_in("mon 10:00", ("first_response", "mon 08:00", HOUR))]
    found = legs(events, "mon 10:30")
    leg = found["next_response", 0]
    assert (leg.start, leg.elapsed, leg.due_at) == (at("mon 08:00"), HOUR + HOUR // 2, at("mon 13:00"))
    assert legs([*events, answered("mon 12:00")], "mon 14:00")["next_response", 0].state == "fulfilled"


def test_a_reply_from_before_the_merge_answers_nobody_elses_customer() -> None:
    events = [wrote("mon 07:00"), answered("mon 09:59"), merged_in("mon 10:00", ("first_response", "mon 08:00", HOUR))]
    assert legs(events, "mon 10:30")["next_response", 0].state == "running"


def test_unmerged_ours_goes_on_without_theirs() -> None:
    events = [
        wrote("mon 09:30"),
        merged_in("mon 10:00", ("first_response", "mon 08:00", 2 * HOUR), ("next_response", "mon 09:00", HOUR)),
        Event("unmerged", at("mon 11:00"), source=B),
    ]
    found = legs(events, "mon 11:30")
    assert (found["first_response", 0].start, found["first_response", 0].due_at) == (at("mon 09:30"), at("mon 13:30"))
    assert (found["next_response", 0].state, found["next_response", 0].elapsed) == ("carried", 2 * HOUR)


def test_a_breach_under_a_carried_leg_outlives_the_unmerge() -> None:
    events = [
        wrote("mon 09:30"),
        merged_in("mon 10:00", ("first_response", "mon 06:30", 3 * HOUR + HOUR // 2)),
        Event("unmerged", at("mon 11:00"), source=B),
    ]
    for now in ("mon 10:45", "mon 11:30", "mon 20:00"):
        assert legs(events, now)["first_response", 0].breached_at == at("mon 10:30")


def test_a_breach_of_ours_outlives_a_carried_leg_with_less_room() -> None:
    """Broken by a target of nothing, then given an hour: theirs has less of it left."""
    zeroed = [("mon 08:00", 0), ("mon 08:01", HOUR)]
    change = [Event("targets", at(when), targets={"first_response": to}) for when, to in zeroed]
    events = [wrote("mon 08:00"), *change, merged_in("mon 08:30", ("first_response", "mon 08:00", HOUR // 2 + 60))]
    for now in ("mon 08:20", "mon 08:30", "mon 08:45", "mon 20:00"):
        seen = [event for event in events if event.at <= at(now)]
        assert legs(seen, now)["first_response", 0].breached_at == at("mon 08:00")


def test_unmerged_theirs_goes_on_as_if_it_had_stayed() -> None:
    events = [wrote("mon 08:00"), Event("merged_away", at("mon 09:00")), Event("unmerged", at("mon 11:00"))]
    leg = legs(events, "mon 11:30")["first_response", 0]
    assert (leg.state, leg.elapsed, leg.due_at) == ("running", 3 * HOUR + HOUR // 2, at("mon 12:00"))


def test_unmerged_theirs_is_answered_by_the_reply_that_reached_its_customer() -> None:
    events = [
        wrote("mon 08:00"),
        Event("merged_away", at("mon 09:00")),
        Event("unmerged", at("mon 11:00"), answered_at=at("mon 10:00")),
    ]
    leg = legs(events, "mon 11:30")["first_response", 0]
    assert (leg.state, leg.fulfilled_at, leg.elapsed) == ("fulfilled", at("mon 10:00"), 2 * HOUR)


def test_a_carried_leg_counts_by_the_calendar_and_targets_of_where_it_is() -> None:
    office = Calendar.read({"tz": "UTC", "weekly": {"mon": [["09:00", "17:00"]]}})
    change = Event("targets", at("mon 11:00"), targets={"first_response": HOUR})
    events = [wrote("mon 09:30"), merged_in("mon 10:00", ("first_response", "mon 08:00", 2 * HOUR)), change]
    leg = legs(events, "mon 11:15", Terms({"first_response": 8 * HOUR}, office))["first_response", 0]
    assert (leg.due_at, leg.target) == (at("mon 12:00"), HOUR)


def test_a_split_off_message_keeps_its_own_time_as_start() -> None:
    event = Event("customer_message", at("mon 12:00"), received_at=at("mon 09:00"))
    leg = legs([event], "mon 12:30")["first_response", 0]
    assert (leg.start, leg.due_at) == (at("mon 09:00"), at("mon 13:00"))


def test_an_excuse_marks_one_leg_and_takes_nothing_back() -> None:
    events = [wrote("mon 08:00"), Event("excuse", at("mon 14:00"), metric="first_response", index=0, why="storm")]
    leg = legs(events, "mon 15:00")["first_response", 0]
    assert (leg.excused, leg.breached_at) == ("storm", at("mon 12:00"))


def test_what_a_pause_stops_changes_with_the_terms() -> None:
    """P0 lets no pause stop its updates; what was stopped under other terms stays stopped."""
    terms = Terms({"periodic_update": 4 * HOUR}, ALWAYS)
    events = [
        wrote("mon 08:00"),
        answered("mon 09:00"),
        Event("pause", at("mon 10:00")),
        Event("targets", at("mon 12:00"), targets={}, pausable=frozenset({"resolution"})),
    ]
    leg = legs(events, "mon 13:00", terms)["periodic_update", 0]
    assert (leg.state, leg.elapsed, leg.paused) == ("running", 2 * HOUR, ((at("mon 10:00"), at("mon 12:00")),))
    assert leg.due_at == at("mon 15:00")


@st.composite
def merges(draw: st.DrawFn) -> list[Event]:
    """A merge and perhaps its end, somewhere in a history."""
    when = draw(st.integers(10, 300))
    carried = Carried(draw(st.sampled_from(["first_response", "next_response", "resolution"])), second(0), when // 2)
    found = [Event("merged_in", second(when), source=B, carried=(carried,))]
    if draw(st.booleans()):
        found.append(Event("unmerged", second(when + draw(st.integers(0, 90))), source=B))
    return found


@settings(max_examples=200, deadline=None)
@given(HISTORIES, merges(), MINUTES, st.integers(0, 400), st.integers(0, 400))
def test_with_merges_too_a_breach_found_once_is_found_ever_after(
    history: list[Step], merge: list[Event], minutes: Minutes, a: int, b: int
) -> None:
    terms = Terms({"first_response": 90, "next_response": 60, "resolution": 150}, as_calendar(minutes))
    events: list[Any] = sorted([*(as_event(step) for step in history), *merge], key=lambda event: event.at)

    def then(now: int) -> dict[tuple[str, int], datetime | None]:
        found = evaluate([event for event in events if event.at <= second(now)], terms, second(now))
        return {(leg.metric, leg.index): leg.breached_at for leg in found}

    earlier, later = then(min(a, b)), then(max(a, b))
    assert earlier.keys() <= later.keys()
    assert all(later[key] == broken for key, broken in earlier.items() if broken is not None)
