"""The search: a page, its results alone while one types, and what the palette shows."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk import finding
from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """What was found; as a fragment, that alone."""
    now = clock.now()
    text = request.GET.get("q", "")[: finding.MOST_TYPED]
    sort = "recent" if request.GET.get("sort") == "recent" else ""
    context = {
        "now": now,
        "q": text.replace("\0", ""),
        "sort": sort,
        "page": finding.page(text, sort, request.GET.get("after", ""), request.user, now),
        "sorts": [
            (_("Relevance"), finding.search_url(text)),
            (_("Last change"), finding.search_url(text, sort="recent")),
        ],
    }
    if request.htmx:
        return render(request, "desk/_search_results.html", context)
    return render(
        request, "desk/search.html", context | {"view_title": _("Search")} | frame(request.user, "search", now)
    )


@require_safe
@staff_only
def palette(request: PersonRequest) -> HttpResponse:
    """What fits so far, as options for the palette."""
    text, recent = request.GET.get("q", "")[: finding.MOST_TYPED], request.GET.get("recent", "")[:200]
    found = finding.suggest(text, recent, request.user, clock.now())
    return render(request, "desk/_palette_found.html", {"found": found})
