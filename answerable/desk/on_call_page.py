"""Who is on call, as the pages show it: now and next, the weeks ahead as a list and a strip, and gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from answerable.escalation.rota import Rota, on_call, whole
from answerable.escalation.schedule_queries import Shift, live, person_of, rotas, shifts_of
from answerable.escalation.schedules import Schedule
from answerable.lib import clock
from answerable.lib.fresh import Fresh
from answerable.lib.zones import zone
from answerable.people.named_queries import names_of
from answerable.ui.words import clock_time

WINDOWS = (14, 60)
# How wide the strip is, and in how many tints people are told apart on it.
WIDTH, TINTS = 1000, 6


@dataclass(frozen=True)
class Row:
    """One shift. `there`: when it begins and ends in the schedule's zone, "" where that is the reader's time too."""

    start: datetime
    end: datetime
    person: int | None
    name: str
    there: str = ""
    is_mine: bool = False
    by_override: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of the strip: where it begins and how wide it is, of WIDTH; its class, and who it is."""

    x: int
    width: int
    kind: str
    name: str


@dataclass(frozen=True)
class Card:
    """A schedule with the days ahead. `gaps`: of 60 days, however few are shown; `rows`: of the days shown."""

    schedule: Schedule
    tz: str
    rows: Sequence[Row]
    strip: Sequence[Piece]
    gaps: Sequence[Row]

    @property
    def now(self) -> Row:
        """Who is on call."""
        return self.rows[0]

    @property
    def follows(self) -> Row | None:
        """Who comes then, if that is among the days shown."""
        return self.rows[1] if len(self.rows) > 1 else None


@dataclass(frozen=True)
class Now:
    """One line of the rail and of the wall; `name` "" is nobody."""

    key: str
    schedule: str
    name: str


def _everybody() -> list[Now]:
    now = clock.now()
    schedules = list(live())
    known = rotas(schedules, now) if schedules else {}
    people = {one.pk: person_of(on_call(known[one.pk], now)) for one in schedules}
    names = names_for(people.values())
    return [Now(one.key, one.name, names.get(people[one.pk] or 0, "")) for one in schedules]


# Who is on call on each schedule, at most a few seconds old: every page of the desk shows it.
everybody_now: Fresh[list[Now]] = Fresh(_everybody)


def cards(schedules: Sequence[Schedule], me: int, now: datetime, days: int) -> list[Card]:
    """Each of the schedules, in as many statements as one."""
    now = whole(now)
    known = rotas(schedules, now)
    ahead = {one.pk: shifts_of(known[one.pk], now, now + timedelta(days=max(WINDOWS))) for one in schedules}
    names = names_for(shift.person for shifts in ahead.values() for shift in shifts)
    return [_Drawing(known[one.pk], names, me, now).card(one, ahead[one.pk], days) for one in schedules]


def names_for(people: Iterable[int | None]) -> dict[int, str]:
    """What these are called."""
    found = names_of((), {pk for pk in people if pk is not None})
    return {pk: name for (_kind, pk), (name, _handle) in found.items()}


def drawn(known: Rota, shifts: Sequence[Shift], me: int, now: datetime, tz: str) -> list[Row]:
    """These shifts as rows."""
    drawing = _Drawing(known, names_for(shift.person for shift in shifts), me, now)
    return [drawing.row(shift, tz) for shift in shifts]


@dataclass(frozen=True)
class _Drawing:
    known: Rota
    names: dict[int, str]
    me: int
    now: datetime

    def card(self, schedule: Schedule, ahead: Sequence[Shift], days: int) -> Card:
        tz = self.known.at(self.now).tz
        end = self.now + timedelta(days=days)
        rows = [self.row(shift, tz) for shift in ahead]
        shown = [row for row in rows if row.start < end]
        return Card(schedule, tz, shown, self.strip(shown, end), [row for row in rows if row.person is None])

    def row(self, shift: Shift, tz: str) -> Row:
        return Row(
            shift.start,
            shift.end,
            shift.person,
            self.names.get(shift.person, "") if shift.person else "",
            self.there(shift, tz),
            shift.person == self.me,
            any(
                one.start <= shift.start < one.end and person_of(one.person) == shift.person
                for one in self.known.overrides
            ),
        )

    def there(self, shift: Shift, tz: str) -> str:
        here, other = timezone.get_current_timezone(), zone(tz)
        ends = (shift.start, shift.end)
        if all(one.astimezone(here).utcoffset() == one.astimezone(other).utcoffset() for one in ends):
            return ""
        with timezone.override(other):
            return " – ".join(clock_time(one, self.now) for one in ends)

    def strip(self, rows: Sequence[Row], end: datetime) -> list[Piece]:
        """To scale; a short gap is drawn wide enough to be seen."""
        length = (end - self.now).total_seconds()
        tints = {person: n for n, person in enumerate(dict.fromkeys(row.person for row in rows if row.person))}
        pieces, gaps = [], []
        for row in rows:
            x = round(WIDTH * (row.start - self.now).total_seconds() / length)
            width = round(WIDTH * (min(row.end, end) - self.now).total_seconds() / length) - x
            if row.person is None:
                gaps.append(Piece(x, max(width, 4), "is-gap", ""))
            else:
                pieces.append(Piece(x, width, f"is-{tints[row.person] % TINTS}", row.name))
        return [*pieces, *gaps]
