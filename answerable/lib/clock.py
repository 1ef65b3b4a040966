"""The one place that reads the wall clock. Doors (views, jobs, commands) call `now()` once and hand it down."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant in UTC, floored to the second: the promise engine counts whole seconds (sla contract)."""
    return datetime.now(UTC).replace(microsecond=0)


def exact() -> datetime:
    """This instant in UTC with microseconds, for logs and for waits that must not be rounded."""
    return datetime.now(UTC)
