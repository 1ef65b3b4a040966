"""Shares are exact and never rounded up; months tile the reader's year."""

from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.reports.figures import Figures, floored, total
from answerable.reports.periods import last_months, read_period

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
HONOLULU, AUCKLAND = ZoneInfo("Pacific/Honolulu"), ZoneInfo("Pacific/Auckland")


@pytest.mark.behaviour("B-80")
@pytest.mark.parametrize(
    ("kept", "broken", "shown"),
    [
        (9996, 4, "99.9 %"),
        (999_999, 1, "99.9 %"),
        (2, 1, "66.6 %"),
        (1, 0, "100 %"),
        (0, 3, "0.0 %"),
        (0, 0, "no data"),
    ],
)
def test_a_share_is_cut_off_and_never_rounded_up(kept: int, broken: int, shown: str) -> None:
    assert Figures(kept, broken).shown == shown


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_what_is_shown_is_never_more_than_what_was(kept: int, broken: int) -> None:
    share = Fraction(kept, kept + broken)
    shown = Fraction(floored(share)) / 100
    assert shown <= share < shown + Fraction(1, 1000)
    assert floored(share) != "100"


def test_the_excused_count_for_nobody_and_are_still_there() -> None:
    one = Figures(kept=3, broken=1, excused=4)
    assert (one.share, one.all) == (Fraction(3, 4), 8)
    assert total([one, one]) == Figures(6, 2, 8)
    assert Figures(excused=1).shown == "no data"


def test_months_follow_each_other_in_the_readers_zone() -> None:
    for zone in (HONOLULU, AUCKLAND):
        period = last_months(12, zone, NOW)
        assert period.since <= NOW < period.until
        assert len(list(period.months())) == 12
        assert all(at.astimezone(zone).day == 1 and at.hour == 0 for at in period.months())
        assert all(28 <= (later - at).days <= 31 for at, later in pairwise(period.months()))
    # It is still February in Honolulu, and March has begun in Auckland.
    assert last_months(1, HONOLULU, NOW).since == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert last_months(1, AUCKLAND, NOW).since == datetime(2026, 2, 28, 11, tzinfo=UTC)


@pytest.mark.parametrize(("text", "count"), [("36", 36), ("99", 36), ("2026-02", 1), ("", 12), ("x", 12), ("-1", 12)])
def test_a_period_is_bounded_whatever_is_asked(text: str, count: int) -> None:
    assert read_period(text, AUCKLAND, NOW).count == count
