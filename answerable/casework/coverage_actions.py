"""Administrators are told of times ahead in which a severity reaches nobody: of each once, and of others again."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from answerable.casework.ladder_coverage import holes
from answerable.escalation.coverage_queries import Hole
from answerable.escalation.coverage_rows import ToldGaps
from answerable.escalation.gap_actions import is_known, written
from answerable.escalation.rota import whole
from answerable.escalation.schedule_queries import AHEAD_DAYS
from answerable.notify.actions import tell
from answerable.notify.models import Notice
from answerable.people.models import Role
from answerable.people.queries import staff


def tell_holes(now: datetime) -> int:
    """Look, and tell of what was not told yet. Returns of how many severities and teams."""
    edge, told = whole(now + timedelta(days=AHEAD_DAYS)), 0
    with transaction.atomic(), connection.cursor() as cursor:
        # The hourly look and one after a save may come at once.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('told-gaps', 0))")
        known = {(row.severity, row.team): row for row in ToldGaps.objects.select_for_update()}
        for hole in holes(now):
            row = known.pop((hole.severity, hole.team), None) or ToldGaps(severity=hole.severity, team=hole.team)
            spans = [written(span, edge) for span in hole.spans]
            news = any(not is_known(span, row.spans) for span in spans)
            if spans != row.spans:
                row.spans = spans
                row.save()
            if news:
                _tell(hole, row, now)
                told += 1
        # What is filled again is told anew, should it open once more.
        ToldGaps.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    return told


def _tell(hole: Hole, row: ToldGaps, now: datetime) -> None:
    words = _("%(severity)s of %(team)s") if hole.name else _("%(severity)s without a team")
    data = {"name": words % {"severity": hole.severity, "team": hole.name}}
    key = f"hole:{row.pk}:{now:%Y%m%d%H%M}"
    tell(Notice(person=one, kind="gap", key=key, data=data, at=now) for one in staff().filter(role=Role.ADMIN))
