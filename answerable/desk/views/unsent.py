"""What somebody wrote and did not send, or could not: their words, also of requests that they may not see any more."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.drafts import unsent
from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.queries import worked_titles


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """One's own alone, latest first."""
    now = clock.now()
    found = unsent(request.user)
    context = {
        "view_title": _("Replies not sent"),
        "rows": found,
        "titles": worked_titles(request.user, [row.ticket_id for row in found], now),
    }
    return render(request, "desk/unsent.html", context | frame(request.user, "unsent", now))
