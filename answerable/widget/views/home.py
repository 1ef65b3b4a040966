"""The first page, search, and suggestions for what somebody begins to ask."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.knowledge import queries as knowledge
from answerable.knowledge.access import Reader, reader_of
from answerable.knowledge.asking_actions import Search, searched
from answerable.knowledge.asking_actions import shown as were_shown
from answerable.knowledge.search import search as find
from answerable.knowledge.search import suggest
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed, network
from answerable.people.queries import vendor
from answerable.tickets.activity_queries import Wanted, requests_of
from answerable.widget.access import WidgetRequest, visitor
from answerable.widget.counting import counts, who_of
from answerable.widget.queries import unread

FEW = 5
# Letters, before anything is suggested.
FEWEST = 3
# Of one person, or of one network where nobody is known. Suggestions come while somebody types.
SEARCHES, SUGGESTIONS = 60, 240


def _reader(request: WidgetRequest) -> Reader:
    return reader_of(request.person)


def _locale() -> str:
    return str(vendor().settings.get("locale", "en"))


def _limit(request: WidgetRequest, what: str, most: int) -> None:
    who = f"person {request.person.pk}" if request.person else network(request.META["REMOTE_ADDR"])
    if not allowed(what, who, most, 60):
        raise Refused("too_many", _("You have searched very often within the minute. Please wait a little."))


@require_safe
@visitor
def home(request: WidgetRequest) -> HttpResponse:
    """Search, the latest of my requests, articles, and the way to ask."""
    now, person = clock.now(), request.person
    mine = requests_of(person, "requester", Wanted(), now).rows[:3] if person else []
    context = {
        "now": now,
        "name": person.name.split()[0] if person and person.name.split() else "",
        "is_known": person is not None,
        "may_sign_in": request.product.signs_in,
        "may_ask": person is not None or vendor().settings.get("channels", {}).get("form", True),
        "rows": mine,
        "unread": unread(person, now) if person else [],
        "articles": knowledge.latest(_reader(request), _locale(), FEW),
    }
    return render(request, "widget/_home.html", context)


@require_safe
@visitor
def search(request: WidgetRequest) -> HttpResponse:
    """Articles that this person may read."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    asked = request.GET.get("page", "")[:4]
    page = int(asked) if asked.isdecimal() else 1
    if words:
        _limit(request, "widget-search", SEARCHES)
    results, via = find(_reader(request), words, _locale(), min(page, 99)), ""
    if words and results.page == 1 and counts(request):
        via = searched(Search("widget", _locale(), words, results.total, who_of(request).visitor), clock.now())
    return render(request, "widget/_search.html", {"words": words, "results": results, "via": via})


# A post, so that what is typed is in no log of addresses.
@require_POST
@visitor
def suggestions(request: WidgetRequest) -> HttpResponse:
    """What may answer the subject that is being typed into the form."""
    words, via = " ".join(request.POST.get("subject", "").replace("\x00", "").split())[:200], ""
    _limit(request, "widget-suggest", SUGGESTIONS)
    found = suggest(_reader(request), words, _locale()) if len(words) >= FEWEST else ()
    if len(words) >= FEWEST and counts(request):
        token, who, now = request.POST.get("asking", "")[:300], who_of(request), clock.now()
        via = searched(Search("widget", _locale(), words, len(found), who.visitor), now, token)
        were_shown(token, [one.listed.article for one in found], who, now)
    return render(request, "widget/_suggestions.html", {"found": found, "via": via})
