"""What was searched in vain: articles to write; and what suggestions spared, honestly."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.article_words import language_word
from answerable.desk.frame import frame
from answerable.knowledge.access import may_write
from answerable.knowledge.asking_queries import searches, without_result
from answerable.knowledge.deflection import Counts
from answerable.lib import clock
from answerable.lib.zones import zone
from answerable.people.access import PersonRequest, staff_only
from answerable.reports.deflection import deflection

DAYS = (7, 30, 90)
MOST = 100


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The words, most often first, of the last days; and the figures of the same days."""
    now = clock.now()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else 30
    since = now - timedelta(days=days)
    spared = deflection(since, now, now, zone(str(timezone.get_current_timezone())))
    context = {
        "view_title": _("Articles to write"),
        "rows": [(row, [language_word(one) for one in row.locales]) for row in without_result(since, MOST)],
        "days": days,
        "tabs": [(one, one == days) for one in DAYS],
        "searches": searches(since, now),
        "spared": sum(spared.values(), Counts()),
        "may_write": may_write(request.user),
    }
    return render(request, "desk/article_searches.html", context | frame(request.user, "articles", now))
