"""The help center's pages: for whom one is made, in which language, where its links lead, and who may keep a copy."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf.locale import LANG_INFO
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from answerable.knowledge.access import Reader, reader_of
from answerable.knowledge.asking_actions import Who
from answerable.knowledge.body import slug_of
from answerable.knowledge.languages import LANGUAGES, known
from answerable.lib.addresses import url
from answerable.lib.visitors import looks, visitor
from answerable.people.models import Person
from answerable.portal.public import form_is_open

FALLBACK = "en"
# What a page may depend on that everybody gets alike: `Vary` tells caches.
_HARMLESS = {"theme"}


@dataclass(frozen=True)
class Visit:
    """For whom a page is, and in which language; `asked`: the address asks for it, so that links go on asking."""

    reader: Reader
    locale: str
    asked: bool = False

    def home(self, lang: str = "") -> str:
        """The help center."""
        return self._with(url("portal:help"), lang)

    def article(self, pk: int, slug: str, lang: str = "", via: str = "") -> str:
        """An article. `via`: what notes that it was opened from a suggestion or search."""
        return self._with(url("portal:help_article", pk=pk, slug=slug), lang, via=via)

    def section(self, pk: int, title: str, lang: str = "") -> str:
        """All articles of a section."""
        return self._with(url("portal:help_section", pk=pk, slug=slug_of(title)), lang)

    def search(self, words: str, page: int = 1, lang: str = "") -> str:
        """What was found for words."""
        return self._with(url("portal:help_search"), lang, q=words, page=str(page) if page > 1 else "")

    def feed(self) -> str:
        """What was published last."""
        return self._with(url("portal:help_latest"))

    def _with(self, path: str, lang: str = "", **more: str) -> str:
        given = {"lang": lang or (self.locale if self.asked else ""), **more}
        query = urlencode([(name, value) for name, value in given.items() if value])
        return f"{path}?{query}" if query else path


def visit_of(request: HttpRequest) -> Visit:
    """Whose page this is. The language: as the address asks, else the person's, else the browser's."""
    person = person_of(request)
    asked = known(request.GET.get("lang", ""))
    own = known(person.locale) if person else ""
    found = asked or own or accepted(request.headers.get("Accept-Language", "")) or FALLBACK
    return Visit(reader_of(person), found, bool(asked))


def person_of(request: HttpRequest) -> Person | None:
    """Who is signed in."""
    return request.user if isinstance(request.user, Person) else None


def who_of(request: HttpRequest) -> Who:
    """The person, or the visitor, for figures alone."""
    agent = request.headers.get("User-Agent", "")
    return Who(person_of(request), visitor(request.META["REMOTE_ADDR"], agent))


def counts(request: HttpRequest, visit: Visit) -> bool:
    """Whether what happens here is noted: of people who are not of the team, and only what they look at."""
    return request.method in {"GET", "POST"} and not visit.reader.staff and looks(request.headers)


def accepted(header: str) -> str:
    """The first language of an Accept-Language header that we have; "" for none."""
    wanted = []
    for place, part in enumerate(header[:500].split(",")):
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    found = (known(tag) for weight, _place, tag in sorted(wanted) if weight < 0)
    return next((one for one in found if one), "")


def language_name(locale: str) -> str:
    """A language as its speakers call it."""
    name = LANG_INFO.get(locale, {}).get("name_local") or str(LANGUAGES.get(locale, locale))
    return name[:1].upper() + name[1:]


def edit_url(reader: Reader, article: int) -> str:
    """Where staff edit it; "" for others, and while the desk has no such page."""
    if not reader.staff:
        return ""
    try:
        return url("desk:article", pk=article)
    except NoReverseMatch:
        return ""


def page(request: HttpRequest, visit: Visit, template: str, context: Mapping[str, object]) -> HttpResponseBase:
    """The page. What everybody gets alike may be kept by who passes it on, if they ask each time whether it holds."""
    given = {"visit": visit, "language_name": language_name, "may_ask": form_is_open(person_of(request)), **context}
    response = render(request, template, given)
    return kept(request, response) if is_everybodys(request, visit) else response


def is_everybodys(request: HttpRequest, visit: Visit) -> bool:
    """No person, no session, no message for one browser: nothing in it that another visitor should not see."""
    return not visit.reader.signed_in and not request.COOKIES.keys() - _HARMLESS


def kept(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Public, and asked for again each time: what is withdrawn is gone at once. 304 where nothing changed."""
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    response["Cache-Control"] = "public, no-cache"
    response["ETag"] = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response
