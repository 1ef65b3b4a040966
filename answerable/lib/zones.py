"""Time zones by name, without ever failing on a bad one."""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta


def zone(*names: str) -> zoneinfo.ZoneInfo:
    """The first of the names that is a time zone; UTC if none is."""
    for name in names:
        if name:
            try:
                return zoneinfo.ZoneInfo(name)
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                continue
    return zoneinfo.ZoneInfo("UTC")


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    return bool(name) and name in zoneinfo.available_timezones()


def end_of(day: date, *names: str) -> datetime:
    """The moment in which this day is over, in the first of the names that is a time zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone(*names)).astimezone(UTC)
