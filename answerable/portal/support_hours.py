"""Hours of operation for the support page: whether a calendar is open now, and when that changes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format

from answerable.lib.worktime import HORIZON, spans
from answerable.lib.worktime import Calendar as Counted
from answerable.lib.zones import zone
from answerable.policy.hours import Pairs, pairs_line, weekly_lines
from answerable.policy.schema import Calendar

# Of dates with other hours the next ones, which is what somebody who wants to write asks about.
MOST_DATES = 8


@dataclass(frozen=True)
class OtherDay:
    """A date with hours of its own; none for closed."""

    day: date
    pairs: Pairs

    @property
    def hours(self) -> str:
        """In words; "" for closed."""
        return pairs_line(self.pairs)

    @property
    def shown(self) -> str:
        """The date in words: "Fri 25 Dec 2026"."""
        return date_format(self.day, "D j M Y")


@dataclass(frozen=True)
class Opening:
    """A calendar that promises are counted in. `levels`: of which severities; `weekly` and, the same in words,
    `lines`: in its own zone `tz`; `changes_at`: when it closes, or opens next; None: not within a year."""

    key: str
    name: str
    tz: str
    levels: tuple[str, ...]
    always_open: bool
    is_open: bool
    changes_at: datetime | None
    weekly: Mapping[str, Pairs]
    lines: tuple[tuple[str, str], ...]
    other_days: tuple[OtherDay, ...]


def opening(key: str, calendar: Calendar, levels: tuple[str, ...], now: datetime) -> Opening:
    """How it stands at `now`, by the very function that promises are counted with."""
    is_open, changes_at = _standing(Counted.read(calendar.spec), now)
    return Opening(
        key=key,
        name=calendar.name or key,
        tz=calendar.tz,
        levels=levels,
        always_open=calendar.always_open,
        is_open=is_open,
        changes_at=changes_at,
        weekly={str(day): pairs for day, pairs in (calendar.weekly or {}).items()},
        lines=weekly_lines(calendar),
        other_days=tuple(_coming(calendar, now))[:MOST_DATES],
    )


def _standing(calendar: Counted, now: datetime) -> tuple[bool, datetime | None]:
    until = now + HORIZON
    opens, closes = next(spans(calendar, now, until), (until, until))
    moment = closes if opens <= now else opens
    return opens <= now, moment if moment < until else None


def _coming(calendar: Calendar, now: datetime) -> Iterator[OtherDay]:
    today = now.astimezone(zone(calendar.tz)).date()
    hours: dict[str, Pairs] = dict.fromkeys(calendar.dates_off, ()) | dict(calendar.special)
    for day in sorted(hours):
        if date.fromisoformat(day) >= today:
            yield OtherDay(date.fromisoformat(day), hours[day])
