"""How well promises of an answer were kept lately, as the support page publishes it: first and later responses that
were judged in the last 90 days, by severity, and by severity and plan.

Whoever looks may be anybody, so nobody's look counts the table: one statement, along the index of judged legs, every
ten minutes at most in each process. It costs by what was judged in those 90 days, not by what ever was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from answerable.lib import clock, sql
from answerable.lib.fresh import Fresh
from answerable.reports.figures import Figures, total

DAYS = 90
SECONDS = 600.0
# Of fewer promises a percentage says more than is known: then the numbers stand by themselves.
FEW = 10


@dataclass(frozen=True)
class Kept:
    """Figures of promises judged in (`until` less 90 days, `until`). `since`: when the first promise was judged, where
    that was later. The median is that of first responses. A plan is "" for organizations without one.
    """

    until: datetime
    since: datetime | None = None
    levels: Mapping[str, Figures] = field(default_factory=dict)
    plans: Mapping[tuple[str, str], Figures] = field(default_factory=dict)

    @property
    def whole(self) -> Figures:
        """All of them together."""
        return total(list(self.levels.values()))


def kept_words(figures: Figures) -> str:
    """The part that was kept, in words: a share, or of few promises how many; "" where none counts."""
    counted = figures.kept + figures.broken
    if not counted:
        return ""
    if counted < FEW:
        return _("%(kept)s of %(counted)s") % {"kept": figures.kept, "counted": counted}
    return figures.shown


# A plan and severity together, and then, in one go, each severity.
_KEPT = """
SELECT l.severity, l.plan, grouping(l.plan),
  count(*) FILTER (WHERE l.breached_at IS NULL),
  count(*) FILTER (WHERE l.breached_at IS NOT NULL AND l.excused = ''),
  count(*) FILTER (WHERE l.breached_at IS NOT NULL AND l.excused <> ''),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY l.elapsed)
    FILTER (WHERE l.metric = 'first_response' AND l.fulfilled_at IS NOT NULL)
FROM sla_leg l
WHERE l.judged_at >= %(since)s AND l.judged_at < %(until)s AND l.target IS NOT NULL
  AND l.metric IN ('first_response', 'next_response') AND l.severity <> ''
GROUP BY GROUPING SETS ((l.severity), (l.severity, l.plan)) ORDER BY l.severity, l.plan
"""
_FIRST = "SELECT min(l.judged_at) FROM sla_leg l WHERE l.judged_at IS NOT NULL"


def judged_lately(now: datetime) -> Kept:
    """As it is at `now`. Two statements, the second one reads one entry of an index."""
    start = now - timedelta(days=DAYS)
    levels: dict[str, Figures] = {}
    plans: dict[tuple[str, str], Figures] = {}
    for severity, plan, is_all, *figures in sql.rows(_KEPT, {"since": start, "until": now}):
        if is_all:
            levels[severity] = Figures(*figures)
        else:
            plans[severity, plan] = Figures(*figures)
    first = sql.rows(_FIRST, {})[0][0]
    return Kept(now, first if first and first > start else None, levels, plans)


kept_lately: Fresh[Kept] = Fresh(lambda: judged_lately(clock.now()), SECONDS)
