"""How times, spans, names and sizes read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from answerable.ui import words

NOW = datetime(2026, 11, 24, 13, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_stockholm() -> Iterator[None]:
    with timezone.override(ZoneInfo("Europe/Stockholm")):
        yield


def later(**span: int) -> datetime:
    return NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"seconds": 0}, "0 s"),
        ({"seconds": 59}, "59 s"),
        ({"seconds": 60}, "1 m"),
        ({"minutes": 18, "seconds": 59}, "18 m"),
        ({"hours": 1}, "1 h 00"),
        ({"hours": 2, "minutes": 5}, "2 h 05"),
        ({"hours": 23, "minutes": 59}, "23 h 59"),
        ({"hours": 24}, "24 h"),
        ({"hours": 47, "minutes": 59}, "47 h"),
        ({"days": 3, "hours": 23}, "3 d"),
        ({"seconds": -1}, "−1 s"),
        ({"minutes": -12}, "−12 m"),
        ({"hours": -3}, "−3 h 00"),
    ],
)
def test_countdown_says_what_is_left(left: dict[str, int], said: str) -> None:
    assert words.countdown(later(**left), NOW) == said


@given(st.integers(0, 10**7))
def test_nobody_is_told_more_time_than_there_is(seconds: int) -> None:
    said = words.countdown(later(seconds=seconds), NOW)
    parts = said.replace(" h ", " h:").split(":")
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, unit = parts[0].split(" ")
    told = int(number) * units[unit] + (int(parts[1]) * 60 if len(parts) > 1 else 0)
    assert told <= seconds


def test_a_promise_is_broken_only_after_its_second() -> None:
    assert words.urgency(NOW, NOW) == "is-risk"
    assert words.urgency(later(seconds=-1), NOW) == "is-broken"
    assert words.urgency(later(seconds=3599), NOW) == "is-risk"
    assert words.urgency(later(seconds=3600), NOW) == ""


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_used_is_a_percentage(start: int, due: int) -> None:
    assert 0 <= words.used(later(seconds=start), later(seconds=due), NOW) <= 100


def test_used_counts_from_the_start() -> None:
    assert words.used(later(minutes=-15), later(minutes=15), NOW) == 50
    assert words.used(NOW, NOW, NOW) == 100


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (45, "45 s"),
        (1800, "30 min"),
        (7200, "2 h"),
        (5400, "1 h 30"),
        (86400, "24 h"),
        (259200, "3 d"),
        (260000, "72 h 13"),
    ],
)
def test_duration(seconds: int, said: str) -> None:
    assert words.duration(seconds) == said


def test_part_of_a_promise_names_the_unit_once() -> None:
    assert words.part_of(1080, 1800) == "18 of 30 min"
    assert words.part_of(4200, 7200) == "1 h 10 of 2 h"
    assert words.part_of(20, 1800) == "20 s of 30 min"
    assert words.part_of(1080, 7200) == "18 min of 2 h"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "14:07"),
        (later(hours=10), "Wed 00:07"),
        (later(days=-2), "Sun 14:07"),
        (later(days=-10), "14 Nov, 14:07"),
        (later(days=-400), "20 Oct 2025, 15:07"),
    ],
)
def test_clock_time_is_as_short_as_it_can_be(at: datetime, said: str) -> None:
    assert words.clock_time(at, NOW) == said


def test_exact_is_the_whole_moment_in_the_readers_zone() -> None:
    assert words.exact(NOW) == "Tue 24 Nov 2026, 14:07 CET"
    with timezone.override(ZoneInfo("America/New_York")):
        assert words.exact(NOW) == "Tue 24 Nov 2026, 08:07 EST"


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ({"seconds": 59}, "now"),
        ({"minutes": 2}, "2 m"),
        ({"hours": 23}, "23 h"),
        ({"days": 1}, "Mon 14:07"),
        ({"minutes": -5}, "14:12"),
    ],
)
def test_ago_is_relative_under_a_day(age: dict[str, int], said: str) -> None:
    assert words.ago(NOW - timedelta(**age), NOW) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Elin Berg", "EB"),
        ("Tomas K.", "TK"),
        ("Anna Maria van Dyck", "AD"),
        ("priya", "P"),
        ("ops@norrland.example", "O"),
        ("elin.berg@norrland.example", "EB"),
        ("", "–"),
        ("<>", "–"),
        ("Ørsted Åse", "ØÅ"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert words.initials(name) == letters


@given(st.text(max_size=50))
def test_any_name_has_initials(name: str) -> None:
    assert words.initials(name)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (48_213, "48 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_820_000, "1.8 MB"),
        (2_000_000_000, "2.0 GB"),
    ],
)
def test_size(count: int, said: str) -> None:
    assert words.size(count) == said


def test_a_customer_is_told_when_it_is_their_turn() -> None:
    assert words.status_word("pending") == "Waiting for customer"
    assert words.status_word("pending", customer=True) == "Waiting for you"
    assert words.status_word("new", customer=True) == "Open"
