"""What the page of one article shows: its text in one language, how it looks, its state, place and history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from answerable.audit.queries import trail
from answerable.desk.article_forms import PlaceForm, initial_of
from answerable.desk.article_words import done_words, language_word, state_word, who_reads
from answerable.knowledge.access import may_publish, may_write
from answerable.knowledge.actions import Text
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.asking_queries import Opinion, comments, opinions, views
from answerable.knowledge.body import render
from answerable.knowledge.desk_queries import (
    Shelved,
    find_article,
    organizations_of,
    revision,
    states_of,
    texts_of,
    tree,
)
from answerable.knowledge.file_queries import addresses, files_of, numbers
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.models import Article, Translation
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.html import safe, with_images
from answerable.lib.textdiff import Line, hunks
from answerable.lib.uploads import CAPS
from answerable.people.models import Person
from answerable.people.queries import staff
from answerable.tickets.queries import numbers_of

HISTORY, COMMENTS, DAYS = 20, 5, 90


@dataclass(frozen=True)
class Clash:
    """Somebody saved another text meanwhile: who and when, and how that differs from the writer's own."""

    who: str
    number: int
    at: datetime
    hunks: list[list[Line]]


@dataclass(frozen=True)
class Written:
    """What stands in the editor. `seen`: the revision that it began from; `refused`: what was wrong with it."""

    title: str = ""
    text: str = ""
    note: str = ""
    seen: int = 0
    refused: str = ""
    publish_at: str = ""
    clash: Clash | None = None


def article_of(pk: int) -> Article:
    """Raises Refused."""
    article = find_article(pk)
    if article is None:
        raise Refused("not_found", _("There is no such article."))
    return article


def text_of(article: Article, locale: str) -> Translation | None:
    """The article in this language, if it is there in it."""
    return next((row for row in texts_of(article) if row.locale == locale), None)


def clash_of(row: Translation, text: Text, number: int) -> Clash | None:
    """What somebody else saved as this revision, beside what was written here."""
    theirs = revision(row, number)
    if theirs is None:
        return None
    other = f"{theirs.title}\n\n{theirs.body}"
    return Clash(theirs.by_label, number, theirs.at, hunks(other, f"{text.title}\n\n{text.body}"))


def look(article: int | None, text: str) -> str:
    """How a text will look, its own pictures included."""
    if article is None:
        return safe(render(text).html)
    return safe(with_images(render(text, numbers(article)).html, addresses(article)))


def section_choices(shelved: Sequence[Shelved]) -> list[tuple[int, str]]:
    """The sections for a menu, deeper ones further in."""
    return [(one.section.pk, "\u2003" * one.depth + one.section.title) for one in shelved]


def place_form(person: Person, article: Article, data: QueryDict | None = None) -> PlaceForm:
    """Where it stands, with what this person may choose."""
    sections, owners = section_choices(tree()), [(one.pk, one.label) for one in staff() if may_write(one)]
    if article.section_id not in dict(sections):
        sections.insert(0, (article.section_id, article.section.title))
    if article.owner is not None and article.owner_id not in dict(owners):
        owners.append((article.owner.pk, article.owner.label))
    return PlaceForm(
        data, initial=initial_of(article), sections=sections, owners=owners, may_publish=may_publish(person)
    )


def page(
    person: Person, article: Article, locale: str, written: Written | None = None, form: PlaceForm | None = None
) -> dict[str, object]:
    """Everything but the frame."""
    texts = texts_of(article)
    row = next((one for one in texts if one.locale == locale), None)
    first = texts[0] if texts else None
    if written is None:
        written = Written(row.title, row.body, seen=row.revision) if row else Written()
    organizations = organizations_of(article)
    writes = may_write(person) and article.archived_at is None
    return {
        "view_title": row.title if row else first.title if first else str(article),
        "article": article,
        "row": row,
        "original": first if row is None else None,
        "locale": locale,
        "language_name": language_word(locale),
        "tabs": [
            (one.locale, language_word(one.locale), [state_word(name) for name in states_of(one)]) for one in texts
        ],
        "others": [(key, str(name)) for key, name in LANGUAGES.items() if key not in {one.locale for one in texts}],
        "states": [(name, state_word(name)) for name in states_of(row)] if row else [],
        "written": written,
        "html": look(article.pk, written.text),
        "may_write": writes,
        "may_publish": writes and may_publish(person),
        "may_bring_back": may_publish(person) and article.archived_at is not None,
        "form": form or place_form(person, article),
        "who_reads": who_reads(article.audience, organizations),
        "organizations": organizations,
        "history": [(one, done_words(one)) for one in trail("article", article.pk, None, HISTORY)[:HISTORY]],
        "public_url": _public(article, row),
        **_read(article.pk),
        "source_number": numbers_of([article.ticket_id]).get(article.ticket_id) if article.ticket_id else None,
        **attached(article.pk),
    }


def _read(article: int) -> Mapping[str, object]:
    """What readers did with it, in all its languages: `days` says in how many days it was opened so often."""
    since = clock.now().date() - timedelta(days=DAYS)
    return {
        "days": DAYS,
        "views": views([article], since).get(article, 0),
        "opinion": opinions([article]).get(article, Opinion()),
        "comments": comments(article, COMMENTS),
    }


def attached(article: int) -> Mapping[str, object]:
    """What _article_files.html needs."""
    found = addresses(article)
    return {
        "article_pk": article,
        "files": [(one, call_of(one), found[one.pk]) for one in files_of(article)],
        "caps": CAPS.words,
    }


def call_of(file: ArticleFile) -> str:
    """How a text calls the file: a picture is shown, another file linked."""
    words = file.name.rpartition(".")[0] or file.name
    mark = "!" if file.content_type.startswith("image/") and not file.content_type.endswith("svg+xml") else ""
    return f"{mark}[{words if mark else file.name}](file:{file.name})"


def _public(article: Article, row: Translation | None) -> str:
    """Where readers find it, once it is published."""
    if row is None or row.published is None or article.archived_at:
        return ""
    return f"{url('portal:help_article', pk=article.pk, slug=row.slug)}?lang={row.locale}"
