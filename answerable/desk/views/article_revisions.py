"""All that a text ever was: who wrote it and when, how any two differ, and the way back."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.article_page import article_of, text_of
from answerable.desk.article_words import language_word
from answerable.desk.frame import frame
from answerable.desk.views.article_parts import number
from answerable.knowledge.access import may_write
from answerable.knowledge.desk_queries import revision, revisions
from answerable.knowledge.models import Revision, Translation
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.textdiff import hunks
from answerable.people.access import PersonRequest, staff_only


@require_safe
@staff_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """The list, and the difference of the two that are chosen: by default the latest and the one that readers get."""
    article = article_of(pk)
    locale = request.GET.get("locale", article.locale)
    row = text_of(article, locale)
    if row is None:
        raise Refused("not_found", _("The article is not there in this language."))
    before = number(request.GET.get("before", ""))
    found = revisions(row, before)
    old, new = _two(request, row)
    path = f"{url('desk:article_revisions', pk=pk)}?locale={locale}"
    context = {
        "view_title": _("Revisions of “%(title)s”") % {"title": row.title},
        "article": article,
        "row": row,
        "language_name": language_word(locale),
        "rows": found.rows,
        "old": old,
        "new": new,
        "hunks": hunks(_whole(old), _whole(new)),
        "may_write": may_write(request.user) and article.archived_at is None,
        "first_url": path if before else "",
        "next_url": f"{path}&before={found.next.id}" if found.next else "",
    }
    return render(request, "desk/article_revisions.html", context | frame(request.user, "articles", clock.now()))


def _two(request: PersonRequest, row: Translation) -> tuple[Revision | None, Revision]:
    new = number(request.GET.get("new", "")) or row.revision
    old = number(request.GET.get("old", ""))
    if old is None:
        old = row.published if row.published not in (None, new) else new - 1
    return revision(row, old or 0), _known(row, new)


def _known(row: Translation, number: int) -> Revision:
    found = revision(row, number)
    if found is None:
        raise Refused("not_found", _("There is no such revision."))
    return found


def _whole(row: Revision | None) -> str:
    return f"{row.title}\n\n{row.body}" if row else ""
