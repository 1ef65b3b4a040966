"""Calendar feeds of who is on call: for calendar programs, at addresses of their own; and renewing these."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.views.on_call import find_schedule
from answerable.escalation.feeds import feed, renew_mine, renew_schedules, tag_of
from answerable.lib import clock
from answerable.people.access import PersonRequest, anyone, staff_only


@require_safe
@anyone
def show(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever has the address: names and times. Nothing is sent again that has not changed."""
    content = feed(token, clock.now())
    tag = tag_of(content)
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    answer = (
        HttpResponseNotModified()
        if tag in known
        else HttpResponse(content, content_type="text/calendar; charset=utf-8")
    )
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@require_POST
@staff_only
def renew(request: PersonRequest) -> HttpResponse:
    """A new address for oneself."""
    renew_mine(request.user, clock.now())
    messages.success(request, _("Your calendar has a new address; the old one shows nothing any more."))
    return redirect("desk:on_call")


@require_POST
@staff_only
def renew_one(request: PersonRequest, key: str) -> HttpResponse:
    """A new address for a schedule."""
    schedule = find_schedule(key)
    renew_schedules(request.user, schedule, clock.now())
    messages.success(request, _("This calendar has a new address; the old one shows nothing any more."))
    return redirect("desk:on_call_one", key=key)
