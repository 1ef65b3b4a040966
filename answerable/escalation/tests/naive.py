"""On call as a child would work it out: wall times looked at minute by minute, nothing jumped over. The reference.

Schedules are in the shape of sla contract §9. Wall clocks, hand-offs and restrictions change at whole minutes only (so
do all offsets of our zones since 1972); overrides and absences are in seconds.
"""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
BEFORE, LENGTH = 4, 11  # days that are looked at before the day in question, and in all


def read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache
def walls(tz: str, day: str) -> list[datetime]:
    """What the wall shows, minute by minute from four days before the day on."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=BEFORE)
    zone = ZoneInfo(tz)
    return [(start + n * MINUTE).astimezone(zone).replace(tzinfo=None) for n in range(LENGTH * 24 * 60)]


@lru_cache
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

    def who(self, at: datetime) -> str | None:
        away = [person for person, start, end in self.absences if start <= at < end]
        for _, _, start, end, person in self.overrides:
            if start <= at < end and person not in away:
                person_or_nobody: str | None = person
                return person_or_nobody
        for layer in self.schedule["layers"]:
            person = self.turn(layer, (at - self.start) // MINUTE)
            if person is not None and person not in away:
                return person
        return None

    def turn(self, layer: dict[str, Any], minute: int) -> str | None:
        tz = self.schedule["tz"]
        all_handoffs = handoffs(tz, self.day, layer["handoff"])
        last = all_handoffs[bisect_right(all_handoffs, (minute, date.max)) - 1]
        assert last[0] <= minute
        passed = (last[1] - date.fromisoformat(layer["start"])).days
        if passed < 0 or not layer["participants"] or not opened(layer["restriction"], walls(tz, self.day)[minute]):
            return None
        turn = passed // (layer["length"] * (7 if layer["unit"] == "week" else 1))
        person: str = layer["participants"][turn % len(layer["participants"])]
        return person


def opened(restriction: dict[str, Any] | None, wall: datetime) -> bool:
    if restriction is None:
        return True
    time = f"{wall.hour:02}:{wall.minute:02}"
    today = restriction.get(DAYS[wall.weekday()], [])
    yesterday = restriction.get(DAYS[wall.weekday() - 1], [])
    return any(a <= time and (time < b or b <= a) for a, b in today) or any(b <= a and time < b for a, b in yesterday)
