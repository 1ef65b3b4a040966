"""`answerable holidays [COUNTRY]`: public holidays as `dates_off` for support.toml, to look through and paste."""

import re
import sys
from typing import Any

from django.core.management.base import CommandParser

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.policy.holiday_dates import as_toml, countries, holiday_dates

_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
_MOST = 20


class Command(Base):
    help = "Print a country's public holidays as dates_off for support.toml; without a country, list those there are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("country", nargs="?", metavar="COUNTRY", help="such as DE or Germany")
        parser.add_argument("--subdivision", metavar="PART", help="a state, region or the like: its code or name")
        parser.add_argument("--years", metavar="YEARS", help="2027 or 2027-2028; else this year and the next")

    def handle(
        self, *_args: object, country: str | None, subdivision: str | None, years: str | None, **_options: Any
    ) -> None:
        if country is None:
            sys.stdout.writelines(f"{code}  {name}\n" for code, name in countries().items())
            return
        wanted = _years(years)
        sys.stdout.write(f"{as_toml(holiday_dates(country, subdivision, wanted))}\n")


def _years(text: str | None) -> range:
    if text is None:
        year = clock.now().year
        return range(year, year + 2)
    read = _YEARS.fullmatch(text)
    first, last = (int(read[1]), int(read[2] or read[1])) if read else (1, 0)
    if not first <= last < first + _MOST:
        raise Refused("bad_years", f"--years: expected 2027 or 2027-2028, at most {_MOST} years, not {text!r}")
    return range(first, last + 1)
