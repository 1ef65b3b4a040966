"""A change after which a P0 would reach nobody, where it reaches somebody now, is made by who says that they know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import ngettext

from answerable.escalation.coverage_queries import new_holes, p0_holes
from answerable.escalation.paging_policy import policies
from answerable.escalation.schedule_queries import AHEAD_DAYS
from answerable.lib.errors import Refused


@contextmanager
def still_reached(now: datetime, *, confirmed: bool) -> Iterator[None]:
    """Around a change, in its transaction: raises Refused "gap" with the spans. What was missing before stops nobody
    who changes something else."""
    before = [] if confirmed else p0_holes(now)
    yield
    found = [] if confirmed else new_holes(before, p0_holes(now))
    if found:
        # What was written is taken back.
        policies.forget()
        words = ngettext(
            "A P0 would reach nobody once in the next %(days)s days.",
            "A P0 would reach nobody %(num)s times in the next %(days)s days.",
            len(found),
        ) % {"num": len(found), "days": AHEAD_DAYS}
        raise Refused("gap", words, gaps=[span for _name, span in found])
