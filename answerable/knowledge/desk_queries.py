"""What the desk asks of articles: the list with its filters and counts, one with all that belongs to it, revisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Q, QuerySet
from django.utils.translation import gettext as _

from answerable.knowledge.models import Article, ArticleOrganization, Revision, Section, Translation
from answerable.knowledge.posted import saying
from answerable.lib import sql
from answerable.lib.errors import Refused
from answerable.lib.folding import words_of
from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import Organization

PAGE = 50
CAP = 100
# The states of a list. An article is archived in all of its languages; the others are each language's own.
STATES: Mapping[str, Q] = {
    "draft": Q(published__isnull=True, review_asked_at__isnull=True, publish_at__isnull=True),
    "review": Q(review_asked_at__isnull=False),
    "scheduled": Q(publish_at__isnull=False),
    "published": Q(published__isnull=False),
    "newer": Q(published__isnull=False, published__lt=F("revision")),
}
ARCHIVED = "archived"


@dataclass(frozen=True)
class Wanted:
    """A filter; what is empty asks for nothing. `due`: those whose date to look at them again has come by this day."""

    state: str = ""
    q: str = ""
    section: int | None = None
    audience: str = ""
    locale: str = ""
    owner: int | None = None
    due: date | None = None


def states_of(row: Translation) -> list[str]:
    """What is to be said of this text, by the names of STATES."""
    if row.article.archived_at is not None:
        return [ARCHIVED]
    published = [] if row.published is None else ["published" if row.published == row.revision else "newer"]
    waits = [*(["review"] if row.review_asked_at else []), *(["scheduled"] if row.publish_at else [])]
    return [*published, *waits] or ["draft"]


def listed(wanted: Wanted, after: Cursor | None) -> Page[Translation]:
    """A page of texts, the latest edited first, each with its article, section and owner."""
    rows = _wanted(wanted).select_related("article__section", "article__owner").defer("html", "text", "body")
    if after is not None:
        rows = rows.filter(Q(edited_at__lt=after.at) | Q(edited_at=after.at, pk__lt=after.id), edited_at__lte=after.at)
    found = list(rows.order_by("-edited_at", "-pk")[: PAGE + 1])
    return page_of(found, PAGE, lambda row: Cursor(row.edited_at, row.pk))


def _wanted(wanted: Wanted) -> QuerySet[Translation]:
    is_archived = wanted.state == ARCHIVED
    rows = Translation.objects.filter(article__archived_at__isnull=not is_archived)
    if wanted.state in STATES:
        rows = rows.filter(STATES[wanted.state])
    asked = {
        "article__section": wanted.section,
        "article__audience": wanted.audience or None,
        "locale": wanted.locale or None,
        "article__owner": wanted.owner,
        "article__review_on__lte": wanted.due,
    }
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    if wanted.q.isdecimal() and len(wanted.q) < 10:
        return rows.filter(Q(article=int(wanted.q)) | Q(title__icontains=wanted.q))
    for word in words_of(wanted.q)[:8]:
        rows = rows.filter(Q(title__icontains=word) | Exists(saying(word)))
    return rows


_COUNTS = """
SELECT which.name, (SELECT count(*) FROM (
  SELECT 1 FROM knowledge_translation row JOIN knowledge_article article ON article.id = row.article_id
  WHERE (article.archived_at IS NOT NULL) = (which.name = 'archived') AND CASE which.name
    WHEN 'draft' THEN row.published IS NULL AND row.review_asked_at IS NULL AND row.publish_at IS NULL
    WHEN 'review' THEN row.review_asked_at IS NOT NULL
    WHEN 'scheduled' THEN row.publish_at IS NOT NULL
    WHEN 'published' THEN row.published IS NOT NULL
    WHEN 'newer' THEN row.published < row.revision
    ELSE true END
  LIMIT %(most)s) found)
FROM unnest(ARRAY['', 'draft', 'review', 'scheduled', 'published', 'newer', 'archived']) AS which(name)
"""


def counts() -> dict[str, str]:
    """How many texts there are in each state, said up to CAP: "100+" are more."""
    found = sql.rows(_COUNTS, {"most": CAP + 1})
    return {name: f"{CAP}+" if number > CAP else str(number) for name, number in found}


def find_article(pk: int) -> Article | None:
    """The article with its section and owner, archived or not."""
    return Article.objects.select_related("section", "owner", "created_by").filter(pk=pk).first()


def texts_of(article: Article) -> list[Translation]:
    """The article in its languages, the first one first; without what is shown to readers."""
    rows = Translation.objects.filter(article=article).select_related("article", "review_asked_by", "publish_by")
    found = rows.defer("html", "text").order_by("locale")
    return sorted(found, key=lambda row: row.locale != article.locale)


def organizations_of(article: Article) -> list[tuple[int, str]]:
    """Whose members read it, by name."""
    rows = ArticleOrganization.objects.filter(article=article).order_by("organization__name", "organization")
    return list(rows.values_list("organization", "organization__name"))


def named(ids: Iterable[int]) -> list[tuple[int, str]]:
    """These organizations, by name."""
    return list(Organization.objects.filter(pk__in=set(ids)).order_by("name", "pk").values_list("pk", "name"))


def revision(row: Translation, number: int) -> Revision | None:
    """One of the texts that this was."""
    return Revision.objects.filter(translation=row, number=number).first()


def revisions(row: Translation, before: int | None) -> Page[Revision]:
    """All that its text ever was, latest first, without the words; paged by number."""
    rows = Revision.objects.filter(translation=row).defer("body").order_by("-number")
    found = list((rows if before is None else rows.filter(number__lt=before))[: PAGE + 1])
    return page_of(found, PAGE, lambda one: Cursor(one.at, one.number))


@dataclass(frozen=True)
class Shelved:
    """A section in the tree of all: how deep it stands, and what stands in it. `first`, `last`: among its siblings."""

    section: Section
    depth: int
    articles: int
    first: bool
    last: bool


def tree() -> list[Shelved]:
    """The sections at work, each below its parent, in their order."""
    rows = list(Section.objects.filter(archived_at__isnull=True).order_by("position", "title", "pk"))
    counted = dict(sql.rows(_STANDING, {}))
    below: dict[int | None, list[Section]] = {}
    known = {row.pk for row in rows}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def walk(parent: int | None, depth: int) -> list[Shelved]:
        siblings = below.get(parent, [])
        return [
            one
            for at, row in enumerate(siblings)
            for one in (
                Shelved(row, depth, counted.get(row.pk, 0), at == 0, at == len(siblings) - 1),
                *walk(row.pk, depth + 1),
            )
        ]

    return walk(None, 0)


_STANDING = "SELECT section_id, count(*) FROM knowledge_article WHERE archived_at IS NULL GROUP BY section_id"


def archived_sections() -> list[Section]:
    """What was put away, latest first."""
    return list(Section.objects.filter(archived_at__isnull=False).order_by("-archived_at", "pk")[:PAGE])


def find_section(pk: int) -> Section:
    """One of them, put away or not. Raises Refused."""
    section = Section.objects.filter(pk=pk).first()
    if section is None:
        raise Refused("not_found", _("There is no such section."))
    return section
