"""What a person was told of promises: the list, the word in the bar at the top, and marking it read."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.frame import frame
from answerable.desk.notices import items, place
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.actions import mark_read
from answerable.notify.queries import Place, notice, notices, read_place, unread
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.queries import worked_titles

PAGE = 50


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The page; as a fragment, the list alone."""
    now = clock.now()
    after = read_place(request.GET.get("after", ""))
    context = _list(request, after, now)
    if request.htmx:
        return render(request, "desk/_notices.html", context)
    return render(request, "desk/notices.html", context | frame(request.user, "notices", now))


def _list(request: PersonRequest, after: Place | None, now: datetime) -> dict[str, object]:
    rows, place = notices(request.user, after, PAGE)
    return {
        "now": now,
        "view_title": _("Notices"),
        "items": items(request.user, rows, now),
        # What comes while the page is open is not marked read by "Mark all read".
        "newest": max((row.pk for row in rows), default=0),
        "may_mark": any(row.read_at is None for row in rows),
        "rows_url": f"{request.path}?after={after}" if after else request.path,
        "first_url": request.path if after else "",
        "next_url": f"{request.path}?after={place}" if place else "",
    }


@require_safe
@staff_only
def badge(request: PersonRequest) -> HttpResponse:
    """How many are unread: fetched by each page of the desk, so that no page waits for it."""
    return render(request, "desk/_notices_badge.html", {"unread": unread(request.user)})


@require_POST
@staff_only
def read(request: PersonRequest) -> HttpResponse:
    """Mark one read (`id`), or all that were shown (`until`)."""
    ids = [_number(request.POST["id"])] if "id" in request.POST else None
    until = _number(request.POST["until"]) if "until" in request.POST else None
    mark_read(request.user, ids, clock.now(), until=until)
    return redirect("desk:notices")


@require_POST
@staff_only
def follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Open the request that a notice is about; the notice is read then."""
    now = clock.now()
    row = notice(request.user, pk)
    if row is None:
        raise Refused("not_found", _("There is no such notice."))
    mark_read(request.user, [row.pk], now)
    if where := place(row, request.user):
        return redirect(where)
    title = worked_titles(request.user, [row.ticket_id or 0], now).get(row.ticket_id or 0)
    return redirect("desk:ticket", number=title[0]) if title else redirect("desk:notices")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
