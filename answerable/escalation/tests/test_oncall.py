"""Who is on call: each sentence of sla contract §5, on the dates that make it hard."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from answerable.escalation.oncall import Absence, Layer, Override, Schedule, Shift, gaps, handoff_on, on_call, shifts
from answerable.lib.worktime import Calendar

SECOND = timedelta(seconds=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, tz: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold).astimezone(UTC)


def layer(*names: str, handoff: str = "09:00", start: str = "2024-01-01", days: int = 1, **hours: Any) -> Layer:
    minutes = int(handoff[:2]) * 60 + int(handoff[3:])
    return Layer(names, "day", days, minutes, date.fromisoformat(start), hours.get("restriction"))


def override(start: str, end: str, person: str | None, created: str = "2024-01-01") -> Override:
    return Override(at(start), at(end), person, at(created))


# --- hand-offs ---


def test_a_hand_off_is_the_first_instant_that_shows_its_date_and_time_or_later() -> None:
    berlin = "Europe/Berlin"
    night = layer("a", "b", handoff="02:30")
    assert handoff_on(berlin, night, date(2024, 3, 31)) == local("2024-03-31T03:00", berlin)  # the end of the gap
    assert handoff_on(berlin, night, date(2024, 10, 27)) == local("2024-10-27T02:30", berlin, fold=0)  # the first pass
    assert handoff_on(berlin, night, date(2024, 6, 1)) == local("2024-06-01T02:30", berlin)


def test_a_skipped_date_has_a_hand_off_too() -> None:
    apia = layer("a", "b", "c", start="2011-12-29")
    skipped = handoff_on("Pacific/Apia", apia, date(2011, 12, 30))
    assert skipped == local("2011-12-31T00:00", "Pacific/Apia") == at("2011-12-30T10:00")
    schedule = Schedule("Pacific/Apia", (apia,))
    assert shifts(schedule, at("2011-12-29T19:00"), at("2012-01-01T00:00")) == [
        Shift(at("2011-12-29T19:00"), at("2011-12-30T10:00"), "a"),
        Shift(at("2011-12-30T10:00"), at("2011-12-30T19:00"), "b"),
        Shift(at("2011-12-30T19:00"), at("2011-12-31T19:00"), "c"),
        Shift(at("2011-12-31T19:00"), at("2012-01-01T00:00"), "a"),
    ]


def test_a_skipped_date_whose_hand_off_coincides_with_the_next_holds_no_second() -> None:
    schedule = Schedule("Pacific/Apia", (layer("a", "b", "c", handoff="00:00", start="2011-12-29"),))
    assert [shift.person for shift in shifts(schedule, at("2011-12-29T12:00"), at("2011-12-31T00:00"))] == ["a", "c"]


def test_in_a_fold_the_turn_never_goes_back_with_the_clock() -> None:
    zone = "America/St_Johns"  # 1 November 2009, 00:01 -> 31 October, 23:01
    schedule = Schedule(zone, (layer("a", "b", handoff="00:00", start="2009-10-31"),))
    first = local("2009-11-01T00:00", zone, fold=0)
    assert [on_call(schedule, first + n * SECOND) for n in (-1, 0, 59, 60, 3600, 86_400)] == [
        "a",
        "b",
        "b",
        "b",
        "b",
        "b",
    ]
    assert on_call(schedule, local("2009-10-31T23:30", zone, fold=1)) == "b"


def test_midnight_comes_after_both_passes_where_it_is_what_the_clock_is_turned_back_from() -> None:
    zone = "America/Sao_Paulo"  # at 00:00 on 18 February 2018 the clock showed 23:00 of the 17th again
    schedule = Schedule(zone, (layer("a", "b", handoff="00:00", start="2018-02-17"),))
    midnight = local("2018-02-18T00:00", zone)
    assert [on_call(schedule, midnight + n * SECOND) for n in (-7200, -1, 0)] == ["a", "a", "b"]


def test_a_day_that_came_twice_hands_off_once() -> None:
    zone = "America/Juneau"  # 18 October 1867: from Russia's side of the date line to America's, a day back
    schedule = Schedule(zone, (layer("a", "b", "c", handoff="00:00", start="1867-10-17"),))
    people = [shift.person for shift in shifts(schedule, at("1867-10-16T12:00"), at("1867-10-21T00:00"))]
    assert people == ["a", "b", "c", "a"]


def test_turns_are_counted_in_civil_days_so_nine_stays_nine() -> None:
    schedule = Schedule("America/New_York", (layer("a", "b", start="2024-03-01", days=7),))
    edges = [shift.start for shift in shifts(schedule, at("2024-03-01T14:00"), at("2024-04-05T00:00"))]
    assert {edge.astimezone(ZoneInfo("America/New_York")).hour for edge in edges} == {9}
    assert edges[2] - edges[1] == timedelta(hours=167)


# --- a layer that has nobody ---


@pytest.mark.parametrize("minutes", [-1, 0])
def test_a_layer_begins_at_its_first_hand_off(minutes: int) -> None:
    schedule = Schedule("UTC", (layer("a", "b", start="2024-05-02"), layer("z")))
    assert on_call(schedule, at("2024-05-02T09:00") + timedelta(minutes=minutes)) == ("z" if minutes else "a")


def test_without_participants_or_when_closed_the_next_layer_answers() -> None:
    office = Calendar.read({"tz": "UTC", "weekly": {"mon": [["09:00", "17:00"]]}})
    never = Calendar.read({"tz": "UTC", "weekly": {}})
    schedule = Schedule(
        "UTC", (layer(), layer("n", restriction=never), layer("a", "b", restriction=office), layer("z"))
    )
    monday = at("2024-01-08T00:00")  # seven turns from 1 January at 09:00: b's night, then a's day... then b's
    assert [on_call(schedule, monday + timedelta(hours=n)) for n in (8, 9, 16, 17)] == ["z", "b", "b", "z"]


def test_who_is_absent_is_nobody_there_and_nobody_else_of_the_layer_steps_in() -> None:
    away = Absence("a", at("2024-01-01T10:00"), at("2024-01-01T12:00"))
    schedule = Schedule("UTC", (layer("a", "b"), layer("z")), (), (away,))
    assert [on_call(schedule, at(f"2024-01-01T{hour}:00:00")) for hour in ("09", "10", "11", "12")] == [
        "a",
        "z",
        "z",
        "a",
    ]
    alone = Schedule("UTC", (layer("a", "b"),), (), (away,))
    assert gaps(alone, at("2024-01-01T09:00"), at("2024-01-02T00:00")) == [(away.start, away.end)]


def test_an_absence_without_an_end_is_for_good() -> None:
    schedule = Schedule("UTC", (layer("a"),), (), (Absence("a", at("2024-02-01"), None),))
    assert on_call(schedule, at("2024-02-01") - SECOND) == "a"
    assert gaps(schedule, at("2024-01-31"), at("2030-01-01")) == [(at("2024-02-01"), at("2030-01-01"))]


# --- overrides ---


def test_of_two_overrides_the_one_created_later_counts_and_of_equals_the_later_in_the_list() -> None:
    early = override("2024-01-01T10:00", "2024-01-01T20:00", "early", created="2023-01-01")
    late = override("2024-01-01T12:00", "2024-01-01T14:00", "late", created="2023-02-01")
    same = override("2024-01-01T13:00", "2024-01-01T13:30", "same", created="2023-02-01")
    schedule = Schedule("UTC", (layer("a"),), (late, early, same))
    hours = ("09:59", "10:00", "12:00", "13:00", "13:30", "14:00", "20:00")
    found = [on_call(schedule, at(f"2024-01-01T{hour}")) for hour in hours]
    assert found == ["a", "early", "late", "same", "late", "early", "a"]


def test_created_only_ranks() -> None:
    schedule = Schedule("UTC", (layer("a"),), (override("2024-01-01", "2024-01-02", "z", created="2025-01-01"),))
    assert on_call(schedule, at("2024-01-01")) == "z"


def test_nobody_answers_nobody_although_layers_have_somebody() -> None:
    schedule = Schedule("UTC", (layer("a"),), (override("2024-01-02", "2024-01-03", None),))
    assert on_call(schedule, at("2024-01-02T12:00")) is None
    assert gaps(schedule, at("2024-01-01T09:00"), at("2024-01-05")) == [(at("2024-01-02"), at("2024-01-03"))]


def test_an_override_of_somebody_absent_is_passed_over() -> None:
    away = Absence("late", LONG_AGO, None)
    early, late = (
        override("2024-01-02", "2024-01-03", "early"),
        override("2024-01-02", "2024-01-04", "late", "2024-01-02"),
    )
    schedule = Schedule("UTC", (layer("a"),), (early, late), (away,))
    assert [on_call(schedule, at(f"2024-01-0{day}T12:00")) for day in (1, 2, 3)] == ["a", "early", "a"]


# --- spans ---


def test_gaps_that_touch_are_one_and_an_empty_window_has_none() -> None:
    one, two = override("2024-01-02", "2024-01-03", None), override("2024-01-03", "2024-01-04", None)
    schedule = Schedule("UTC", (layer("a"),), (one, two))
    assert gaps(schedule, at("2024-01-02T06:00"), at("2024-01-05")) == [(at("2024-01-02T06:00"), at("2024-01-04"))]
    assert gaps(schedule, at("2024-01-03"), at("2024-01-03")) == []
    assert gaps(Schedule("UTC", ()), at("2024-01-03"), at("2024-01-04")) == [(at("2024-01-03"), at("2024-01-04"))]


def test_parts_of_a_second_are_cut_off() -> None:
    schedule = Schedule("UTC", (layer("a", "b"),))
    assert on_call(schedule, at("2024-01-02T08:59:59.999999")) == "a"
