"""Addresses of a help center that was here before: `/hc/<locale>/articles/<id>…` leads to the article, for its readers.

Whoever may not read it gets what they get for one that never was.
"""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge.bring.zendesk_names import ARTICLE, CATEGORY, SECTION
from answerable.knowledge.languages import known
from answerable.knowledge.old_names import article_by_name, section_by_name
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.portal.help_pages import Visit, visit_of


@require_safe
@anyone
def article(request: HttpRequest, locale: str, pk: str, rest: str = "") -> HttpResponseBase:
    """The article, in the language of the old address where it is there."""
    visit = _visit(request, locale)
    found = article_by_name(visit.reader, ARTICLE.format(pk), visit.locale)
    if found is None:
        raise Refused("not_found", _("There is no such article. If you have an account, sign in: it may be for you."))
    return redirect(visit.article(*found), permanent=True)


@require_safe
@anyone
def section(request: HttpRequest, locale: str, pk: str, rest: str = "") -> HttpResponseBase:
    """The section that it became."""
    return _section(request, locale, SECTION.format(pk))


@require_safe
@anyone
def category(request: HttpRequest, locale: str, pk: str, rest: str = "") -> HttpResponseBase:
    """The section that the category became."""
    return _section(request, locale, CATEGORY.format(pk))


def _section(request: HttpRequest, locale: str, name: str) -> HttpResponseBase:
    visit = _visit(request, locale)
    found = section_by_name(visit.reader, name, visit.locale)
    if found is None:
        raise Refused("not_found", _("There is no such section."))
    return redirect(visit.section(*found), permanent=True)


def _visit(request: HttpRequest, locale: str) -> Visit:
    """As of any page, in the language that the old address names."""
    return Visit(visit_of(request).reader, known(locale) or visit_of(request).locale)
