"""Articles at the desk: the list, one that is written, its place, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import article_reviews
from answerable.casework.article_actions import write_article
from answerable.desk.article_forms import text_in, then_in
from answerable.desk.article_page import Written, article_of, clash_of, look, page, place_form, section_choices, text_of
from answerable.desk.article_words import audience_words, language_word, state_word, state_words
from answerable.desk.asked import words_in
from answerable.desk.frame import frame
from answerable.desk.views.ticket import find
from answerable.knowledge import actions
from answerable.knowledge.access import may_publish, may_write
from answerable.knowledge.actions import Origin, Place
from answerable.knowledge.desk_queries import Wanted, counts, listed, named, states_of, tree
from answerable.knowledge.file_actions import add_files
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.models import Article, Translation
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.paging import read_cursor
from answerable.lib.uploads import CAPS, read_all
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.people.queries import staff

FILTERS = ("state", "q", "section", "audience", "locale", "owner", "due")


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """The list, latest edited first."""
    now, asked = clock.now(), request.GET
    known = {name: words_in(asked, name, 100) for name in FILTERS}
    wanted = _wanted(known)
    after = read_cursor(asked.get("after", ""))
    found, counted = listed(wanted, after), counts()
    narrowed = {name: value for name, value in known.items() if value}
    without_state = {name: value for name, value in narrowed.items() if name != "state"}
    context = {
        "view_title": _("Articles"),
        "rows": [(row, [(name, state_word(name)) for name in states_of(row)]) for row in found.rows],
        "tabs": [
            (words, _url(without_state | ({"state": key} if key else {})), key == wanted.state, counted[key])
            for key, words in {"": _("All"), **state_words()}.items()
        ],
        "known": known,
        "narrowed": bool(narrowed),
        "today": timezone.localdate(now),
        "sections": section_choices(tree()),
        "audiences": list(audience_words().items()),
        "audience_words": audience_words(),
        "language_word": language_word,
        "languages": [(key, str(name)) for key, name in LANGUAGES.items()],
        "owners": [(one.pk, one.label) for one in staff() if may_write(one)],
        "may_write": may_write(request.user),
        "first_url": _url(narrowed) if after else "",
        "next_url": _url(narrowed | {"after": str(found.next)}) if found.next else "",
    }
    return render(request, "desk/articles.html", context | frame(request.user, "articles", now))


def _wanted(known: dict[str, str]) -> Wanted:
    return Wanted(
        state=known["state"] if known["state"] in state_words() else "",
        q=known["q"],
        section=_number(known["section"]),
        audience=known["audience"] if known["audience"] in audience_words() else "",
        locale=known["locale"] if known["locale"] in LANGUAGES else "",
        owner=_number(known["owner"]),
        due=timezone.localdate() if known["due"] else None,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _url(asked: dict[str, str]) -> str:
    return url("desk:articles") + (f"?{urlencode(asked)}" if asked else "")


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """An empty page; `title`: what it begins with."""
    return new_page(request, Written(title=words_in(request.GET, "title", 200)))


def new_page(
    request: PersonRequest, written: Written, *, status: int = 200, source: dict[str, int] | None = None
) -> HttpResponse:
    """A new article. `source`: what _article_source.html says of where its words come from."""
    now = clock.now()
    context = {
        "view_title": _("New article"),
        "written": written,
        "sections": section_choices(tree()),
        "chosen": request.POST.get("section", request.GET.get("section", "")),
        "languages": [(key, str(name)) for key, name in LANGUAGES.items()],
        "locale": request.POST.get("locale", "en"),
        "may_write": may_write(request.user),
        "may_arrange": may_publish(request.user),
        "html": look(None, written.text),
        "article_pk": None,
        "files": [],
        "caps": CAPS.words,
        "source": source,
    }
    return render(request, "desk/article_new.html", context | frame(request.user, "articles", now), status=status)


@require_POST
@staff_only
def make(request: PersonRequest) -> HttpResponse:
    """Begin it, as a draft for the team."""
    text, now = text_in(request.POST), clock.now()
    source = None
    try:
        place = Place(_number(request.POST.get("section", "")) or 0, owner=request.user.pk)
        locale, source = request.POST.get("locale", "en"), _number(request.POST.get("ticket", ""))
        if source is None:
            row = actions.begin(request.user, place, text, now, Origin(locale=locale))
        else:
            ticket, _standing = find(request.user, source, now)
            row = write_article(request.user, Origin(ticket=ticket.pk, locale=locale), place, text, now)
    except Refused as refused:
        if refused.code in {"not_allowed", "sensitive"}:
            raise
        told = {"number": source} if source is not None else None
        written = Written(text.title, text.body, refused=refused.message)
        return new_page(request, written, status=422, source=told)
    messages.success(request, _("The draft is kept. Only your team sees it."))
    return _to(row.article_id, row.locale)


@require_safe
@staff_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """One article in one language; `copy`: a new language begins with the words of the first one."""
    article = article_of(pk)
    locale = request.GET.get("locale", "")
    locale = locale if locale in LANGUAGES else article.locale
    written = None
    if "copy" in request.GET and text_of(article, locale) is None:
        first = text_of(article, article.locale)
        written = Written(first.title, first.body) if first else None
    return _page(request, article, locale, written)


def _page(
    request: PersonRequest, article: Article, locale: str, written: Written | None = None, status: int = 200
) -> HttpResponse:
    now = clock.now()
    context = page(request.user, article, locale, written)
    return render(request, "desk/article.html", context | frame(request.user, "articles", now), status=status)


@require_POST
@staff_only
def save(request: PersonRequest, pk: int) -> HttpResponse:
    """Keep the text, with its files where they come along, and then do what is wanted of it."""
    article, now = article_of(pk), clock.now()
    locale = request.POST.get("locale", article.locale)
    row, text, seen = text_of(article, locale), text_in(request.POST), _number(request.POST.get("seen", "")) or 0
    moment = request.POST.get("publish_at", "")[:40]
    try:
        if files := request.FILES.getlist("files"):
            add_files(request.user, pk, read_all(files), now)
        if row is None:
            row = actions.translate(request.user, article, locale, text, now)
            seen = row.revision
        row = article_reviews.save_and(request.user, row.pk, text, then_in(request.POST, seen), now)
    except Refused as refused:
        if refused.code == "not_allowed":
            raise
        clash, status = None, 422
        if refused.code == "changed" and row is not None:
            seen = int(str(refused.data["revision"]))
            clash, status = clash_of(row, text, seen), 409
        written = Written(text.title, text.body, text.note, seen, refused.message, moment, clash)
        return _page(request, article, locale, written, status)
    messages.success(request, _said(row, request.POST))
    return _to(pk, locale)


def _said(row: Translation, data: QueryDict) -> str:
    words = {
        "publish": _("Saved and published."),
        "schedule": _("Saved. It is published by itself at that time."),
        "review": _("Saved. It waits for a review."),
    }
    return words.get(data.get("then", ""), _("Saved as revision %(number)s.") % {"number": row.revision})


def _to(pk: int, locale: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{url('desk:article', pk=pk)}?locale={locale}")


Act = Callable[[Person, int, datetime], object]
# What is done to a text in one language, and what is said then.
_OF_A_TEXT: dict[str, tuple[Act, str]] = {
    "review": (article_reviews.ask_review, "review"),
    "publish": (actions.publish, "published"),
    "unschedule": (actions.unschedule, "unscheduled"),
    "unpublish": (actions.unpublish, "unpublished"),
}
_OF_AN_ARTICLE: dict[str, tuple[Act, str]] = {
    "archive": (actions.archive, "archived"),
    "bring-back": (actions.bring_back, "back"),
}


def _done(what: str) -> str:
    return {
        "review": _("It waits for a review."),
        "published": _("Readers get it from now on."),
        "unscheduled": _("It is not published by itself any more."),
        "unpublished": _("Readers don’t get it any more. The text stays."),
        "archived": _("It is archived: nobody finds it. It can be brought back from here."),
        "back": _("It is back as it was, published texts included."),
        "sent_back": _("It went back to its writer."),
        "restored": _("Restored as a new revision. Readers keep what is published."),
    }[what]


@require_POST
@staff_only
def act(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """One thing done to the article, or to its text in one language."""
    article, now = article_of(pk), clock.now()
    locale = request.POST.get("locale", article.locale)
    if what in _OF_AN_ARTICLE:
        verb, said = _OF_AN_ARTICLE[what]
        verb(request.user, pk, now)
        messages.success(request, _done(said))
        return _to(pk, locale)
    row = text_of(article, locale)
    if row is None:
        raise Refused("not_found", _("The article is not there in this language."))
    messages.success(request, _done(_act_on(request, row, what, now)))
    return _to(pk, locale)


def _act_on(request: PersonRequest, row: Translation, what: str, now: datetime) -> str:
    if what == "send-back":
        article_reviews.send_back(request.user, row.pk, request.POST.get("why", "").replace("\x00", ""), now)
        return "sent_back"
    if what == "restore":
        actions.restore(request.user, row.pk, _number(request.POST.get("number", "")) or 0, now)
        return "restored"
    if what not in _OF_A_TEXT:
        raise Refused("not_found", _("There is no such thing to do."))
    verb, said = _OF_A_TEXT[what]
    verb(request.user, row.pk, now)
    return said


@require_POST
@staff_only
def place(request: PersonRequest, pk: int) -> HttpResponse:
    """Where it stands, who reads it, who looks after it."""
    article, now = article_of(pk), clock.now()
    form = place_form(request.user, article, request.POST)
    members = frozenset(filter(None, map(_number, request.POST.getlist("organization"))))
    locale = request.POST.get("locale", article.locale)
    refused_with, status = "", 422
    if form.is_valid():
        try:
            seen = _number(request.POST.get("version", "")) or 0
            actions.arrange(request.user, pk, form.place(article, members), seen, now)
        except Refused as refused:
            if refused.code == "not_allowed":
                raise
            refused_with, status = refused.message, 409 if refused.code == "changed" else 422
        else:
            messages.success(request, _("The place of the article is saved."))
            return redirect(f"{url('desk:article', pk=pk)}?locale={locale}#place")
    context = page(request.user, article, locale, form=form)
    context |= {"place_refused": refused_with or _("Something below needs mending."), "organizations": named(members)}
    return render(request, "desk/article.html", context | frame(request.user, "articles", now), status=status)
