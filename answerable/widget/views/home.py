"""The first page, search, articles, and suggestions for what somebody begins to ask."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge import queries as knowledge
from answerable.knowledge.access import Reader, reader_of
from answerable.knowledge.file_queries import addresses
from answerable.knowledge.models import Audience
from answerable.knowledge.search import search as find
from answerable.knowledge.search import suggest
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.html import safe, with_images
from answerable.lib.limits import allowed, network
from answerable.people.queries import vendor
from answerable.tickets.activity_queries import Wanted, requests_of
from answerable.widget.access import WidgetRequest, visitor
from answerable.widget.queries import unread

FEW = 5
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
    words = request.GET.get("q", "")[:200].strip()
    asked = request.GET.get("page", "")[:4]
    page = int(asked) if asked.isdecimal() else 1
    if words:
        _limit(request, "widget-search", SEARCHES)
    context = {"words": words, "results": find(_reader(request), words, _locale(), min(page, 99))}
    return render(request, "widget/_search.html", context)


@require_safe
@visitor
def suggestions(request: WidgetRequest) -> HttpResponse:
    """What may answer the subject that is being typed into the form."""
    words = request.GET.get("q", "")[:200]
    _limit(request, "widget-suggest", SUGGESTIONS)
    return render(request, "widget/_suggestions.html", {"found": suggest(_reader(request), words, _locale())})


@require_safe
@visitor
def article(request: WidgetRequest, pk: int) -> HttpResponse:
    """One article; for who may not read it there is none."""
    shown = knowledge.article(_reader(request), pk, _locale())
    if shown is None:
        raise Refused("not_found", _("There is no such article, or it is not for you."))
    # Files are fetched without a token: those that everybody may have are shown.
    files = addresses(shown.article) if shown.audience == Audience.PUBLIC else {}
    context = {"now": clock.now(), "article": shown, "html": safe(with_images(shown.html, files))}
    return render(request, "widget/_article.html", context)
