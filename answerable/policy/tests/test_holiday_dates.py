"""Public holidays by the real library, and back through the reader of support.toml."""

import tomllib
from datetime import date

import holidays
import pytest

from answerable.lib.errors import Refused
from answerable.policy import read
from answerable.policy.holiday_dates import as_toml, countries, holiday_dates


def test_a_subdivisions_holidays_in_order_with_their_names() -> None:
    found = holiday_dates("DE", "BY", [2027, 2028])
    assert (date(2027, 1, 6), "Epiphany") in found
    assert (date(2028, 12, 26), "Second Day of Christmas") in found
    assert found == sorted(found)
    assert (date(2027, 1, 6), "Epiphany") not in holiday_dates("DE", None, [2027])


@pytest.mark.parametrize("country", ["DE", "de", "DEU", "Germany", "germany"])
@pytest.mark.parametrize("subdivision", ["BY", "by", "Bayern", "bayern"])
def test_names_are_as_good_as_codes(country: str, subdivision: str) -> None:
    assert holiday_dates(country, subdivision, [2027]) == holiday_dates("DE", "BY", [2027])


def test_the_terminals_language_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert holiday_dates("DE", None, [2027])[0] == (date(2027, 1, 1), "New Year's Day")


def test_what_is_printed_reads_back_as_a_calendars_dates() -> None:
    dates = [*holiday_dates("US", None, [2027]), *holiday_dates("JP", None, [2028])]
    text = read.SHIPPED.read_text() + '\n[calendars.office]\ntz = "UTC"\nweekly = {mon = [["09:00", "17:00"]]}\n'
    policy = read.parse(text + as_toml(dates), "support.toml")
    assert policy.calendars["office"].dates_off == tuple(str(day) for day, _ in dates)


def test_each_country_can_be_asked_and_written() -> None:
    without = {"BV", "HM", "IO", "UA"}  # three are uninhabited, one suspended its holidays in the war
    for code in countries().keys() - without:
        dates = holiday_dates(code, None, [2026])
        assert tomllib.loads(as_toml(dates))["dates_off"] == [day for day, _ in dates]


def test_names_of_countries_are_words() -> None:
    assert countries()["AG"] == "Antigua and Barbuda"
    assert set(countries()) == set(holidays.list_supported_countries(include_aliases=False))


@pytest.mark.parametrize(
    ("country", "subdivision", "year", "message"),
    [
        ("Germny", None, 2027, "No country 'Germny' is known (did you mean DE (Germany)"),
        ("", None, 2027, "No country '' is known. `answerable holidays` lists all there are."),
        ("HolidaysAX", None, 2027, "No country 'HolidaysAX' is known"),
        ("DE", "Bayrn", 2027, "Germany has no 'Bayrn' (did you mean Bayern"),
        ("DE", "Bavaria", 2027, "Germany has no 'Bavaria'. There are: BB (Brandenburg), BE (Berlin)"),
        ("DE", "", 2027, "Germany has no ''. There are: BB"),
        ("SG", "X", 2027, "Singapore has no subdivisions: leave --subdivision out."),
        ("DE", None, 9999, "9999 is too far away: take a year from 1970 to 2100."),
        ("DE", None, 1980, "No public holidays of Germany are known for 1980."),
    ],
)
def test_what_is_not_known_says_what_is(country: str, subdivision: str | None, year: int, message: str) -> None:
    with pytest.raises(Refused) as refused:
        holiday_dates(country, subdivision, [2027, year])
    assert refused.value.message.startswith(message)
