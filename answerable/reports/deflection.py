"""How many requests the help center spared, day by day (docs/decisions/0058)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from answerable.knowledge.asking_queries import visits
from answerable.knowledge.deflection import DAY, Counts, by_day
from answerable.tickets.asked_queries import asked_by


def deflection(since: datetime, until: datetime, now: datetime, zone: ZoneInfo) -> dict[date, Counts]:
    """The days on which somebody was about to ask, in this zone; the time is from `since` to before `until`."""
    # What was sent on the day after counts against the visits before it.
    rows = visits(since, until + DAY)
    people = {row.person for row in rows if row.person is not None}
    days = by_day(rows, asked_by(people, since, until + 2 * DAY), now, zone)
    first, last = since.astimezone(zone).date(), until.astimezone(zone)
    return {
        day: counts
        for day, counts in days.items()
        if first <= day and datetime.combine(day, last.min.time(), zone) < last
    }
