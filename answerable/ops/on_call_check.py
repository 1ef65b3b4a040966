"""What doctor and `apply` say of schedules: who is missing in the weeks ahead, and who is named that is nobody."""

from collections.abc import Iterator
from datetime import datetime

from answerable.escalation.gap_actions import all_gaps
from answerable.escalation.schedule_queries import AHEAD_DAYS, strangers
from answerable.ops.finding import Finding


def examine(now: datetime) -> Iterator[Finding]:
    """A gap is wrong where P0 would find nobody, and worth knowing elsewhere."""
    for schedule, spans in all_gaps(now):
        start, end = spans[0]
        more = f" and {len(spans) - 1} times more in the next {AHEAD_DAYS} days" if len(spans) > 1 else ""
        yield Finding(
            "wrong" if schedule.p0 else "note",
            f"nobody is on call on {schedule.name} from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC{more}: see "
            "On call at the desk",
        )
    for key, address in strangers(now):
        yield Finding("wrong", f"on_call.{key} names {address}, who is nobody on your staff: their turns are empty")
