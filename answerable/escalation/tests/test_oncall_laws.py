"""`on_call` against a reference that looks minute by minute, in every zone the contract names and in stranger ones.

ONCALL_CASES=20000 runs that many cases of each law.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.escalation.door import read_schedule
from answerable.escalation.oncall import Schedule, beginning_with, gaps, holder, on_call, shifts, turn_at
from answerable.escalation.tests.naive import DAYS, MINUTE, Naive
from answerable.lib.spans import merged

CASES = settings(
    max_examples=int(os.environ.get("ONCALL_CASES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
SECOND = timedelta(seconds=1)

# Zones with a day near which the clock did something.
TURNS = [
    ("Australia/Lord_Howe", "2024-04-06"),
    ("Australia/Lord_Howe", "2024-10-05"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kwajalein", "1993-08-21"),
    ("Pacific/Kiritimati", "1994-12-31"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Santiago", "2024-09-08"),
    ("America/Santiago", "2024-04-07"),
    ("America/Havana", "2024-11-03"),
    ("Europe/Moscow", "2014-10-26"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    ("Africa/Cairo", "2024-04-26"),
    ("Asia/Almaty", "2024-03-01"),
    ("Asia/Pyongyang", "2018-05-05"),
    ("Antarctica/Troll", "2024-03-31"),
    ("America/St_Johns", "2009-11-01"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Atlantic/Azores", "2024-10-27"),
    ("Europe/Berlin", "2024-03-31"),
    ("Europe/Berlin", "2024-10-27"),
    ("Asia/Kathmandu", "2024-05-01"),
    ("UTC", "2024-02-29"),
]
NAMES = ["ana", "ben", "cleo", "dan"]
TIMES = ["00:00", "00:01", "00:30", "01:00", "01:45", "02:00", "02:15", "02:30", "03:00", "09:00", "17:00", "23:30"]
HANDOFFS = st.sampled_from(TIMES) | st.integers(0, 1439).map(lambda n: f"{n // 60:02}:{n % 60:02}")
PAIRS = st.tuples(st.sampled_from(TIMES), st.sampled_from([*TIMES, "24:00"])).filter(lambda ab: ab[0] != ab[1])


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """A schedule in the shape of the contract's §9, and the day around which it is looked at."""
    tz, day = draw(st.sampled_from(TURNS))
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    seconds = st.integers(-60 * 3600, 60 * 3600) | st.integers(-60, 60).map(lambda hours: hours * 3600)
    instants = seconds.map(lambda s: noon + s * SECOND)
    layer = st.fixed_dictionaries(
        {
            "participants": st.lists(st.sampled_from(NAMES), max_size=4),
            "unit": st.sampled_from(["day", "day", "week"]),
            "length": st.integers(1, 3),
            "handoff": HANDOFFS,
            "start": st.integers(-40, 3).map(lambda n: str(noon.date() + timedelta(days=n))),
            "restriction": st.none()
            | st.dictionaries(st.sampled_from(DAYS), st.lists(PAIRS.map(list), max_size=2), max_size=7),
        }
    )
    override = st.tuples(instants, instants, st.none() | st.sampled_from(NAMES), st.integers(0, 2))
    absence = st.tuples(st.sampled_from(NAMES), instants, instants | st.none())
    schedule = {
        "tz": tz,
        "layers": draw(st.lists(layer, max_size=3)),
        "overrides": [
            {"start": text(a), "end": text(b), "person": person, "created": f"2020-01-0{created + 1}T00:00:00Z"}
            for a, b, person, created in draw(st.lists(override, max_size=3))
            if a < b
        ],
        "absences": [
            {"person": person, "start": text(a), "end": None if b is None else text(b)}
            for person, a, b in draw(st.lists(absence, max_size=3))
            if b is None or a < b
        ],
    }
    return schedule, day


def text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def window(day: str) -> tuple[datetime, datetime]:
    """Three days on either side of noon, but for an hour."""
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    return noon - timedelta(hours=47), noon + timedelta(hours=59)


@CASES
@given(cases(), st.data())
def test_agrees_with_the_reference_at_every_minute_and_around_every_edge(
    case: tuple[dict[str, Any], str], data: st.DataObject
) -> None:
    schedule, reference = read_schedule(case[0]), Naive(*case)
    start, end = window(case[1])
    found = shifts(schedule, start, end)
    for at, person in moments(found):
        assert reference.who(at) == person, at
    picked = data.draw(st.lists(st.integers(0, (end - start) // SECOND - 1), max_size=5))
    edges = [at for shift in found for at in (shift.start - SECOND, shift.start, shift.start + SECOND)]
    for at in (*edges, *(start + n * SECOND for n in picked)):
        assert on_call(schedule, at) == reference.who(at), at


def moments(found: list[Any]) -> Iterator[tuple[datetime, str | None]]:
    """Each whole minute, with the last second before each edge."""
    for shift in found:
        for n in range((shift.end - shift.start) // MINUTE + 1):
            if shift.start + n * MINUTE < shift.end:
                yield shift.start + n * MINUTE, shift.person
        yield shift.end - SECOND, shift.person


@CASES
@given(cases(), st.integers(-(10**5), 2 * 10**5), st.integers(0, 4 * 10**5))
def test_shifts_tile_the_span_and_gaps_are_what_nobody_holds(
    case: tuple[dict[str, Any], str], begin: int, length: int
) -> None:
    schedule = read_schedule(case[0])
    start = window(case[1])[0] + begin * SECOND
    end = start + length * SECOND
    found = shifts(schedule, start, end)
    assert [shift.start for shift in found] == [start, *(shift.end for shift in found[:-1])][: len(found)]
    assert not found or found[-1].end == end
    assert all(shift.start < shift.end for shift in found)
    assert all(one.person != other.person for one, other in pairwise(found))
    without = gaps(schedule, start, end)
    assert without == [(shift.start, shift.end) for shift in found if shift.person is None]
    held = merged((shift.start, shift.end) for shift in found if shift.person is not None)
    assert list(merged(sorted([*held, *without]))) == ([(start, end)] if start < end else [])


@CASES
@given(cases(), st.integers(0, 105 * 3600))
def test_a_layer_has_one_holder_or_is_passed_at_each_instant(case: tuple[dict[str, Any], str], second: int) -> None:
    schedule = read_schedule(case[0])
    at = window(case[1])[0] + second * SECOND
    alone = Schedule(schedule.tz, schedule.layers, (), schedule.absences)
    holders = [holder(schedule.tz, layer, at) for layer in schedule.layers]
    away = {one.person for one in schedule.absences if one.start <= at and (one.end is None or at < one.end)}
    assert on_call(alone, at) == next((one for one in holders if one and one not in away), None)
    assert gaps(alone, at, at + SECOND) == ([] if on_call(alone, at) else [(at, at + SECOND)])


@CASES
@given(cases(), st.integers(0, 105 * 3600), st.permutations(NAMES), st.integers(1, 4))
def test_other_participants_swap_nobody_who_is_on_call(
    case: tuple[dict[str, Any], str], second: int, names: list[str], count: int
) -> None:
    schedule = read_schedule(case[0])
    at = window(case[1])[0] + second * SECOND
    for layer in schedule.layers:
        before = holder(schedule.tz, layer, at)
        others = type(layer)(
            tuple(names[:count]), layer.unit, layer.length, layer.handoff, layer.start, layer.restriction
        )
        if before in others.participants and before is not None:
            edited = beginning_with(schedule.tz, others, at, before)
            assert holder(schedule.tz, edited, at) == before
            assert (edited.start - layer.start).days % layer.turn_days == 0
            assert turn_at(schedule.tz, edited, at) >= 0
