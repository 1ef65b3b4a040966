"""Nothing counts as spared that was asked all the same."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from answerable.knowledge.deflection import Counts, Visit, by_day
from tests.cast import NOW

UTC = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=9)


def counted(*visits: Visit, asked: dict[int, list[datetime]] | None = None, now: datetime = LATER) -> Counts:
    return sum(by_day(visits, asked or {}, now, UTC).values(), Counts())


@pytest.mark.behaviour("B-468")
def test_it_is_spared_if_something_was_opened_and_nothing_sent_for_a_day() -> None:
    assert counted(Visit(NOW, True, True)) == Counts(shown=1, opened=1, deflected=1)
    assert counted(Visit(NOW, True, True, NOW + HOUR)) == Counts(shown=1, opened=1, sent=1)
    assert counted(Visit(NOW, True, True, NOW + 25 * HOUR)) == Counts(shown=1, opened=1, deflected=1)
    assert counted(Visit(NOW, True, False)) == Counts(shown=1)
    assert counted(Visit(NOW, True, False, NOW + HOUR)) == Counts(shown=1, sent=1)
    assert counted(Visit(NOW, False, False, NOW + HOUR)) == Counts()
    assert counted(Visit(NOW, True, True), now=NOW + 23 * HOUR) == Counts(shown=1, opened=1, undecided=1)


@pytest.mark.behaviour("B-468")
def test_who_asks_in_another_way_was_not_spared() -> None:
    known = Visit(NOW, True, True, person=7)
    assert counted(known, asked={7: [NOW - HOUR, NOW + HOUR]}).sent == 1
    assert counted(known, asked={7: [NOW - HOUR, NOW + 25 * HOUR], 8: [NOW + HOUR]}).deflected == 1
    # Somebody who looks the same sends by another visit, or began it before.
    one = Visit(NOW, True, True, visitor="a")
    assert counted(one, Visit(NOW + HOUR, False, False, NOW + 2 * HOUR, visitor="a")).deflected == 0
    assert counted(one, Visit(NOW - HOUR, False, False, NOW + HOUR, visitor="a")).deflected == 0
    assert counted(one, Visit(NOW + HOUR, False, False, NOW + 2 * HOUR, visitor="b")).deflected == 1
    assert counted(Visit(NOW, True, True), Visit(NOW, False, False, NOW + HOUR)).deflected == 1


def test_days_are_those_of_the_zone() -> None:
    late = Visit(NOW.replace(hour=23), True, True)
    assert list(by_day([late], {}, LATER, UTC)) == [NOW.date()]
    assert list(by_day([late], {}, LATER, ZoneInfo("Europe/Stockholm"))) == [NOW.date() + timedelta(days=1)]
