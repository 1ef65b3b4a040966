"""When the weekly drill is due, and where a test P0 stands still: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.escalation.drilling import Course, Weekly, due, following, is_in_time, stands_still, waits_for

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekly", "now", "last", "coming"),
    [
        (("mon", "10:00", "Europe/Stockholm"), AT, AT, utc(2026, 3, 9, 9)),
        (("mon", "10:00", "Europe/Stockholm"), AT - SECOND, utc(2026, 2, 23, 9), AT),
        (("sun", "00:00", "UTC"), AT, utc(2026, 3, 1), utc(2026, 3, 8)),
        # Clocks turn on 29 March: 02:30 is skipped, so it comes when the gap ends; a week later it is 02:30 again.
        (("sun", "02:30", "Europe/Berlin"), utc(2026, 3, 30), utc(2026, 3, 29, 1), utc(2026, 4, 5, 0, 30)),
        # And back on 25 October: the first of the two.
        (
            ("sun", "02:30", "Europe/Berlin"),
            utc(2026, 10, 25, 1, 30),
            utc(2026, 10, 25, 0, 30),
            utc(2026, 11, 1, 1, 30),
        ),
        # A Friday that never was comes with the Saturday.
        (("fri", "10:00", "Pacific/Apia"), utc(2011, 12, 31), utc(2011, 12, 30, 10), utc(2012, 1, 5, 20)),
    ],
)
def test_it_is_due_when_the_wall_first_shows_its_hour(
    weekly: tuple[str, str, str], now: datetime, last: datetime, coming: datetime
) -> None:
    plan = Weekly.read(*weekly)
    assert due(plan, now) == last
    assert following(plan, now) == coming


def test_each_step_has_its_patience() -> None:
    begun = Course(AT)
    assert (waits_for(begun), stands_still(begun, AT + 30 * SECOND), stands_still(begun, AT + 31 * SECOND)) == (
        "send",
        False,
        True,
    )
    taken = Course(AT, AT, AT + SECOND)
    assert (waits_for(taken), stands_still(taken, AT + 61 * SECOND)) == ("raise", False)
    paged = Course(AT, AT, AT + SECOND, AT + SECOND, AT + 11 * SECOND, plan_seconds=600)
    assert (waits_for(paged), is_in_time(paged)) == ("answer", True)
    assert not stands_still(paged, AT + timedelta(minutes=15))
    assert stands_still(paged, AT + timedelta(minutes=16))
    assert waits_for(Course(AT, acked_at=AT)) == ""
    assert not is_in_time(Course(AT, AT, AT + SECOND, AT + SECOND, AT + 12 * SECOND))
    assert is_in_time(Course(AT, AT, AT, AT, None, AT + 5 * SECOND))
