"""A calendar of opening hours as a value, and its reading from the JSON shape (sla contract §2 and §9)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from answerable.lib.spans import merged

Pairs = tuple[tuple[int, int], ...]  # minutes of one local day, half-open, in order, none touching the next

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MIDNIGHT = 24 * 60
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadCalendar(ValueError):
    """What is wrong with a calendar, in one sentence for whoever wrote it."""


@dataclass(frozen=True)
class Calendar:
    """One version of a calendar. `weekly` has seven days from Monday; no pair crosses midnight (`read` splits them)."""

    tz: str
    weekly: tuple[Pairs, ...] = ((),) * 7
    dates_off: frozenset[date] = frozenset()
    special: tuple[tuple[date, Pairs], ...] = ()
    always_open: bool = False

    @classmethod
    def read(cls, shape: object) -> "Calendar":
        """A calendar from `{tz, weekly, dates_off, special}` or `{tz, always_open}`; other keys are ignored."""
        table = _mapping(shape, "calendar")
        tz = _zone(table.get("tz"))
        always_open = table.get("always_open", False)
        if not isinstance(always_open, bool):
            raise BadCalendar("always_open: expected true or false")
        if always_open:
            return cls(tz, always_open=True)
        if "weekly" not in table:
            raise BadCalendar("a calendar needs weekly hours, or always_open")
        return cls(
            tz,
            weekly=_weekly(table["weekly"]),
            dates_off=frozenset(_date(text, "dates_off") for text in _list(table.get("dates_off", []), "dates_off")),
            special=_special(table.get("special", {})),
        )


def _zone(tz: object) -> str:
    if not isinstance(tz, str):
        raise BadCalendar("tz: expected the name of a time zone, such as Europe/Berlin")
    try:
        ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones raises OSError, a path ValueError
        raise BadCalendar(f"tz: no time zone is called {tz!r}") from None
    return tz


def _weekly(shape: object) -> tuple[Pairs, ...]:
    week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for name, pairs in _mapping(shape, "weekly").items():
        if name not in DAYS:
            raise BadCalendar(f"weekly: {name!r} is not a day, expected one of {', '.join(DAYS)}")
        day = DAYS.index(name)
        for opens, closes in _pairs(pairs, f"weekly.{name}"):
            if opens < closes:
                week[day].append((opens, closes))
            else:  # a shift past midnight is stored split: the dates on either side have hours of their own
                week[day].append((opens, _MIDNIGHT))
                week[(day + 1) % 7].append((0, closes))
    return tuple(tuple(merged(sorted(pairs))) for pairs in week)


def _special(shape: object) -> tuple[tuple[date, Pairs], ...]:
    days = {}
    for name, value in _mapping(shape, "special").items():
        pairs = _pairs(value, f"special.{name}")
        if any(closes < opens for opens, closes in pairs):
            raise BadCalendar(f"special.{name}: special hours end by 24:00; give the next date its own")
        days[_date(name, "special")] = tuple(merged(sorted(pairs)))
    return tuple(sorted(days.items()))


def _pairs(shape: object, where: str) -> list[tuple[int, int]]:
    return [_pair(pair, where) for pair in _list(shape, where)]


def _pair(shape: object, where: str) -> tuple[int, int]:
    """Minutes of opening and closing. Closing at 00:00 is 24:00; a closing before the opening is on the next day."""
    pair = _list(shape, where)
    if len(pair) != 2:
        raise BadCalendar(f'{where}: expected pairs such as ["09:00", "17:00"]')
    opens, closes = (_minute(text, where) for text in pair)
    if opens == closes:
        raise BadCalendar(f"{where}: {pair[0]} to {pair[1]} has equal ends; a whole day is 00:00 to 24:00")
    if opens == _MIDNIGHT:
        raise BadCalendar(f"{where}: 24:00 can only be an end")
    return opens, closes or _MIDNIGHT


def _minute(text: object, where: str) -> int:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise BadCalendar(f"{where}: {text!r} is not a time, expected HH:MM from 00:00 to 24:00")
    return int(text[:2]) * 60 + int(text[3:])


def _date(text: object, where: str) -> date:
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        pass
    raise BadCalendar(f"{where}: {text!r} is not a date, expected YYYY-MM-DD")


def _list(shape: object, where: str) -> Sequence[object]:
    if not isinstance(shape, list):
        raise BadCalendar(f"{where}: expected a list")
    return shape


def _mapping(shape: object, where: str) -> Mapping[str, object]:
    if not isinstance(shape, Mapping):
        raise BadCalendar(f"{where}: expected a table")
    return shape
