"""What readers ask of the knowledge base: shelves, one article, the latest. Each answer is for one reader."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from answerable.knowledge.access import Reader, in_language, readable, visible_to
from answerable.knowledge.body import Heading, headings_of
from answerable.knowledge.models import Section, Translation

FEW = 20
_LONG = ("html", "text", "body")


@dataclass(frozen=True)
class Listed:
    """An article in a list. Its address is made of `article` and `slug`."""

    article: int
    slug: str
    locale: str
    title: str
    audience: str
    section: int
    published_at: datetime


@dataclass(frozen=True)
class Shelf:
    """A section with those of its articles that this reader may read; `more`: there are others than these."""

    pk: int
    title: str
    description: str
    parent: int | None
    articles: tuple[Listed, ...]
    more: bool


@dataclass(frozen=True)
class Above:
    """A section in which an article's own one stands; `listed`: it has a page for this reader, with articles."""

    pk: int
    title: str
    listed: bool


@dataclass(frozen=True)
class Shown:
    """One article as its reader gets it. `locales`: the languages that it is there in; `above`: from the top down."""

    translation: int
    article: int
    slug: str
    locale: str
    locales: tuple[str, ...]
    title: str
    html: str
    text: str
    headings: tuple[Heading, ...]
    audience: str
    section: int
    section_title: str
    published_at: datetime
    first_published_at: datetime
    above: tuple[Above, ...] = ()


def shelves(reader: Reader, locale: str, most: int = FEW) -> list[Shelf]:
    """The sections in which this reader finds something, in their order, each with its first articles."""
    first = _first_on_shelf(reader, most + 1)
    sections = Section.objects.annotate(first=first).order_by("position", "title", "pk")
    found = [(section, section.first) for section in sections if section.first]
    shown = [pk for _section, articles in found for pk in articles]
    texts = in_language(readable(reader).filter(article__in=shown), locale).defer(*_LONG).select_related("article")
    rows = {row.article_id: row for row in texts}
    return [_shelf(section, [rows[pk] for pk in articles if pk in rows], locale, most) for section, articles in found]


def _first_on_shelf(reader: Reader, most: int) -> ArraySubquery:
    """Of each section, so that the page costs the same however many articles stand there: the index has this order."""
    published = Exists(Translation.objects.filter(article=OuterRef("pk"), published__isnull=False))
    on_shelf = visible_to(reader).filter(published, section=OuterRef("pk")).order_by("position", "pk")
    return ArraySubquery(on_shelf.values("pk")[:most])


def shelf(reader: Reader, pk: int, locale: str) -> Shelf | None:
    """One section with all of its articles for this reader; None where there are none."""
    section = Section.objects.filter(pk=pk).first()
    if section is None:
        return None
    found = in_language(readable(reader).filter(article__section=section), locale).defer(*_LONG)
    rows = list(found.select_related("article").order_by("article__position", "article"))
    return _shelf(section, rows, locale, len(rows)) if rows else None


def article(reader: Reader, pk: int, locale: str) -> Shown | None:
    """The article, in this language where it is there in it; None: not for this reader, or not at all."""
    found = list(
        readable(reader).filter(article=pk).select_related("article__section__parent__parent").order_by("locale")
    )
    if not found:
        return None
    by_locale = {row.locale: row for row in found}
    row = by_locale.get(locale) or by_locale.get(found[0].article.locale) or found[0]
    section = row.article.section
    return Shown(
        translation=row.pk,
        article=row.article_id,
        slug=row.slug,
        locale=row.locale,
        locales=tuple(by_locale),
        title=row.shown_title,
        html=row.html,
        text=row.text,
        headings=headings_of(row.html),
        audience=row.article.audience,
        section=section.pk,
        section_title=title_in(section, locale),
        published_at=moment(row.published_at),
        first_published_at=moment(row.first_published_at),
        above=_above(reader, section, locale),
    )


def _above(reader: Reader, section: Section, locale: str) -> tuple[Above, ...]:
    found: list[Section] = []
    while section.parent is not None:
        section = section.parent
        found.insert(0, section)
    if not found:
        return ()
    there = readable(reader).filter(article__section__in=found).values_list("article__section", flat=True)
    listed_there = set(there.distinct())
    return tuple(Above(one.pk, title_in(one, locale), one.pk in listed_there) for one in found)


def latest(reader: Reader, locale: str, most: int) -> list[Listed]:
    """What was published last."""
    return [listed(row) for row in last_published(reader, locale, most).defer(*_LONG)]


def last_published(reader: Reader, locale: str, most: int) -> QuerySet[Translation]:
    """Their texts, the latest first. The latest of all languages are asked first, which an index has in order."""
    every = readable(reader).order_by("-published_at", "-pk").values_list("pk", flat=True)
    taken = most * 2
    while True:
        pks = list(every[:taken])
        found = in_language(readable(reader).filter(pk__in=pks), locale)
        if len(pks) < taken or found.count() >= most:
            return found.select_related("article").order_by("-published_at", "-pk")[:most]
        taken *= 4


def listed(row: Translation) -> Listed:
    """For a list; the row comes with its article."""
    return Listed(
        article=row.article_id,
        slug=row.slug,
        locale=row.locale,
        title=row.shown_title,
        audience=row.article.audience,
        section=row.article.section_id,
        published_at=moment(row.published_at),
    )


def title_in(section: Section, locale: str) -> str:
    """The section's title in a language."""
    return str(section.titles.get(locale) or section.title)


def moment(at: datetime | None) -> datetime:
    """Of something that is published: it has one."""
    assert at is not None
    return at


def _shelf(section: Section, rows: list[Translation], locale: str, most: int) -> Shelf:
    return Shelf(
        pk=section.pk,
        title=title_in(section, locale),
        description=section.description,
        parent=section.parent_id,
        articles=tuple(listed(row) for row in rows[:most]),
        more=len(rows) > most,
    )
