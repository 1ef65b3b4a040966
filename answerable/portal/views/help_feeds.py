"""For programs: what was published last, and the map of what there is. Public articles alone, whoever asks."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.help_queries import public_map, public_parts, public_sections, with_summaries
from answerable.knowledge.languages import known
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.queries import vendor
from answerable.portal.help_pages import FALLBACK, Visit, kept
from answerable.portal.public import known as page_known

ENTRIES = 30


@require_safe
@anyone
def latest(request: HttpRequest) -> HttpResponseBase:
    """The feed. Its language is the one that its address asks for."""
    asked = known(request.GET.get("lang", ""))
    visit = Visit(ANYBODY, asked or FALLBACK, bool(asked))
    entries = with_summaries(ANYBODY, visit.locale, ENTRIES)
    context = {
        "visit": visit,
        "home": vendor().portal_address,
        "entries": entries,
        "updated_at": entries[0][0].published_at if entries else None,
    }
    return kept(request, render(request, "portal/help_latest.xml", context, "application/atom+xml; charset=utf-8"))


@require_safe
@anyone
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The map; of very many articles a list of its parts, each by the article that it begins after."""
    parts = public_parts()
    text = request.GET.get("after", "")
    after = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
    if after is not None and after not in parts:
        raise Refused("not_found", _("There is no such part."))
    visit = Visit(ANYBODY, FALLBACK)
    context: dict[str, object] = {"visit": visit, "home": vendor().portal_address}
    if after is None and len(parts) > 1:
        context |= {"parts": parts, "pages": (), "articles": ()}
    else:
        pages = [visit.home(), *(visit.section(one.pk, one.title) for one in public_sections())] if not after else []
        pages += [page_known("portal:support")] if not after and page_known("portal:support") else []
        context |= {"parts": (), "pages": pages, "articles": public_map(after or 0)}
    return kept(request, render(request, "portal/sitemap.xml", context, "application/xml; charset=utf-8"))
