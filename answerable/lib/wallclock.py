"""What a clock on the wall of a time zone has shown: when first, and how far it has come (sla contract §5).

Clocks turn back, and dates are skipped. So a date and time "comes" at the first instant at which the wall shows it or
more, and what the wall has once shown stays reached. Instants are seconds since the year 1 (lib.stretches), and so is
what the wall shows, as if every day had 24 hours.
"""

from answerable.lib.hours import DAY
from answerable.lib.stretches import STEP, stretches


def furthest(tz: str, at: int) -> int:
    """The most that the wall has shown up to and with the second `at`.

    A clock is turned back by at most a day, and not twice in six days: what was before those is overtaken.
    """
    return max(end - 1 + offset for _, end, offset in stretches(tz, at - STEP, at + 1))


def first_at(tz: str, shown: int) -> int:
    """The first second at which the wall shows this or more: after a gap its end, in a fold the first pass."""
    passes = ((start, end, shown - offset) for start, end, offset in stretches(tz, shown - 3 * DAY, shown + 3 * DAY))
    return next(max(start, at) for start, end, at in passes if at < end)
