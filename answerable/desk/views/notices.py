"""What a person was told: the list, the word in the bar at the top, marking it read, and what a browser shows."""

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.frame import frame
from answerable.desk.notices import items, news, place
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.notify.actions import mark_line_read, mark_read, mark_ticket_read
from answerable.notify.notice_queries import SHOWN, Place, lines, notice, read_place, unread
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.access import find
from answerable.tickets.queries import worked_titles

PAGE = 50


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The page; as a fragment, the list alone."""
    now = clock.now()
    after = read_place(request.GET.get("after", ""))
    chosen = request.GET.get("show", "")
    context = _list(request, after, chosen if chosen in SHOWN else "", now)
    if request.htmx:
        return render(request, "desk/_notices.html", context)
    return render(request, "desk/notices.html", context | frame(request.user, "notices", now))


def _list(request: PersonRequest, after: Place | None, show: str, now: datetime) -> dict[str, object]:
    rows, end = lines(request.user, after, PAGE, show)
    first = f"{request.path}?show={show}" if show else request.path
    more = "&" if show else "?"
    return {
        "now": now,
        "view_title": _("Notices"),
        "items": items(request.user, rows, now),
        "tabs": [(title, _tab(key), key == show) for key, title in _tabs().items()],
        "show": show,
        # What comes while the page is open is not marked read by "Mark all read".
        "newest": max((row.id for row in rows), default=0),
        "may_mark": any(not row.read for row in rows),
        "rows_url": f"{first}{more}after={after}" if after else first,
        "first_url": first if after else "",
        "next_url": f"{first}{more}after={end}" if end else "",
    }


def _tabs() -> dict[str, str]:
    return {"": _("All"), "unread": _("Unread"), "mentions": _("Mentions")}


def _tab(show: str) -> str:
    return f"{url('desk:notices')}?show={show}" if show else url("desk:notices")


@require_safe
@staff_only
def badge(request: PersonRequest) -> HttpResponse:
    """How many are unread: fetched by each page of the desk, so that no page waits for it."""
    return render(request, "desk/_notices_badge.html", {"unread": unread(request.user)})


@require_safe
@staff_only
def fresh(request: PersonRequest) -> JsonResponse:
    """What this browser may show as it came after the notice `after`; without it, only where to begin."""
    after = request.GET.get("after", "")
    found = news(request.user, _number(after) if after else None, clock.now())
    return JsonResponse({"items": found.items, "unread": found.unread, "newest": found.newest})


@require_POST
@staff_only
def read(request: PersonRequest) -> HttpResponse:
    """Mark one line read (`id`), or all that were shown (`until`)."""
    if "id" in request.POST:
        mark_line_read(request.user, _number(request.POST["id"]), clock.now())
    else:
        until = _number(request.POST["until"]) if "until" in request.POST else None
        mark_read(request.user, None, clock.now(), until=until)
    chosen = request.POST.get("show", "")
    return redirect(_tab(chosen) if chosen in SHOWN else "desk:notices")


@require_POST
@staff_only
def seen(request: PersonRequest, number: int) -> HttpResponse:
    """Its person looks at the request: what they were told of it is read."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    mark_ticket_read(request.user, ticket.pk, now)
    return redirect("desk:ticket", number=ticket.number)


@require_POST
@staff_only
def follow(request: PersonRequest, pk: int) -> HttpResponse:
    """Open the request that a notice is about; its line is read then."""
    now = clock.now()
    row = notice(request.user, pk)
    if row is None:
        raise Refused("not_found", _("There is no such notice."))
    mark_line_read(request.user, row.pk, now)
    if where := place(row, request.user):
        return redirect(where)
    title = worked_titles(request.user, [row.ticket_id or 0], now).get(row.ticket_id or 0)
    return redirect("desk:ticket", number=title[0]) if title else redirect("desk:notices")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
