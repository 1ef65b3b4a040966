"""The queue: open tickets of a view, by next promise."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame, titles, view_url
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.paging import read_cursor
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.queries import VIEWS, queue


@require_safe
@staff_only
def show(request: PersonRequest, view: str = "all") -> HttpResponse:
    """A page of rows; as a fragment, the rows alone."""
    if view not in VIEWS:
        raise Refused("not_found", "There is no such view.")
    now = clock.now()
    after = read_cursor(request.GET.get("after", ""))
    page = queue(request.user, view, after, now)
    here = view_url(view)
    context = {
        "now": now,
        "view_title": titles()[view],
        "rows": page.rows,
        "rows_url": request.get_full_path(),
        "first_url": here if after else "",
        "next_url": f"{here}?after={page.next}" if page.next else "",
        "take_next_url": url("desk:take_next"),
    }
    if request.htmx:
        return render(request, "desk/_rows.html", context)
    return render(request, "desk/queue.html", context | frame(request.user, view, now))
