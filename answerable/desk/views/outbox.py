"""Every mail that left, or waits to: what it says, to whom, and what became of it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.queries import delivery, outbox
from answerable.people.access import PersonRequest, admins_only
from answerable.tickets.queries import numbers_of

PAGE = 50


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """The list, latest first, paged by id."""
    before = request.GET.get("before", "")
    rows = list(outbox(int(before) if before.isdecimal() and len(before) < 18 else None)[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "view_title": _("Mail sent"),
        "rows": shown,
        "first_url": request.path if before else "",
        "next_url": f"{request.path}?before={shown[-1].pk}" if len(rows) > PAGE else "",
    }
    return render(request, "desk/outbox.html", context | frame(request.user, "outbox", clock.now()))


@require_safe
@admins_only
def message(request: PersonRequest, pk: int) -> HttpResponse:
    """One mail."""
    row = delivery(pk)
    if row is None:
        raise Refused("not_found", _("There is no such mail."))
    context = {
        "view_title": row.subject,
        "row": row,
        "numbers": numbers_of([row.ticket_id] if row.ticket_id else []),
    }
    return render(request, "desk/outbox_message.html", context | frame(request.user, "outbox", clock.now()))
