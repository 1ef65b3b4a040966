"""Was this helpful? A page of its own for whoever has no script, and a part of the article's page for others."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from answerable.knowledge import queries
from answerable.knowledge.asking_actions import Who
from answerable.knowledge.queries import Shown
from answerable.knowledge.reading_actions import Answer, answer_of, say_helpful
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed, network
from answerable.people.access import anyone
from answerable.portal.help_pages import Visit, person_of, visit_of

# A cookie only for who has answered: so that they may change it.
COOKIE, YEAR = "reader", 365 * 86_400
_OURS = re.compile(r"[A-Za-z0-9]{22}")
AN_HOUR = 40


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """What this reader said, or the question; posted, their answer, which they may change."""
    visit = visit_of(request)
    shown = queries.article(visit.reader, pk, visit.locale)
    if shown is None:
        raise Refused("not_found", _("There is no such article."))
    cookie = request.COOKIES.get(COOKIE, "")
    who = Who(person_of(request), cookie if _OURS.fullmatch(cookie) else "")
    if request.method != "POST":
        return _page(request, visit, shown, who)
    return _take(request, visit, shown, who)


def _take(request: HttpRequest, visit: Visit, shown: Shown, who: Who) -> HttpResponse:
    if not allowed("help-feedback", network(request.META["REMOTE_ADDR"]), AN_HOUR):
        raise Refused("too_many", _("Many answers came from here within the hour. Please wait a little."))
    said = request.POST.get("helpful", "")
    if said not in {"yes", "no"}:
        raise Refused("invalid", _("Say yes or no."))
    if who.person is None and not who.visitor:
        who = Who(None, get_random_string(22))
    answer = Answer(said == "yes", request.POST.get("comment", ""))
    say_helpful(visit.reader, shown.translation, who, answer, clock.now())
    response = _page(request, visit, shown, who)
    if who.person is None:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(COOKIE, who.visitor, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def _page(request: HttpRequest, visit: Visit, shown: Shown, who: Who) -> HttpResponse:
    template = "portal/_help_feedback.html" if "HX-Request" in request.headers else "portal/help_feedback.html"
    context = {"visit": visit, "shown": shown, "answer": answer_of(shown.translation, who)}
    return render(request, template, context)
