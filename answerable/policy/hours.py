"""A calendar's hours as people read them: days in a row with the same hours are one line. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR

from answerable.policy.schema import Calendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Pairs = Sequence[tuple[str, str]]


def weekly_lines(calendar: Calendar) -> tuple[tuple[str, str], ...]:
    """("Mon–Thu", "09:00–17:00" or "" for closed); none for a calendar that is always open."""
    if calendar.always_open:
        return ()
    weekly: Mapping[str, Pairs] = {str(day): pairs for day, pairs in (calendar.weekly or {}).items()}
    names = [str(name) for name in WEEKDAYS_ABBR.values()]
    days = [(name, pairs_line(weekly.get(day, ()))) for name, day in zip(names, DAYS, strict=True)]
    return tuple((_span([name for name, _ in run]), said) for said, run in _runs(days))


def pairs_line(pairs: Pairs) -> str:
    """The hours of one day: "09:00–12:00, 13:00–17:00"; "" for none."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in pairs)


def _runs(days: list[tuple[str, str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for said, run in groupby(days, key=lambda day: day[1]):
        yield said, list(run)


def _span(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
