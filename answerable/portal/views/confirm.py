"""The link in an acknowledgement to an address that anybody may have typed: a page with one button that posts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from answerable.casework.actions import confirm, read_confirmation
from answerable.lib import clock
from answerable.people.access import anyone


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing: mail scanners follow links. What the request says is not shown here, to nobody."""
    done = request.method == "POST"
    ticket = confirm(token, clock.now()) if done else read_confirmation(token)
    counts = ticket.severity if done and ticket.stated_severity == ticket.severity else ""
    waits = "" if done or ticket.severity_determined_at else ticket.stated_severity
    context = {
        "number": ticket.number,
        "waits": waits if waits != ticket.severity else "",
        "counts": counts,
        "done": done or not ticket.unverified,
    }
    return render(request, "portal/confirm.html", context)
