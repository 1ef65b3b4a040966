"""Where peers are wrong or vague: sla contract §7 by number. Those about storage and emission have tests of their own."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from answerable.lib import worktime
from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import Event, Leg, Terms, evaluate

MINUTE, HOUR, DAY = 60, 3600, 86_400
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_FIVE = [["09:00", "17:00"]]
ALL_DAY = [["00:00", "24:00"]]
ALWAYS = Calendar("UTC", always_open=True)
SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, tz: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold).astimezone(UTC)


def hours(tz: str, dates_off: Any = (), **weekly: Any) -> Calendar:
    return Calendar.read({"tz": tz, "weekly": weekly, "dates_off": list(dates_off)})


def office(tz: str, dates_off: tuple[str, ...] = ()) -> Calendar:
    return hours(tz, dates_off, **dict.fromkeys(DAYS[:5], NINE_TO_FIVE))


def monday(clock: str) -> datetime:
    return utc(f"2024-06-03T{clock}")


def legs(
    *events: tuple[str, str, Any] | tuple[str, str], now: str, calendar: Calendar = ALWAYS, **targets: Any
) -> list[Leg]:
    """The legs of a ticket whose events happen on Monday 3 June 2024, UTC; `now` is that day's clock or an instant."""
    told = [Event(kind, monday(clock), targets=more[0] if more else None) for clock, kind, *more in events]
    return evaluate(told, Terms(targets, calendar), monday(now) if len(now) < 10 else utc(now))


def leg(*events: tuple[str, str, Any] | tuple[str, str], now: str, calendar: Calendar = ALWAYS, **targets: Any) -> Leg:
    (only,) = legs(*events, now=now, calendar=calendar, **targets)
    return only


def test_case_01_membership_and_duration_agree_in_a_fold() -> None:
    """Both ends of 01:30 to 03:00 in the first pass made 2 h 30 min of it, with 30 minutes that counted as closed."""
    night = hours("America/New_York", sun=[["01:30", "03:00"]])
    start, end = utc("2024-11-03T04:00"), utc("2024-11-03T09:00")
    assert worktime.between(night, start, end) == 2 * HOUR
    minutes = [start + n * timedelta(minutes=1) for n in range(300)]
    assert sum(worktime.is_open(night, minute) for minute in minutes) == 120
    assert all(
        worktime.between(night, minute, minute + MINUTE * SECOND) == MINUTE * worktime.is_open(night, minute)
        for minute in minutes
    )
    closed = local("2024-11-03T01:15", "America/New_York", fold=1)
    assert not worktime.is_open(night, closed)
    assert worktime.between(night, closed, closed + 15 * MINUTE * SECOND) == 0


def test_case_02_a_gap_is_as_long_as_the_zone_says() -> None:
    """Taken for an hour, Lord Howe's gap of 30 minutes moved 02:15 to 03:15."""
    night = hours("Australia/Lord_Howe", sun=[["02:15", "05:00"]])
    before = local("2024-10-06T00:00", "Australia/Lord_Howe")
    opens = local("2024-10-06T02:30", "Australia/Lord_Howe")
    assert worktime.add(night, before, 1) == opens + SECOND
    assert worktime.between(night, before, before + DAY * SECOND) == 2.5 * HOUR


@pytest.mark.parametrize(
    ("tz", "day", "weekday", "pair"),
    [
        ("Asia/Almaty", "2024-02-29", "thu", ["22:00", "24:00"]),
        ("Africa/Casablanca", "2024-03-10", "sun", ["01:00", "03:00"]),
    ],
)
def test_case_03_a_fold_that_is_no_summer_time_needs_no_answer_which_pass(
    tz: str, day: str, weekday: str, pair: list[str]
) -> None:
    """AmbiguousTime was raised for a zone that moved its clock back without leaving a summer time."""
    night = hours(tz, **{weekday: [pair]})
    midnight = local(f"{day}T00:00", tz)
    assert worktime.between(night, midnight, midnight + 30 * HOUR * SECOND) == 3 * HOUR
    due = worktime.add(night, midnight, 3 * HOUR)
    assert due is not None
    assert not worktime.is_open(night, due)


def test_case_04_a_day_may_begin_with_a_gap() -> None:
    """The search for 24:00, which is not there, looped for ever."""
    evening = hours("America/Sao_Paulo", sat=[["20:00", "24:00"]])
    start = local("2018-11-03T20:00", "America/Sao_Paulo")
    assert worktime.add(evening, start, 4 * HOUR) == start + 4 * HOUR * SECOND
    assert worktime.add(evening, start, 4 * HOUR + 1) == local("2018-11-10T20:00:01", "America/Sao_Paulo")
    whole = hours("America/Sao_Paulo", **dict.fromkeys(DAYS, ALL_DAY))
    assert worktime.between(whole, start, start + 5 * DAY * SECOND) == 5 * DAY


def test_case_05_each_instant_has_the_offset_of_its_own_time() -> None:
    """Today's offset for all history, or a schedule fixed in UTC, opened Moscow an hour off before October 2014."""
    moscow = office("Europe/Moscow")
    assert worktime.add(moscow, utc("2014-10-15T00:00"), 1) == utc("2014-10-15T05:00:01")
    assert worktime.add(moscow, utc("2014-11-12T00:00"), 1) == utc("2014-11-12T06:00:01")
    across = worktime.add(moscow, utc("2014-10-24T05:00"), 8 * HOUR + 1)
    assert across == utc("2014-10-27T06:00:01")


@pytest.fixture(params=["Asia/Tokyo", "America/Los_Angeles"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own zone, which is nobody's business."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("server_zone")
def test_case_06_the_servers_zone_does_not_matter_and_a_day_is_not_24_hours() -> None:
    """Naive server-local datetimes: every day had 24 hours, in a zone that was the machine's."""
    sundays = hours("Europe/Berlin", sun=ALL_DAY)
    for opens, closes, length in [
        (utc("2024-03-30T23:00"), utc("2024-03-31T22:00"), 23 * HOUR),
        (utc("2024-10-26T22:00"), utc("2024-10-27T23:00"), 25 * HOUR),
    ]:
        assert worktime.add(sundays, opens - 5 * HOUR * SECOND, 1) == opens + SECOND
        assert worktime.add(sundays, opens, length) == closes
        assert worktime.between(sundays, opens, opens + 3 * DAY * SECOND) == length


def test_case_07_night_shifts_split_days_and_whole_days() -> None:
    """One pair a day that had to end after it began, by 23:59 at the latest."""
    week = hours(
        "UTC", mon=[["09:00", "12:00"], ["13:00", "17:00"]], wed=[["00:00", "24:00"]], fri=[["22:00", "06:00"]]
    )
    start = utc("2024-06-03T00:00")
    assert worktime.between(week, start, start + 7 * DAY * SECOND) == (7 + 24 + 8) * HOUR
    assert worktime.add(week, utc("2024-06-03T11:30"), HOUR) == utc("2024-06-03T13:30")
    assert worktime.add(week, utc("2024-06-05T23:59"), 60) == utc("2024-06-06T00:00")
    assert worktime.add(week, utc("2024-06-07T23:00"), 3 * HOUR) == utc("2024-06-08T02:00")


def test_case_08_a_holiday_is_a_date_not_a_shift() -> None:
    """Judged by the shift's start, a night before a holiday counted whole, and one that began on it not at all."""
    start, end = utc("2024-06-07T12:00"), utc("2024-06-09T00:00")
    assert worktime.between(hours("UTC", ("2024-06-08",), fri=[["22:00", "06:00"]]), start, end) == 2 * HOUR
    assert worktime.between(hours("UTC", ("2024-06-07",), fri=[["22:00", "06:00"]]), start, end) == 6 * HOUR


def test_case_09_without_open_hours_there_is_no_due_time_and_a_long_holiday_is_not_that() -> None:
    """An endless loop; or a bound made of the target, by which 1 h over 25 closed days was an error."""
    never = leg(("09:00", "customer_message"), now="10:00", calendar=hours("UTC"), resolution=HOUR)
    assert (never.state, never.due_at, never.breached_at) == ("running", None, None)
    closed = tuple(str((utc("2024-06-03") + timedelta(days=n)).date()) for n in range(25))
    shut = leg(("09:00", "customer_message"), now="10:00", calendar=office("UTC", closed), resolution=HOUR)
    assert shut.due_at == utc("2024-06-28T10:00")


def test_case_10_seconds_are_not_dropped() -> None:
    """16:30:30 to 17:00 became 29 minutes; a pause was cut to its minutes."""
    berlin = office("UTC")
    assert worktime.between(berlin, monday("16:30:30"), monday("17:00")) == 29 * MINUTE + 30
    paused = leg(
        ("09:00:10", "customer_message"), ("09:10:50", "pause"), ("09:12:05", "resume"), now="09:20", calendar=berlin, resolution=HOUR
    )  # fmt: skip
    assert paused.due_at == monday("10:01:25")


def test_case_11_met_in_the_second_of_the_deadline_is_in_time() -> None:
    """Neither before nor after, it stayed pending for ever."""
    met = leg(("09:00", "customer_message"), ("10:00", "agent_reply"), now="12:00", first_response=HOUR)
    assert (met.state, met.breached_at) == ("fulfilled", None)
    missed = leg(("09:00", "customer_message"), ("10:00:01", "agent_reply"), now="12:00", first_response=HOUR)
    assert (missed.state, missed.breached_at) == ("fulfilled", monday("10:00"))


def test_case_16_a_pause_outlives_a_change_of_target() -> None:
    """The new due time was counted from creation, as if nobody had waited for the customer."""
    changed = leg(
        ("09:00", "customer_message"),
        ("09:30", "pause"),
        ("10:30", "resume"),
        ("11:00", "targets", {"resolution": 8 * HOUR}),
        now="11:30",
        resolution=4 * HOUR,
    )
    assert (changed.due_at, changed.elapsed) == (monday("18:00"), 90 * MINUTE)


def test_case_17_a_raise_counts_and_leaves_time() -> None:
    """Counted from creation the raise was late at once; with targets fixed at creation it changed nothing."""
    raised = leg(
        ("00:00", "customer_message"), ("05:00", "targets", {"resolution": HOUR}), now="05:30", resolution=10 * HOUR
    )
    assert (raised.breached_at, raised.due_at) == (None, monday("06:00"))
    late_raise = leg(
        ("00:00", "customer_message"), ("09:30", "targets", {"resolution": HOUR}), now="09:40", resolution=10 * HOUR
    )
    assert late_raise.due_at == monday("10:00")


def test_case_18_toggling_the_severity_buys_no_time() -> None:
    """Each change restarted the clock."""
    toggled = leg(
        ("09:00", "customer_message"),
        ("09:30", "targets", {"resolution": 10 * HOUR}),
        ("09:50", "targets", {"resolution": HOUR}),
        now="09:55",
        resolution=HOUR,
    )
    assert toggled.due_at == monday("10:00")


def test_case_19_a_pause_that_lasts_counts_as_it_lasts() -> None:
    """Only finished pauses were taken off, so a ticket that waited for its customer showed as late."""
    waiting = leg(("09:00", "customer_message"), ("09:30", "pause"), now="15:00", resolution=HOUR)
    assert (waiting.state, waiting.due_at, waiting.breached_at) == ("paused", None, None)
    assert (waiting.elapsed, waiting.remaining) == (30 * MINUTE, 30 * MINUTE)
    assert waiting.paused == ((monday("09:30"), None),)


def test_case_20_two_pauses_of_one_minute_both_count() -> None:
    """Kept by their minute, the second overwrote the first."""
    paused = leg(
        ("09:00", "customer_message"),
        ("09:30:05", "pause"),
        ("09:30:20", "resume"),
        ("09:30:30", "pause"),
        ("09:30:50", "resume"),
        now="09:40",
        resolution=HOUR,
    )
    assert paused.due_at == monday("10:00:35")
    assert len(paused.paused) == 2


ANSWERED = [("09:00", "customer_message"), ("09:10", "agent_reply"), ("09:20", "customer_message")]


def test_case_21_the_next_response_stands_still_while_resolved() -> None:
    """It ran on, and broke a promise about a ticket that was solved."""
    solved = leg(*ANSWERED, ("09:30", "resolve"), now="15:00", next_response=HOUR)
    assert (solved.state, solved.due_at, solved.breached_at, solved.elapsed) == ("cancelled", None, None, 10 * MINUTE)
    again = leg(*ANSWERED, ("09:30", "resolve"), ("15:00", "reopen"), now="15:10", next_response=HOUR)
    assert (again.state, again.index, again.due_at) == ("running", 0, monday("15:50"))


def test_case_22_reopened_the_resolution_goes_on_where_it_stood() -> None:
    """Reopened, there was no deadline any more, or the time it was closed counted."""
    solved = [("09:00", "customer_message"), ("10:00", "resolve"), ("14:00", "customer_message")]
    again = leg(*solved, now="14:30", resolution=2 * HOUR)
    assert (again.state, again.index, again.fulfilled_at) == ("running", 0, None)
    assert (again.due_at, again.elapsed) == (monday("15:00"), 90 * MINUTE)


def test_case_23_what_is_over_grows_no_further() -> None:
    """The overdue figure grew on after the ticket was solved."""
    solved = [("09:00", "customer_message"), ("11:00", "resolve")]
    first, later = (leg(*solved, now=now, resolution=HOUR) for now in ("11:00", "2024-07-03T11:00"))
    assert first == later
    assert (first.breached_at, first.elapsed) == (monday("10:00"), 2 * HOUR)
    answered = [("09:00", "customer_message"), ("11:00", "agent_reply")]
    first, later = (leg(*answered, now=now, first_response=HOUR) for now in ("11:00", "2024-07-03T11:00"))
    assert first == later
    assert (first.breached_at, first.elapsed) == (monday("10:00"), 2 * HOUR)


def test_case_24_an_agents_own_words_start_no_clock_for_an_answer() -> None:
    """The agent's reply began the next response, which a silent customer then let run out."""
    quiet = [
        ("08:00", "agent_reply"),
        ("09:00", "customer_message"),
        ("09:10", "agent_reply"),
        ("09:20", "agent_reply"),
    ]
    assert legs(*quiet[:1], now="2024-07-03T11:00", first_response=HOUR, next_response=HOUR) == []
    found = legs(*quiet, now="2024-07-03T11:00", first_response=HOUR, next_response=HOUR)
    assert {(each.metric, each.state, each.breached_at) for each in found} == {
        ("first_response", "fulfilled", None),
        ("next_response", "fulfilled", None),
    }
    assert [each.start for each in found] == [monday("09:00")] * 2


def test_case_25_a_shorter_update_target_leaves_a_longer_first_response_alone() -> None:
    """The due time became that of the update, before there was anything to update."""
    only = leg(("09:00", "customer_message"), ("09:30", "customer_message"), now="12:00",
               first_response=8 * HOUR, next_response=HOUR, periodic_update=HOUR)  # fmt: skip
    assert (only.metric, only.due_at) == ("first_response", monday("17:00"))


def test_case_26_one_function_for_due_and_for_reports() -> None:
    """Due times ignored the opening hours that reports honoured."""
    for now, elapsed in [("16:30", HOUR // 2), ("2024-06-04T09:15", 75 * MINUTE), ("2024-06-05T00:00", 9 * HOUR)]:
        night = leg(("16:00", "customer_message"), now=now, calendar=office("UTC"), resolution=2 * HOUR)
        assert (night.due_at, night.elapsed) == (utc("2024-06-04T10:00"), elapsed)
    for seconds in range(0, 60 * HOUR, 1237):
        due = worktime.add(office("Europe/Berlin"), utc("2024-03-28T12:34:56"), seconds)
        assert due is not None
        assert worktime.between(office("Europe/Berlin"), utc("2024-03-28T12:34:56"), due) == seconds
