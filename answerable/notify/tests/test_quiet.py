"""Quiet hours: pure, in the wall-clock time of whoever sleeps."""

from datetime import UTC, datetime, time

import pytest

from answerable.notify.kinds import KINDS, Wish, line_of, stored, wish_of
from answerable.notify.quiet import Quiet, next_hour

NIGHT = Quiet("Europe/Stockholm", time(20), time(7, 30), frozenset(range(5)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T18:59:59", None),  # Monday, 19:59:59 there
        ("2026-03-02T19:00:00", "2026-03-03T06:30:00"),
        ("2026-03-03T03:00:00", "2026-03-03T06:30:00"),  # begun the evening before
        ("2026-03-03T06:30:00", None),
        ("2026-03-06T23:00:00", "2026-03-07T06:30:00"),  # of Friday, into Saturday
        ("2026-03-07T23:00:00", None),  # no evening of Saturday
        ("2026-03-02T03:00:00", None),  # nor of Sunday
        ("2026-03-27T23:00:00", "2026-03-28T06:30:00"),
        ("2026-10-23T23:30:00", "2026-10-24T05:30:00"),  # summer time there
    ],
)
def test_a_night_begins_on_its_days_and_ends_the_next_morning(now: str, until: str | None) -> None:
    assert NIGHT.until(at(now)) == (at(until) if until else None)


def test_the_clock_that_turns_moves_the_end_with_it() -> None:
    every = Quiet("Europe/Stockholm", time(20), time(7, 30), frozenset(range(7)))
    assert every.until(at("2026-03-28T23:00:00")) == at("2026-03-29T05:30:00")


def test_windows_that_touch_are_one_and_whole_days_are_days() -> None:
    weekend = Quiet("UTC", time(0), time(0), frozenset({5, 6}))
    assert weekend.until(at("2026-03-07T12:00:00")) == at("2026-03-09T00:00:00")
    assert weekend.until(at("2026-03-09T00:00:00")) is None
    assert Quiet("UTC", time(8), time(8), frozenset(range(7))).never_ends
    assert not weekend.never_ends


def test_the_next_hour() -> None:
    assert next_hour(at("2026-03-02T09:00:00")) == at("2026-03-02T10:00:00")
    assert next_hour(at("2026-03-02T09:59:59")) == at("2026-03-02T10:00:00")


def test_each_kind_has_a_line_and_what_is_stored_is_read_again() -> None:
    for kind in ("assigned", "stated", "mail_quarantine", "hand_over", "bulk_done", "never heard of"):
        assert line_of(kind) in KINDS
    wish = Wish(app=False, browser=True, mail="", wide=False)
    assert wish_of({"reply": stored(wish)}, "reply") == wish
    assert wish_of({"reply": {"mail": "pigeon"}}, "reply") == KINDS["reply"].default
    assert wish_of({"own": stored(wish)}, "unsent").app, "nobody else is told"
