"""Finding an answer: the page of what was found, and suggestions while somebody types what they are about to ask."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.knowledge.asking_actions import Search, searched, shown
from answerable.knowledge.help_queries import locales
from answerable.knowledge.search import MOST_WORDS, search, suggest
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.folding import words_of
from answerable.lib.limits import allowed, network
from answerable.people.access import anyone
from answerable.portal import help_pages
from answerable.portal.help_pages import Visit, counts, visit_of, who_of

MOST_TYPED = 300
FEWEST = 3
A_MINUTE = 60
# Of one network: an office may have a hundred people behind one address.
SEARCHES, SUGGESTIONS = 120, 600
# So much of it is kept within the hour: whoever sends more gets answers, and fills no table.
NOTED = 1_200


@require_safe
@anyone
def find(request: HttpRequest) -> HttpResponseBase:
    """What was found, ten a page; nothing found says what to loosen."""
    visit = visit_of(request)
    words = _typed(request.GET.get("q", ""))
    if words and not allowed("help-search", network(request.META["REMOTE_ADDR"]), SEARCHES, A_MINUTE):
        raise Refused("too_many", _("Many searches came from here within the minute. Please wait a little."))
    results = search(visit.reader, words, visit.locale, _page(request.GET.get("page", "")))
    via = ""
    if words and results.page == 1 and _is_noted(request, visit):
        kept = Search("help", visit.locale, words, results.total, who_of(request).visitor)
        via = searched(kept, clock.now())
    context = {
        "q": words,
        "results": results,
        "via": via,
        "words": words_of(words)[:MOST_WORDS],
        "languages": [(one, visit.search(words, lang=one)) for one in locales(visit.reader)],
    }
    response = help_pages.page(request, visit, "portal/help_search.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_POST
@anyone
def suggestions(request: HttpRequest) -> HttpResponse:
    """Articles that may answer the subject as it stands. A post, so that what is typed is in no log of addresses."""
    visit, words = visit_of(request), _typed(request.POST.get("subject", ""))
    place = network(request.META["REMOTE_ADDR"])
    if len(words) < FEWEST or not allowed("help-suggest", place, SUGGESTIONS, A_MINUTE):
        return render(request, "portal/_help_suggestions.html", {"visit": visit, "found": (), "via": "", "typed": ""})
    found = suggest(visit.reader, words, visit.locale)
    token = request.POST.get("asking", "")
    via, now = token, clock.now()
    if _is_noted(request, visit):
        who = who_of(request)
        source = "portal" if who.person else "form"
        via = searched(Search(source, visit.locale, words, len(found), who.visitor), now, token)
        shown(token, [one.listed.article for one in found], who, now)
    told = {"visit": visit, "found": found, "via": via, "typed": words}
    return render(request, "portal/_help_suggestions.html", told)


def _is_noted(request: HttpRequest, visit: Visit) -> bool:
    return counts(request, visit) and allowed("help-noted", network(request.META["REMOTE_ADDR"]), NOTED)


def _typed(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:MOST_TYPED]


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1
