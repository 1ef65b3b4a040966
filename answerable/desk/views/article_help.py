"""Articles beside a request: suggestions for its words, and an article that is written from it."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.casework.article_actions import words_for_article
from answerable.desk.article_page import Written
from answerable.desk.article_words import audience_words
from answerable.desk.asked import words_in
from answerable.desk.suggested import suggested
from answerable.desk.views.articles import new_page
from answerable.desk.views.ticket import find
from answerable.knowledge.beside_queries import words_to_put
from answerable.knowledge.languages import known
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import access


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """What may answer the request: for its subject, or for other words."""
    ticket, standing = find(request.user, number, clock.now())
    q = words_in(request.GET, "q", 200)
    locale = known(request.GET.get("lang", "") or get_language() or "") or "en"
    context = {
        "rows": suggested(request.user, ticket, q or ticket.subject, locale),
        "q": q,
        "number": number,
        "audience_words": audience_words(),
        "may_reply": access.may_reply(standing),
    }
    return render(request, "desk/_suggested.html", context)


@require_safe
@staff_only
def words(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """The text of an article for the reply: JSON."""
    find(request.user, number, clock.now())
    text = words_to_put(pk, request.GET.get("locale", ""))
    if text is None:
        raise Refused("not_found", _("The article is not published any more."))
    return JsonResponse({"text": text})


@require_safe
@staff_only
def from_ticket(request: PersonRequest, number: int) -> HttpResponse:
    """A new article that begins with the public words of the request, without its customer."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    found = words_for_article(request.user, ticket, now)
    return new_page(request, Written(found.title, found.text), source={"number": number})
