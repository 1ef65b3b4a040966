"""How the help was: the page that the links of the mail open. GET changes nothing, as mail scanners follow links."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from answerable.casework.csat_actions import find_rating, may_change, rate
from answerable.lib import clock
from answerable.people.access import anyone
from answerable.tickets.rating import SCORES


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The choice as the link has it, room for a word, and one button; then what was said."""
    now = clock.now()
    if request.method == "POST":
        row = rate(token, request.POST.get("score", ""), request.POST.get("comment", "").replace("\x00", ""), now)
    else:
        row = find_rating(token, now)
    given = request.GET.get("as", "")
    changing = given in SCORES and given != row.score
    context = {
        "now": now,
        "number": row.ticket.number,
        "said": row.score,
        "comment": row.comment,
        "chosen": given if given in SCORES else row.score,
        "done": request.method == "POST" or (bool(row.score) and not changing),
        "may_change": may_change(row, now),
        "other": next(one for one in SCORES if one != row.score),
    }
    response = render(request, "portal/rate.html", context)
    # The address is the key: it goes to no other site, into no cache and no search engine. With no referrer at all a
    # browser would say that the post comes from nowhere, and that is refused.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
