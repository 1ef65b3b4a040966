"""Public holidays to choose from when writing `dates_off`. They are a suggestion, read once and frozen in support.toml:
a new version of the library behind this changes no calendar by itself (sla contract §2).
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import holidays
from holidays.registry import COUNTRIES

from answerable.lib.errors import Refused

# The first and last year for which the library is worth asking.
EARLIEST, LATEST = 1970, 2100
_SMALL_WORDS = {"and", "of", "the"}


def countries() -> dict[str, str]:
    """Each country the library knows: its two letters and its name, by name."""
    return {codes[1]: _in_words(key) for key, codes in sorted(COUNTRIES.items())}


def holiday_dates(country: str, subdivision: str | None, years: Iterable[int]) -> list[tuple[date, str]]:
    """Each public holiday of these years with its English name, in order. Refuses what the library does not know."""
    code = _country(country)
    part = None if subdivision is None else _subdivision(code, subdivision)
    found: list[tuple[date, str]] = []
    for year in years:  # each for itself, so that a year without any is noticed
        if not EARLIEST <= year <= LATEST:
            raise Refused("bad_years", f"{year} is too far away: take a year from {EARLIEST} to {LATEST}.")
        # The language is named because the library would otherwise take that of the terminal.
        dates = holidays.country_holidays(code, subdiv=part, years=year, language="en_US")
        if not dates:
            raise Refused("no_dates", f"No public holidays of {countries()[code]} are known for {year}.")
        found += ((day, " ".join(name.split())) for day, name in dates.items())
    return sorted(found)


def as_toml(dates: Sequence[tuple[date, str]]) -> str:
    """The dates as `dates_off` for a calendar of support.toml, each with its name beside it."""
    return "\n".join(["dates_off = [", *(f"  {day},  # {name}" for day, name in dates), "]"])


def _country(wanted: str) -> str:
    """The two letters of a country given by these, by its three letters, another usual code or its name."""
    known = {code.casefold(): codes[1] for codes in COUNTRIES.values() for code in codes[1:] if code.isupper()}
    known |= {name.casefold(): code for code, name in countries().items()}
    found = known.get(wanted.casefold())
    if found is None:
        near = [f"{known[name]} ({countries()[known[name]]})" for name in _near(wanted, known)]
        more = "`answerable holidays` lists all there are."
        raise Refused("no_country", f"No country {wanted!r} is known{_perhaps(near)}. {more}")
    return found


def _subdivision(country: str, wanted: str) -> str:
    """The code of a part of the country, given by this or by its name."""
    kind = holidays.country_holidays(country)
    known = {part.casefold(): part for part in kind.subdivisions}
    names = {name.casefold(): name for name in kind.subdivisions_aliases}
    folded = wanted.casefold()
    if folded in known:
        return known[folded]
    if folded in names:
        return kind.subdivisions_aliases[names[folded]]
    if not known:
        raise Refused("no_subdivision", f"{countries()[country]} has no subdivisions: leave --subdivision out.")
    near = [(known | names)[name] for name in _near(wanted, known | names)]
    every = ", ".join(_parts(kind))
    raise Refused("no_subdivision", f"{countries()[country]} has no {wanted!r}{_perhaps(near)}. There are: {every}.")


def _parts(kind: holidays.HolidayBase) -> Iterator[str]:
    names = {code: name for name, code in kind.subdivisions_aliases.items()}
    for part in kind.subdivisions:
        yield f"{part} ({names[part]})" if part in names else part


def _near(wanted: str, known: Iterable[str]) -> list[str]:
    return difflib.get_close_matches(wanted.casefold(), known, n=3)


def _perhaps(near: Sequence[str]) -> str:
    return f" (did you mean {' or '.join(dict.fromkeys(near))}?)" if near else ""


def _in_words(key: str) -> str:
    return " ".join(word if word in _SMALL_WORDS else word.capitalize() for word in key.split("_"))
