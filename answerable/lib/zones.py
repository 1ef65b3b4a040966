"""Time zones by name, without ever failing on a bad one."""

import zoneinfo


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
