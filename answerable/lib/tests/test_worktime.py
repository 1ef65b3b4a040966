"""Business time against the contract's own examples, and against a walker that asks `open(t)` instant by instant."""

import importlib.resources
import struct
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.lib import stretches, worktime
from answerable.lib.spans import merged
from answerable.lib.worktime import Calendar

MINUTE = timedelta(minutes=1)
HOUR = 3600
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NINE_TO_FIVE = [["09:00", "17:00"]]
OFFICE = {"tz": "Europe/Berlin", "weekly": dict.fromkeys(DAYS[:5], NINE_TO_FIVE)}

# Every zone that the contract names, each with dates at which its clock did something.
TURNS = [
    ("Australia/Lord_Howe", "2024-04-06"),
    ("Australia/Lord_Howe", "2024-10-05"),
    ("Pacific/Apia", "2011-12-29"),
    ("America/Sao_Paulo", "2018-11-03"),
    ("America/Sao_Paulo", "2018-02-17"),
    ("America/Santiago", "2024-09-07"),
    ("America/Santiago", "2024-04-06"),
    ("Europe/Moscow", "2014-10-25"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    ("Asia/Almaty", "2024-02-29"),
    ("America/St_Johns", "2009-11-01"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Europe/Berlin", "2024-03-30"),
    ("Europe/Berlin", "2024-10-26"),
    ("Asia/Kathmandu", "2024-05-01"),
    ("UTC", "2024-02-28"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, tz: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold).astimezone(UTC)


def calendar(tz: str, *, dates_off: Any = (), special: Any = None, **weekly: Any) -> Calendar:
    return Calendar.read({"tz": tz, "weekly": weekly, "dates_off": list(dates_off), "special": special or {}})


def spans(hours: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The open spans of [start, end), for hours in whole minutes."""
    count = (end - start) // MINUTE
    opened = [start + n * MINUTE for n in range(count) if worktime.is_open(hours, start + n * MINUTE)]
    return list(merged((minute, minute + MINUTE) for minute in opened))


# --- the reference: openness read off the JSON shape, instant by instant ---


@lru_cache
def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def open_at(shape: dict[str, Any], instant: datetime) -> bool:
    wall = instant.astimezone(ZoneInfo(shape["tz"]))
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    if day.isoformat() in shape["dates_off"]:
        return False
    if day.isoformat() in shape["special"]:
        return any(minutes(a) <= minute < minutes(b) for a, b in shape["special"][day.isoformat()])
    today = shape["weekly"].get(DAYS[day.weekday()], [])
    yesterday = shape["weekly"].get(DAYS[day.weekday() - 1], [])
    if any(minutes(a) <= minute and (minute < minutes(b) or minutes(b) <= minutes(a)) for a, b in today):
        return True
    return any(minutes(b) <= minutes(a) and minute < minutes(b) for a, b in yesterday)


def walk(shape: dict[str, Any], start: datetime, count: int) -> list[int]:
    """Open seconds in [start, start + n minutes) for each n up to `count`; every offset since 1972 is whole minutes."""
    sums = [0]
    for n in range(count):
        sums.append(sums[-1] + 60 * open_at(shape, start + n * MINUTE))
    return sums


TIMES = ["00:00", "00:30", "01:00", "01:45", "02:00", "02:15", "02:30", "03:00", "09:00", "12:00", "17:00", "23:30"]


@st.composite
def shapes(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    """A calendar in one of the zones, and an instant up to two days before its clock does something."""
    tz, text = draw(st.sampled_from(TURNS))
    near = [str(datetime.fromisoformat(text).date() + timedelta(days=n)) for n in range(-1, 4)]
    pair = st.tuples(st.sampled_from(TIMES), st.sampled_from([*TIMES, "24:00"])).filter(lambda ab: ab[0] != ab[1])
    whole = pair.filter(lambda ab: ab[0] < ab[1])
    shape = {
        "tz": tz,
        "weekly": {day: draw(st.lists(pair.map(list), max_size=3)) for day in DAYS},
        "dates_off": draw(st.lists(st.sampled_from(near), max_size=1)),
        "special": draw(st.dictionaries(st.sampled_from(near), st.lists(whole.map(list), max_size=2), max_size=1)),
    }
    return shape, at(text) - draw(st.integers(0, 48 * 60)) * MINUTE


@settings(max_examples=75, deadline=None)
@given(shapes(), st.data())
def test_agrees_with_the_walker_in_every_zone(drawn: tuple[dict[str, Any], datetime], data: st.DataObject) -> None:
    shape, start = drawn
    hours = Calendar.read(shape)
    count = 5 * 24 * 60
    sums = walk(shape, start, count)
    end = start + count * MINUTE

    assert worktime.between(hours, start, end) == sums[-1]
    assert [worktime.is_open(hours, start + n * MINUTE) for n in range(count)] == [b > a for a, b in pairwise(sums)]
    assert list(worktime.spans(hours, start, end)) == spans(hours, start, end)

    n = data.draw(st.integers(0, count - 1))
    assert worktime.is_open(hours, start + n * MINUTE + timedelta(seconds=59)) == (sums[n + 1] > sums[n])
    seconds = data.draw(st.integers(0, sums[-1] + 60))
    reached = next((n for n, total in enumerate(sums) if total >= seconds), None)
    due = worktime.add(hours, start, seconds, until=end)
    assert due == (None if reached is None else start + reached * MINUTE - timedelta(seconds=sums[reached] - seconds))


QUARTER = 15 * MINUTE
ON_QUARTERS = [turn for turn in TURNS if turn[0] != "America/St_Johns"]  # whose clock turned a minute past midnight
QUARTERS = [f"{n // 4:02}:{15 * (n % 4):02}" for n in range(96)]


@lru_cache
def many_weeks(tz: str, turn: str) -> tuple[Calendar, datetime, list[int]]:
    """A calendar at random with 30 dates of its own, and its open seconds in the 250 days from 125 before the turn."""
    random = Random(tz + turn)
    days = [str(datetime.fromisoformat(turn).date() + timedelta(days=random.randint(-127, 127))) for _ in range(30)]
    whole = [sorted(random.sample([*QUARTERS, "24:00"], 2)) for _ in range(20)]
    shape = {
        "tz": tz,
        "weekly": {day: [random.sample(QUARTERS, 2)] for day in random.sample(DAYS, random.randint(0, 7))},
        "dates_off": days[:15],
        "special": {day: [pair] for day, pair in zip(days[12:], whole, strict=False)},
    }
    start, sums = at(turn) - timedelta(days=125), [0]
    for n in range(250 * 96):
        sums.append(sums[-1] + 900 * open_at(shape, start + n * QUARTER))
    return Calendar.read(shape), start, sums


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ON_QUARTERS), st.integers(0, 250 * 96), st.integers(0, 250 * 96))
def test_agrees_with_the_walker_over_many_weeks(turn: tuple[str, str], a: int, b: int) -> None:
    hours, start, sums = many_weeks(*turn)
    a, b = sorted((a, b))
    begin, end = start + a * QUARTER, start + b * QUARTER
    assert worktime.between(hours, begin, end) == sums[b] - sums[a]
    due = start + max(a, bisect_left(sums, sums[b])) * QUARTER
    assert worktime.add(hours, begin, sums[b] - sums[a], until=end) == due


FOUR_HOURS = 4 * HOUR


def turn_after(tz: str, text: str) -> datetime:
    """The minute at which the zone's offset changes in the five days from that date; noon of it where none does."""
    minutes = (at(text) + n * MINUTE for n in range(5 * 24 * 60))
    changes = pairwise((minute, minute.astimezone(ZoneInfo(tz)).utcoffset()) for minute in minutes)
    return next((after for (_, old), (after, new) in changes if old != new), at(text) + 720 * MINUTE)


@lru_cache
def seconds_of_a_night(tz: str, text: str) -> tuple[Calendar, datetime, list[int]]:
    """A calendar, the instant two hours before its clock turns, and its open seconds from then on."""
    weekly = {day: [["22:00", "00:15"], ["01:30", "03:00"], ["09:00", "09:01"]] for day in DAYS}
    shape = {"tz": tz, "weekly": weekly, "dates_off": [], "special": {}}
    start, sums = turn_after(tz, text) - timedelta(hours=2), [0]
    for n in range(FOUR_HOURS):
        sums.append(sums[-1] + open_at(shape, start + timedelta(seconds=n)))
    return Calendar.read(shape), start, sums


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TURNS), st.integers(0, FOUR_HOURS), st.integers(0, FOUR_HOURS))
def test_agrees_with_the_walker_second_by_second(turn: tuple[str, str], a: int, b: int) -> None:
    hours, start, sums = seconds_of_a_night(*turn)
    a, b = sorted((a, b))
    begin, end = start + timedelta(seconds=a), start + timedelta(seconds=b)
    assert worktime.between(hours, begin, end) == sums[b] - sums[a]
    due = worktime.add(hours, begin, sums[b] - sums[a])
    assert due == start + timedelta(seconds=max(a, sums.index(sums[b])))


# --- laws ---

INSTANTS = st.integers(-(10**9), 4 * 10**9).map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
SPARSE = calendar("America/Santiago", sat=[["22:00", "02:30"]], dates_off=["2024-09-08"], special={"2024-09-07": []})
FIXED = st.sampled_from([Calendar.read(OFFICE), SPARSE, Calendar("Pacific/Apia", always_open=True)])
CALENDARS = st.tuples(FIXED, INSTANTS) | shapes().map(lambda drawn: (Calendar.read(drawn[0]), drawn[1]))


@settings(max_examples=150, deadline=None)
@given(CALENDARS, st.integers(0, 8 * HOUR * 20))
def test_add_and_between_are_inverse(drawn: tuple[Calendar, datetime], seconds: int) -> None:
    hours, start = drawn
    due = worktime.add(hours, start, seconds)
    if due is None:
        assert worktime.between(hours, start, start + worktime.HORIZON) < seconds
        return
    assert worktime.between(hours, start, due) == seconds
    if seconds:  # and it is the first such instant
        assert worktime.between(hours, start, due - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=100, deadline=None)
@given(CALENDARS, st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_span_cut_in_two_adds_up(drawn: tuple[Calendar, datetime], first: int, second: int) -> None:
    hours, start = drawn
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    halves = worktime.between(hours, start, middle) + worktime.between(hours, middle, end)
    assert worktime.between(hours, start, end) == halves


@settings(max_examples=100, deadline=None)
@given(CALENDARS, st.integers(0, 10**6), st.integers(0, 10**5), st.integers(0, 10**6))
def test_more_never_ends_earlier(drawn: tuple[Calendar, datetime], seconds: int, more: int, later: int) -> None:
    hours, start = drawn
    far = start + timedelta(days=900)
    due = worktime.add(hours, start, seconds, until=far) or far
    assert due <= (worktime.add(hours, start, seconds + more, until=far) or far)
    assert due <= (worktime.add(hours, start + timedelta(seconds=later), seconds, until=far) or far)


# --- the contract's examples ---


def test_a_gap_holds_no_seconds() -> None:
    hours = calendar("Europe/Berlin", sun=[["01:00", "05:00"]])
    assert worktime.between(hours, at("2024-03-31"), at("2024-04-01")) == 3 * HOUR
    late = calendar("Europe/Berlin", sun=[["02:30", "05:00"]])
    assert spans(late, at("2024-03-31"), at("2024-04-01"))[0][0] == local("2024-03-31T03:00", "Europe/Berlin")


def test_both_passes_of_a_fold_count() -> None:
    hours = calendar("Europe/Berlin", sun=[["01:00", "05:00"]])
    assert worktime.between(hours, at("2024-10-26T12:00"), at("2024-10-28")) == 5 * HOUR


def test_a_shift_that_starts_inside_a_fold_closes_in_between() -> None:
    hours = calendar("America/New_York", sun=[["01:30", "03:00"]])
    first = local("2024-11-03T01:30", "America/New_York")
    assert spans(hours, at("2024-11-03"), at("2024-11-04")) == [
        (first, first + timedelta(minutes=30)),
        (first + timedelta(minutes=60), first + timedelta(minutes=150)),
    ]
    assert not worktime.is_open(hours, local("2024-11-03T01:00", "America/New_York", fold=1))
    assert worktime.is_open(hours, local("2024-11-03T01:30", "America/New_York", fold=1))


def test_lord_howe_turns_by_half_an_hour() -> None:
    hours = calendar("Australia/Lord_Howe", sun=[["01:00", "05:00"]])
    assert worktime.between(hours, at("2024-10-05"), at("2024-10-07")) == 3.5 * HOUR
    assert worktime.between(hours, at("2024-04-06"), at("2024-04-08")) == 4.5 * HOUR


def test_apia_skipped_a_friday() -> None:
    hours = calendar("Pacific/Apia", thu=NINE_TO_FIVE, fri=NINE_TO_FIVE, sat=NINE_TO_FIVE)
    found = spans(hours, at("2011-12-29T12:00"), at("2012-01-01T12:00"))
    assert found == [
        (local("2011-12-29T09:00", "Pacific/Apia"), local("2011-12-29T17:00", "Pacific/Apia")),
        (local("2011-12-31T09:00", "Pacific/Apia"), local("2011-12-31T17:00", "Pacific/Apia")),
    ]
    assert found[1][0] - found[0][1] == timedelta(hours=16)


def test_a_midnight_gap_shortens_the_day() -> None:
    hours = calendar("America/Sao_Paulo", sat=[["00:00", "24:00"]], sun=[["00:00", "24:00"]])
    start, end = local("2018-11-03T00:00", "America/Sao_Paulo"), local("2018-11-05T00:00", "America/Sao_Paulo")
    assert spans(hours, start, end) == [(start, end)]
    assert end - start == timedelta(hours=47)


def test_a_date_off_takes_only_its_own_part_of_a_night_shift() -> None:
    hours = calendar("Europe/Berlin", fri=[["22:00", "06:00"]], dates_off=["2024-06-08"])
    (span,) = spans(hours, at("2024-06-07"), at("2024-06-10"))
    assert span == (local("2024-06-07T22:00", "Europe/Berlin"), local("2024-06-08T00:00", "Europe/Berlin"))


def test_special_hours_replace_the_weekday_and_an_empty_list_closes() -> None:
    special = {"2024-12-24": [["09:00", "12:00"]], "2024-12-27": []}
    hours = Calendar.read({**OFFICE, "dates_off": ["2024-12-25", "2024-12-26"], "special": special})
    assert worktime.between(hours, at("2024-12-23"), at("2024-12-28")) == 11 * HOUR


def test_always_open_counts_seconds_not_wall_time() -> None:
    hours = Calendar.read({"tz": "Europe/Berlin", "always_open": True})
    assert worktime.add(hours, at("2024-03-30T12:00"), 24 * HOUR) == at("2024-03-31T12:00")
    assert worktime.between(hours, at("2024-03-30"), at("2024-04-01")) == 48 * HOUR


def test_used_up_at_closing_time_means_closing_time() -> None:
    hours = Calendar.read(OFFICE)
    friday = local("2024-06-07T16:30:30", "Europe/Berlin")
    assert worktime.add(hours, friday, 1770) == local("2024-06-07T17:00", "Europe/Berlin")
    assert worktime.add(hours, friday, 1771) == local("2024-06-10T09:00:01", "Europe/Berlin")


def test_nothing_to_wait_for_is_over_at_once_even_when_closed() -> None:
    sunday = at("2024-06-09T12:00")
    assert worktime.add(Calendar.read(OFFICE), sunday, 0) == sunday


@pytest.mark.parametrize("shape", [{"tz": "UTC", "weekly": {}}, {**OFFICE, "weekly": {"mon": []}}])
def test_a_calendar_that_never_opens_has_no_end(shape: dict[str, Any]) -> None:
    assert worktime.add(Calendar.read(shape), at("2024-01-01"), 1) is None


def test_the_search_ends_after_366_days() -> None:
    hours = Calendar("UTC", always_open=True)
    assert worktime.add(hours, at("2024-01-01"), 366 * 86_400) == at("2025-01-01")
    assert worktime.add(hours, at("2024-01-01"), 366 * 86_400 + 1) is None
    once = calendar("UTC", special={"2025-06-01": [["00:00", "00:01"]]})
    assert worktime.add(once, at("2024-05-31"), 1) is None
    assert worktime.add(once, at("2024-05-31T00:00:01"), 1) == at("2025-06-01T00:00:01")


def test_fractions_of_a_second_are_floored() -> None:
    hours = Calendar("UTC", always_open=True)
    assert worktime.add(hours, at("2024-01-01T00:00:00.9"), 1) == at("2024-01-01T00:00:01")


def test_an_end_before_the_start_and_negative_seconds_are_refused() -> None:
    hours = Calendar.read(OFFICE)
    with pytest.raises(ValueError, match="end is before"):
        worktime.between(hours, at("2024-01-02"), at("2024-01-01"))
    with pytest.raises(ValueError, match="0 or more"):
        worktime.add(hours, at("2024-01-02"), -1)


# --- reading ---


def test_equal_hours_written_differently_are_the_same_calendar() -> None:
    one = calendar("UTC", fri=[["22:00", "06:00"]], sun=[["09:00", "12:00"], ["11:00", "13:00"], ["13:00", "14:00"]])
    other = calendar("UTC", fri=[["22:00", "00:00"]], sat=[["00:00", "06:00"]], sun=[["09:00", "14:00"]])
    assert one == other
    assert hash(one) == hash(other)
    assert one.weekly[4] == ((22 * 60, 24 * 60),)


def test_midnight_as_an_end_is_that_of_the_same_day() -> None:
    hours = calendar("UTC", special={"2024-12-31": [["22:00", "00:00"]]})
    assert hours.special[0][1] == ((22 * 60, 24 * 60),)


def test_sunday_night_runs_into_monday() -> None:
    assert calendar("UTC", sun=[["23:00", "01:00"]]).weekly[0] == ((0, 60),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tz": "Mars/Olympus"}, "tz: no time zone"),
        ({"tz": "America"}, "tz: no time zone"),
        ({"tz": "../etc/passwd"}, "tz: no time zone"),
        ({"tz": ""}, "tz: no time zone"),
        ({"tz": None}, "tz: expected the name"),
        ({"always_open": "yes"}, "always_open: expected true or false"),
        ({"weekly": None}, "weekly: expected a table"),
        ({"weekly": {"monday": []}}, "weekly: 'monday' is not a day"),
        ({"weekly": {"mon": "09:00"}}, "weekly.mon: expected a list"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon: expected pairs"),
        ({"weekly": {"mon": [["9:00", "17:00"]]}}, "weekly.mon: '9:00' is not a time"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "'24:01' is not a time"),
        ({"weekly": {"mon": [["09:00", 17]]}}, "17 is not a time"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "equal ends"),
        ({"weekly": {"mon": [["24:00", "06:00"]]}}, "24:00 can only be an end"),
        ({"dates_off": "2024-12-25"}, "dates_off: expected a list"),
        ({"dates_off": ["2024-02-30"]}, "dates_off: '2024-02-30' is not a date"),
        ({"dates_off": ["20241225"]}, "dates_off: '20241225' is not a date"),
        ({"special": {"christmas": []}}, "special: 'christmas' is not a date"),
        ({"special": {"2024-12-24": [["22:00", "02:00"]]}}, "special hours end by 24:00"),
    ],
)
def test_a_wrong_calendar_says_what_is_wrong(change: dict[str, Any], message: str) -> None:
    Calendar.read(OFFICE)
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        Calendar.read({**OFFICE, **change})


def test_hours_or_always_open_must_be_given() -> None:
    with pytest.raises(ValueError, match="needs weekly hours"):
        Calendar.read({"tz": "UTC"})


# --- what stretches relies on ---


def transitions(data: bytes) -> Iterator[int]:
    """When a zone file (RFC 9636, its 64-bit block) changes the offset from UTC."""
    isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[20:44])
    block = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    _, _, _, times, types, _ = struct.unpack(">6l", data[block + 20 : block + 44])
    start = block + 44
    kinds = start + 9 * times
    offsets = [struct.unpack(">l", data[kinds + 6 * n : kinds + 6 * n + 4])[0] for n in range(types)]
    held = offsets[0]
    for n in range(times):
        offset = offsets[data[start + 8 * times + n]]
        if offset != held:
            yield struct.unpack(">q", data[start + 8 * n : start + 8 * n + 8])[0]
        held = offset


def test_no_zone_changes_its_offset_twice_within_a_step() -> None:
    folder = importlib.resources.files("tzdata") / "zoneinfo"
    names = (importlib.resources.files("tzdata") / "zones").read_text().split()
    assert len(names) > 400
    for name in names:
        turns = list(transitions(folder.joinpath(name).read_bytes()))
        assert all(b - a > stretches.STEP for a, b in pairwise(turns)), name


@pytest.mark.parametrize("tz", sorted({tz for tz, _ in TURNS} - {"UTC"}))
def test_each_change_of_a_zone_is_found_to_the_second(tz: str) -> None:
    folder = importlib.resources.files("tzdata") / "zoneinfo"
    turns = list(transitions(folder.joinpath(tz).read_bytes()))
    assert turns
    for turn in turns:
        change = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=turn)
        second = stretches.seconds_of(change)
        before, after = stretches.stretches(tz, second - 1, second + 1)
        assert (before[1], after[0]) == (second, second)
        for instant, (_, _, offset) in [(change - timedelta(seconds=1), before), (change, after)]:
            assert instant.astimezone(ZoneInfo(tz)).utcoffset() == timedelta(seconds=offset)
