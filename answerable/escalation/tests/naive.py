"""On call as a child would work it out: wall times looked at minute by minute, nothing jumped over. The reference.

Schedules are in the shape of sla contract §9. Wall clocks, hand-offs and restrictions change at whole minutes only (so
do all offsets of our zones since 1972); overrides and absences are in seconds.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BEFORE, LENGTH = 4, 11  # days that are looked at before the day in question, and in all


def read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache(maxsize=64)
def walls(tz: str, day: str) -> list[datetime]:
    """What the wall shows, minute by minute from four days before the day on."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=BEFORE)
    zone = ZoneInfo(tz)
    return [(start + n * MINUTE).astimezone(zone).replace(tzinfo=None) for n in range(LENGTH * 24 * 60)]


@lru_cache(maxsize=2000)
def handoffs(tz: str, day: str, handoff: str) -> list[tuple[int, date]]:
    """(minute, date): when the hand-off of each date is, for dates whose hand-off was not before we began to look."""
    shown, found = walls(tz, day), []
    for n in range(1, LENGTH - 1):
        civil = shown[0].date() + timedelta(days=n)
        wanted = datetime.fromisoformat(f"{civil}T{handoff}")
        found.append((next(minute for minute, wall in enumerate(shown) if wall >= wanted), civil))
    return found


class Naive:
    """A schedule, looked at in the days around `day`."""

    def __init__(self, schedule: dict[str, Any], day: str) -> None:
        self.schedule, self.day = schedule, day
        self.start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=BEFORE)
        ranked = [
            (read(one["created"]), n, read(one["start"]), read(one["end"]), one["person"])
            for n, one in enumerate(schedule["overrides"])
        ]
        self.overrides = sorted(ranked, key=lambda one: one[:2], reverse=True)
        self.absences = [
            (
                one["person"],
                read(one["start"]),
                datetime.max.replace(tzinfo=UTC) if one["end"] is None else read(one["end"]),
            )
            for one in schedule["absences"]
        ]
        self.turns = [self.holders(layer) for layer in schedule["layers"]]

    def who(self, at: datetime) -> str | None:
        away = [person for person, start, end in self.absences if start <= at < end]
        for _, _, start, end, person in self.overrides:
            if start <= at < end and person not in away:
                person_or_nobody: str | None = person
                return person_or_nobody
        minute = (at - self.start) // MINUTE
        for turns in self.turns:
            holder = turns[minute]
            if holder is not None and holder not in away:
                return holder
        return None

    def holders(self, layer: dict[str, Any]) -> list[str | None]:
        """Whose turn it is in each minute; before the first hand-off that we looked at we do not ask."""
        tz, people = self.schedule["tz"], layer["participants"]
        found: list[str | None] = [None] * (LENGTH * 24 * 60)
        for minute, civil in handoffs(tz, self.day, layer["handoff"]):
            passed = (civil - date.fromisoformat(layer["start"])).days
            turn = passed // (layer["length"] * (7 if layer["unit"] == "week" else 1))
            holder = people[turn % len(people)] if people and passed >= 0 else None
            found[minute:] = [holder] * (len(found) - minute)
        hours = layer["restriction"]
        if hours is None:
            return found
        week = [opened(hours, day, f"{n // 60:02}:{n % 60:02}") for day in range(7) for n in range(24 * 60)]
        return [holder if week[n] else None for holder, n in zip(found, minutes(tz, self.day), strict=True)]


@lru_cache(maxsize=64)
def minutes(tz: str, day: str) -> list[int]:
    """What the wall shows, as minutes of the week."""
    return [(wall.weekday() * 24 + wall.hour) * 60 + wall.minute for wall in walls(tz, day)]


def opened(hours: dict[str, Any], day: int, time: str) -> bool:
    today, yesterday = hours.get(DAYS[day], []), hours.get(DAYS[day - 1], [])
    return any(a <= time and (time < b or b <= a) for a, b in today) or any(b <= a and time < b for a, b in yesterday)
