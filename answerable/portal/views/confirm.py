"""The link in an acknowledgement that confirms a P0 stated on the public form: a page with one button that posts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from answerable.casework.actions import confirm_statement, read_confirmation
from answerable.lib import clock
from answerable.people.access import anyone


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET changes nothing: mail scanners follow links."""
    ticket = read_confirmation(token)
    done = False
    if request.method == "POST":
        confirm_statement(token, clock.now())
        done = True
    context = {
        "number": ticket.number,
        "severity": ticket.stated_severity,
        "done": done,
        "title": _("Confirm severity"),
    }
    return render(request, "portal/confirm.html", context)
