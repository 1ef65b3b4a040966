"""The help center: its front, a section, an article. Whoever may not read an article learns nothing of it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge import queries
from answerable.knowledge.asking_actions import opened
from answerable.knowledge.body import slug_of
from answerable.knowledge.file_queries import addresses
from answerable.knowledge.help_queries import locales, related, slugs, summary
from answerable.knowledge.models import Audience
from answerable.knowledge.queries import Shown
from answerable.knowledge.reading_actions import viewed
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.queries import vendor
from answerable.portal import help_pages
from answerable.portal.help_body import body
from answerable.portal.help_pages import Visit, counts, edit_url, visit_of, who_of
from answerable.portal.help_schema import article_schema
from answerable.portal.public import head

ON_A_SHELF = 5
LATEST = 6


@require_safe
@anyone
def home(request: HttpRequest) -> HttpResponseBase:
    """The sections, what was published last, and a field for the question."""
    visit = visit_of(request)
    shelves = queries.shelves(visit.reader, visit.locale, ON_A_SHELF)
    titles = {shelf.pk: shelf.title for shelf in shelves}
    title = _("Help center")
    about = _("Answers to questions about %(product)s.") % {"product": vendor().product}
    context = {
        "shelves": [(shelf, titles.get(shelf.parent or 0, "")) for shelf in shelves],
        "latest": queries.latest(visit.reader, visit.locale, LATEST),
        "languages": [(one, visit.home(one)) for one in locales(visit.reader)],
        "product": vendor().product,
        **head(title, about, _absolute(visit.home())),
    }
    return help_pages.page(request, visit, "portal/help.html", context)


@require_safe
@anyone
def section(request: HttpRequest, pk: int, slug: str) -> HttpResponseBase:
    """All articles of a section."""
    visit = visit_of(request)
    shelf = queries.shelf(visit.reader, pk, visit.locale)
    if shelf is None:
        raise Refused("not_found", _("There is no such section."))
    if slug != slug_of(shelf.title):
        return redirect(visit.section(pk, shelf.title), permanent=True)
    about = shelf.description or shelf.title
    context = {
        "shelf": shelf,
        "languages": [],
        **head(shelf.title, about, _absolute(visit.section(pk, shelf.title))),
    }
    return help_pages.page(request, visit, "portal/help_section.html", context)


@require_safe
@anyone
def article(request: HttpRequest, pk: int, slug: str) -> HttpResponseBase:
    """An article. Opening it is noted by day, and for the suggestion or search that led here; nothing else changes."""
    visit = visit_of(request)
    places = slugs(visit.reader, pk)
    shown = queries.article(visit.reader, pk, _locale(visit, places, slug))
    if shown is None:
        raise Refused("not_found", _("There is no such article. If you have an account, sign in: it may be for you."))
    if "via" in request.GET:
        return _came_by(request, visit, shown)
    if slug != shown.slug:
        return redirect(visit.article(pk, shown.slug), permanent=True)
    if request.method == "GET" and counts(request, visit):
        viewed(shown.translation, clock.now())
    response = help_pages.page(request, visit, "portal/help_article.html", _told(visit, shown, places))
    if shown.audience != Audience.PUBLIC:
        response["X-Robots-Tag"] = "noindex"
    return response


def _locale(visit: Visit, places: dict[str, str], slug: str) -> str:
    """An address in a language shows it in that one, whatever the browser prefers."""
    named = [locale for locale, place in places.items() if place == slug]
    if visit.asked or not named or visit.locale in named:
        return visit.locale
    return named[0]


def _came_by(request: HttpRequest, visit: Visit, shown: Shown) -> HttpResponse:
    """Note it, and lead on to the address that may be kept and passed on."""
    if request.method == "GET" and counts(request, visit):
        opened(request.GET["via"], shown.article, who_of(request), clock.now())
    return redirect(visit.article(shown.article, shown.slug))


def _told(visit: Visit, shown: Shown, places: dict[str, str]) -> dict[str, object]:
    several = len(places) > 1
    canonical = _absolute(visit.article(shown.article, shown.slug, shown.locale if several else ""), asked=several)
    files = addresses(shown.article) if "data-attachment" in shown.html else {}
    alternates = [(locale, visit.article(shown.article, slug, locale)) for locale, slug in places.items() if several]
    described = head(shown.title, summary(shown.text), canonical, "article")
    return {
        "shown": shown,
        "body": body(shown, files),
        "languages": alternates,
        "alternates": [(locale, _absolute(path, asked=True)) for locale, path in alternates],
        "related": related(visit.reader, shown),
        "edit_url": edit_url(visit.reader, shown.article),
        "schema": article_schema(shown, canonical, vendor().name) if shown.audience == Audience.PUBLIC else None,
        **described,
    }


def _absolute(path: str, *, asked: bool = False) -> str:
    """At the vendor's domain; without the language, unless the page is another one in each."""
    return f"{vendor().portal_address}{path if asked else path.partition('?')[0]}"
