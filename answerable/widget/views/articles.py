"""An article with its pictures and files, and whether it helped. Whoever may not read it learns nothing of it."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.knowledge import queries as knowledge
from answerable.knowledge.access import reader_of
from answerable.knowledge.asking_actions import opened
from answerable.knowledge.file_queries import addresses, file_for, path_of
from answerable.knowledge.models import Audience
from answerable.knowledge.queries import Shown
from answerable.knowledge.reading_actions import Answer, answer_of, say_helpful, viewed
from answerable.lib import clock
from answerable.lib.downloads import may_run
from answerable.lib.errors import Refused
from answerable.lib.html import safe, with_images
from answerable.lib.limits import allowed, network
from answerable.people.access import anyone
from answerable.people.queries import vendor
from answerable.ui.files import hand_out
from answerable.widget.access import KnownRequest, WidgetRequest, known, product_here, session_with, visitor
from answerable.widget.addresses import ARTICLE_FILE, address, session_id
from answerable.widget.counting import counts, who_of

# Of one network, as in the help center.
ANSWERS_AN_HOUR = 40


@require_safe
@visitor
def article(request: WidgetRequest, pk: int) -> HttpResponse:
    """One article. `via`: the form's or search's token, which notes that it led here."""
    shown, now = _shown(request, pk), clock.now()
    if request.method == "GET" and counts(request):
        viewed(shown.translation, now)
        if via := request.GET.get("via", "")[:300]:
            opened(via, pk, who_of(request), now)
    html = safe(with_images(shown.html, _files(request, shown)))
    context = {"now": now, "article": shown, "html": html, "answer": answer_of(shown.translation, who_of(request))}
    return render(request, "widget/_article.html", context)


def _shown(request: WidgetRequest, pk: int) -> Shown:
    shown = knowledge.article(reader_of(request.person), pk, str(vendor().settings.get("locale", "en")))
    if shown is None:
        raise Refused("not_found", _("There is no such article, or it is not for you."))
    return shown


def _files(request: WidgetRequest, shown: Shown) -> Mapping[int, str]:
    """What everybody may fetch has the address that it has everywhere; else one for this session, for a minute."""
    if "data-attachment" not in shown.html:
        return {}
    everywhere = addresses(shown.article)
    row = request.session_of
    if row is None or shown.audience == Audience.PUBLIC:
        return everywhere
    return {pk: address(row, ARTICLE_FILE, shown.article, pk) for pk in everywhere}


@require_POST
@visitor
def helpful(request: WidgetRequest, pk: int) -> HttpResponse:
    """Whether it helped: their one answer, which they may change, and what was missing."""
    shown, said, who = _shown(request, pk), request.POST.get("helpful", ""), who_of(request)
    if said not in {"yes", "no"}:
        raise Refused("invalid", _("Say yes or no."))
    if not allowed("help-feedback", network(request.META["REMOTE_ADDR"]), ANSWERS_AN_HOUR):
        raise Refused("too_many", _("Many answers came from here within the hour. Please wait a little."))
    answer = Answer(said == "yes", request.POST.get("comment", ""))
    found = say_helpful(reader_of(request.person), shown.translation, who, answer, clock.now())
    return render(request, "widget/_helpful.html", {"article": shown, "answer": found})


@require_safe
@known
def ask(request: KnownRequest, number: int, pk: int) -> HttpResponse:
    """An address of a file that is good for a minute, for who may read its article; `asks`: a page comes first."""
    row = file_for(reader_of(request.person), number, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    told = {"address": address(request.session_of, ARTICLE_FILE, number, pk), "asks": may_run(row.name)}
    return JsonResponse(told)


@require_safe
@anyone
def file(request: HttpRequest, key: str, number: int, pk: int, token: str) -> HttpResponseBase:
    """A picture or file of an article. The address is the key; whether its person may read the article is asked now."""
    row = session_with(product_here(key), session_id(token, ARTICLE_FILE, number, pk), clock.now())
    found = file_for(reader_of(row.person), number, pk) if row is not None else None
    if found is None:
        raise Refused("not_found", _("There is no such file."))
    answer = hand_out(request, path_of(found.sha256), found.name, "")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
