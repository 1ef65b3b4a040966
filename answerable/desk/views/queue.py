"""The queue: the requests of a view, one page at a time, with the filter in the address."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.bulk import choices
from answerable.desk.frame import frame, live_counts, view_url
from answerable.desk.view_filter import filtered, is_filtered
from answerable.desk.view_page import head_of, names_for, panel_of, resolve
from answerable.desk.view_words import sections
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.view_access import may_edit_view
from answerable.tickets.view_queries import Found, faults_of, page, saved_views
from answerable.tickets.viewing import View


@dataclass(frozen=True)
class Asked:
    """The view as it is kept and as it is asked for now, and what of the address was not understood."""

    stored: View
    view: View
    errors: list[str]
    saved: list[View]


@require_safe
@staff_only
def show(request: PersonRequest, view: str = "all") -> HttpResponse:
    """A page of rows; as a fragment, the rows alone with the counts around them."""
    now = clock.now()
    asked = _asked(request, view)
    if asked.stored.is_ended or (faults_of(asked.stored) and not is_filtered(request.GET)):
        return _broken(request, asked, now)
    found = Found([], "") if asked.errors else page(request.user, asked.view, request.GET.get("after", ""), now)
    context = {"now": now, "bulk": choices(request.user), **_rows(request, asked, found)}
    if request.htmx and request.htmx.target == "rows":
        return render(request, "desk/_rows.html", context | live_counts(request.user, asked.saved, now))
    names = names_for(asked.view.conditions)
    context |= {
        "view_title": asked.stored.name,
        "head": head_of(request.user, asked.stored, asked.view, names),
        "panel": panel_of(asked.view, names, asked.errors),
        "panel_open": bool(asked.errors) or "panel" in request.GET,
        "take_next_url": url("desk:take_next"),
        "live_counts": [],
    }
    return render(request, "desk/queue.html", context | frame(request.user, asked.stored.key, now, asked.saved))


def _asked(request: PersonRequest, key: str) -> Asked:
    saved = saved_views(request.user)
    stored = resolve(request.user, key, saved)
    if not is_filtered(request.GET):
        return Asked(stored, stored, [], saved)
    view, errors = filtered(request.GET, stored)
    return Asked(stored, view, errors or faults_of(view), saved)


def _rows(request: PersonRequest, asked: Asked, found: Found) -> dict[str, object]:
    shown, here = asked.view.shown_by(), view_url(asked.stored.key)
    query = request.GET.copy()
    has_cursor = bool(query.pop("after", None))
    query.pop("panel", None)
    first = f"{here}?{query.urlencode()}" if query else here
    query["after"] = found.next
    return {
        "sections": sections(found.rows, shown.group),
        "columns": [name for name in asked.view.columns if name != "promise" or shown.is_of_open],
        "rows_url": request.get_full_path(),
        "first_url": first if has_cursor else "",
        "next_url": f"{here}?{query.urlencode()}" if found.next else "",
        "stopped": found.stopped,
        "is_filtered": is_filtered(request.GET),
        "reset_url": here,
        "view_key": asked.stored.key,
    }


def _broken(request: PersonRequest, asked: Asked, now: datetime) -> HttpResponse:
    """A view that was deleted, or that cannot be shown: why, and what to do."""
    stored = asked.stored
    context = {
        "view_title": stored.name,
        "view": stored,
        "faults": [_("This view was deleted.")] if stored.is_ended else faults_of(stored),
        "may_edit": may_edit_view(request.user, stored),
    }
    return render(request, "desk/view_broken.html", context | frame(request.user, stored.key, now, asked.saved))
